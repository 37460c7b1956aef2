"""What the vendors room answers to products."""

from tests.matrix import Operation

OPERATIONS = [
    # The register is the company's, not a tenant's: an account bound to a tenant reads it too.
    Operation("list_services", "decide", foreign=200),
]
