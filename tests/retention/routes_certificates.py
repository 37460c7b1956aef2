"""Addresses of certificates: read in the console, checked by anybody."""

from __future__ import annotations

from typing import Any

from tests.matrix import EVERYBODY, Route

READ = {"privacy_officer", "auditor", "administrator"}
ANYBODY = EVERYBODY | {"anonymous"}


def certificate(world: Any) -> dict[str, Any]:
    return {"certificate_id": world.certificate.id}


def known(world: Any) -> dict[str, Any]:
    return {"digest": world.certificate.digest}


ROUTES = [
    Route("retention:certificate_read", READ, args=certificate),
    Route("retention:certificate_download", READ, args=lambda w: certificate(w) | {"form": "pdf"}),
    Route("retention:certificate_download", READ, args=lambda w: certificate(w) | {"form": "json"}),
    Route("retention:certificate_download", READ, args=lambda w: certificate(w) | {"form": "zip"}),
    Route("retention:certificate_check", ANYBODY),
    Route("retention:certificate_check", ANYBODY, "POST", data=known),
    Route("retention:certificate_known", ANYBODY, args=known),
]
