"""Every address of the console."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("log/", include("auditlog.urls")),
    path("vendors/", include("vendors.urls")),
    path("", include("governance.urls")),
]
