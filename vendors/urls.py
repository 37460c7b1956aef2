"""Addresses of the vendors room."""

from django.urls import URLPattern

app_name = "vendors"

urlpatterns: list[URLPattern] = []
