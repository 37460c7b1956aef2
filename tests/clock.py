"""The clock of a test, moved on."""

from __future__ import annotations

import datetime as dt

import time_machine
from django.utils import timezone


def later(**passed: float) -> time_machine.travel:
    """It is so much later, and time goes on: ``with later(seconds=9):``."""
    return time_machine.travel(timezone.now() + dt.timedelta(**passed), tick=True)
