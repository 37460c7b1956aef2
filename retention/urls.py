"""Addresses of the retention room."""

from django.urls import URLPattern

from retention.case_urls import case_patterns
from retention.certificate_urls import certificate_patterns
from retention.hold_urls import hold_patterns

app_name = "retention"

urlpatterns: list[URLPattern] = [*case_patterns, *hold_patterns, *certificate_patterns]
