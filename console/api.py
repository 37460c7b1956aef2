"""The API under /api/v1: every room's operations, described by ``openapi.json`` and readable at ``docs``."""

from __future__ import annotations

from console.api_docs import DocsPage
from governance.api.root import Api
from governance.tenants_api import router as tenants_router
from retention.api import router as retention_router
from reviews.api import router as reviews_router
from vendors.api import router as vendors_router

api = Api(
    title="Countersign",
    version="1",
    description="What is approved, and what people decided, for the products that have to ask.",
    urls_namespace="api",
    docs=DocsPage(),
)
api.add_router("", vendors_router)
api.add_router("", reviews_router)
api.add_router("", tenants_router)
api.add_router("", retention_router)
