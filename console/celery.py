"""The Celery application; ``console/broker.py`` is its configuration."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("countersign")
app.config_from_object("console.broker")


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Celery logs through Django's LOGGING; having a receiver is what tells it so."""
