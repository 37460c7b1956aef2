"""Addresses of the figures, below ``/reviews/``."""

from django.urls import URLPattern, path

from reviews.views import figures as views

urlpatterns: list[URLPattern] = [
    path("figures/", views.figures, name="figures"),
    path("figures/export/<slug:form>/", views.figures_export, name="figures_export"),
]
