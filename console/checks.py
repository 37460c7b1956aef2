"""What ``manage.py check --deploy`` says beyond Django's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def plain_connections(**_kwargs: Any) -> list[CheckMessage]:
    """Name each server that is talked to in the clear because PLAINTEXT_HOSTS trusts the network between."""
    return [
        Warning(
            f"{setting} reaches {host} without TLS that is checked; PLAINTEXT_HOSTS trusts the network between.",
            hint=fix[0].upper() + fix[1:] + ".",
            id="console.W001",
        )
        for setting, host, fix in settings.PLAINTEXT_SERVERS
    ]
