"""A mail server for the tests of the outbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outbox.mailbox import Mailbox
from tests.outbox.receiver import Receiver


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


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A running webhook receiver on this machine, which webhooks may reach."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    running = Receiver().start()
    yield running
    running.stop()


@pytest.fixture
def no_jitter(monkeypatch) -> None:
    """Waits as they are written down."""
    monkeypatch.setattr("outbox.services.waits.jittered", lambda wait: wait)
