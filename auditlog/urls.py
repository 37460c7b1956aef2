"""Addresses of the auditlog room."""

from django.urls import path

from auditlog import views

app_name = "auditlog"

urlpatterns = [
    path("", views.event_list, name="event_list"),
    path("export/", views.event_export, name="event_export"),
    path("events/<uuid:uid>/", views.event_detail, name="event_detail"),
    path("subjects/<str:kind>/<uuid:subject_id>/", views.subject_open, name="subject_open"),
    path("checkpoints/", views.checkpoint_list, name="checkpoint_list"),
    path("checkpoints/<int:checkpoint_id>/", views.checkpoint_download, name="checkpoint_download"),
    path("verify/", views.log_verify, name="log_verify"),
    path("bundle/", views.bundle_download, name="bundle_download"),
    path("checkpoint", views.checkpoint_latest, name="checkpoint_latest"),
    path("keys", views.key_list, name="key_list"),
    path("tile/<int:level>/<path:place>", views.tile_read, name="tile_read"),
]
