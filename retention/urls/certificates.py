"""Addresses of certificates; those under ``check/`` are open to anybody."""

from django.urls import URLPattern, path, re_path

from retention.views import certificate_check, certificates

certificate_patterns: list[URLPattern] = [
    path("certificates/<uuid:certificate_id>/", certificates.certificate_read, name="certificate_read"),
    path(
        "certificates/<uuid:certificate_id>/download/<slug:form>/",
        certificates.certificate_download,
        name="certificate_download",
    ),
    path("check/", certificate_check.certificate_check, name="certificate_check"),
    re_path(r"^check/(?P<digest>[0-9a-f]{64})/$", certificate_check.certificate_known, name="certificate_known"),
]
