"""Every address of the console."""

from django.urls import URLPattern, URLResolver, include, path

from console.api import api
from console.views import health
from console.window import window

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_page, name="metrics"),
    path("api/v1/", api.urls),
    path("", include("console.signin.urls")),
    path("admin/", window.urls),
    path("log/", include("auditlog.urls")),
    path("vendors/", include("vendors.urls")),
    path("reviews/", include("reviews.urls")),
    path("retention/", include("retention.urls")),
    path("", include("console.shell_urls")),
    path("", include("governance.urls")),
]

handler400 = "console.views.errors.bad_request"
handler500 = "console.views.errors.server_error"
