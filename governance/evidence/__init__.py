"""Files that prove something: received, inspected, kept, scanned and shown. Knows no person and no database."""
