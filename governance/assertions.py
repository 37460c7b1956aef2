"""Checking a kept security-key assertion again, long after, with nothing but the row."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authenticator_data,
    verify_signature,
)
from webauthn.helpers.exceptions import WebAuthnException

from governance.models import StepUp


def verify_kept_assertion(step_up: StepUp, *, origins: list[str] | None = None) -> list[str]:
    """What is wrong with the assertion a step-up keeps; nothing wrong gives an empty list.

    Checked: it answers a ``webauthn.get`` whose challenge is the step-up's digest (where it has
    one), at one of ``origins`` (where given), for its relying party, with the user present and
    verified, with a growing counter, and the public key kept beside it signed exactly that.
    """
    kept = step_up.assertion
    if not isinstance(kept, dict):
        return ["no assertion was kept"]
    try:
        return _problems(kept, step_up.digest, origins)
    except (KeyError, TypeError, ValueError, WebAuthnException) as error:
        return [f"the kept assertion cannot be read: {error}"]


def _problems(kept: dict[str, Any], digest: str, origins: list[str] | None) -> list[str]:
    client_raw, auth_raw = base64url_to_bytes(kept["client_data_json"]), base64url_to_bytes(kept["authenticator_data"])
    client, auth = json.loads(client_raw), parse_authenticator_data(auth_raw)
    before = kept["sign_count_before"]
    checks = {
        "it does not answer a request to authenticate": client["type"] == "webauthn.get",
        "its challenge is not the digest": not digest or _same(base64url_to_bytes(client["challenge"]), digest),
        "it was made at another origin": origins is None or client["origin"] in origins,
        "it was made for another relying party": auth.rp_id_hash == hashlib.sha256(kept["rp_id"].encode()).digest(),
        "the user was not present": auth.flags.up,
        "the user was not verified": auth.flags.uv,
        "the key's counter did not grow": auth.sign_count > before or not (auth.sign_count or before),
        "the signature does not hold": _signed(kept, auth_raw + hashlib.sha256(client_raw).digest()),
    }
    return [problem for problem, fine in checks.items() if not fine]


def _same(challenge: bytes, digest: str) -> bool:
    return hmac.compare_digest(challenge, bytes.fromhex(digest))


def _signed(kept: dict[str, Any], signed: bytes) -> bool:
    public = decode_credential_public_key(base64url_to_bytes(kept["public_key"]))
    try:
        verify_signature(
            public_key=decoded_public_key_to_cryptography(public),
            signature_alg=public.alg,
            signature=base64url_to_bytes(kept["signature"]),
            data=signed,
        )
    except InvalidSignature:
        return False
    return True
