"""Addresses of the retention room."""

from django.urls import URLPattern

from retention.urls.cases import case_patterns
from retention.urls.certificates import certificate_patterns
from retention.urls.holds import hold_patterns

app_name = "retention"

urlpatterns: list[URLPattern] = [*case_patterns, *hold_patterns, *certificate_patterns]
