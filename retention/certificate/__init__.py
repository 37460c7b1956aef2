"""What a certificate says, how it is signed and shown, and how a customer checks it."""
