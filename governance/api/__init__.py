"""What every room's ``api.py`` is made of: bearer tokens, problems, idempotency, cursor lists."""

from governance.api.auth import bearer
from governance.api.idempotency import idempotent
from governance.api.paging import Cursor, Listing, listed

__all__ = ["Cursor", "Listing", "bearer", "idempotent", "listed"]
