"""The rooms: foreign keys point down, and every governed model is guarded."""

from __future__ import annotations

from django.apps import apps

LAYERS = ["auditlog", "outbox", "tenants", "governance", "vendors", "console"]


def test_foreign_keys_point_down():
    upwards = []
    for model in apps.get_models():
        room = model._meta.app_label
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if room not in LAYERS or field.auto_created or not hasattr(target, "_meta"):
                continue
            if target._meta.app_label in LAYERS and LAYERS.index(target._meta.app_label) > LAYERS.index(room):
                upwards.append(f"{model.__name__}.{field.name}")
    assert not upwards


def test_people_are_never_lost_by_cascade():
    from django.db.models import CASCADE, SET_NULL

    lost = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in LAYERS
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is apps.get_model("governance.Person")
        and not field.auto_created
        and field.remote_field.on_delete in (CASCADE, SET_NULL)
    ]
    assert not lost
