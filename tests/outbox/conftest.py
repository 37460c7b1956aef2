"""A mail server for the tests of the outbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outbox.mailbox import Mailbox


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    """A running mail server, to which Django sends."""
    box = Mailbox()
    controller = box.controller()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield box
    controller.stop()
