"""The console: settings, addresses, jobs, sign-in and the pages that belong to no other room."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
