"""Every address of the retention room, and who gets through."""

from __future__ import annotations

from tests.retention.routes_cases import ROUTES as CASES
from tests.retention.routes_certificates import ROUTES as CERTIFICATES
from tests.retention.routes_holds import ROUTES as HOLDS

ROUTES = [*CASES, *CERTIFICATES, *HOLDS]
