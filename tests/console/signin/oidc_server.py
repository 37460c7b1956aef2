"""A small real OpenID provider over HTTP: discovery, authorisation, PKCE, token, keys; and ways to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass
class Provider:
    """One provider. ``change`` edits the claims, ``sign`` replaces signing, ``iss`` goes into the redirect."""

    client_id: str = "countersign"
    client_secret: str = "a secret of the client"
    subject: str = "subject-1"
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    algorithm: str = "RS256"
    signing_key: Any = None
    iss: str | None = None
    discovery: dict[str, Any] = field(default_factory=dict)
    replay: str | None = None
    asked: dict[str, str] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    #: Paths that answer with a redirect to ``/moved<path>``, and those that were asked there.
    moved: tuple[str, ...] = ()
    followed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.is_moved():
                    return None
                parts = urlsplit(self.path)
                if parts.path == "/.well-known/openid-configuration":
                    return self.answer(provider.document())
                if parts.path == "/jwks":
                    return self.answer(provider.jwks())
                if parts.path == "/authorize":
                    return self.leave({k: v[0] for k, v in parse_qs(parts.query).items()})
                return self.answer({}, 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.is_moved():
                    return
                status, answer = provider.token({k: v[0] for k, v in parse_qs(body).items()})
                self.answer(answer, status)

            def is_moved(self) -> bool:
                if self.path.startswith("/moved"):
                    provider.followed.append(self.path)
                    self.path = self.path.removeprefix("/moved")
                elif self.path in provider.moved:
                    self.send_response(307)
                    self.send_header("Location", f"{provider.issuer}/moved{self.path}")
                    self.end_headers()
                    return True
                return False

            def leave(self, asked: dict[str, str]) -> None:
                self.send_response(302)
                self.send_header("Location", provider.authorise(asked))
                self.end_headers()

            def answer(self, data: Any, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(data).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "claims_supported": ["sub", "acr", "amr", "auth_time"],
            **self.discovery,
        }

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorise(self, asked: dict[str, str]) -> str:
        self.asked = asked
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]} | ({"iss": self.iss} if self.iss else {})
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        fine = asked is not None and asked.get("code_challenge", "") == challenge.decode().rstrip("=")
        if not fine or given.get("client_secret") != self.client_secret:
            return 400, {"error": "invalid_grant"}
        token = self.replay or self.id_token(asked.get("nonce", ""))
        self.issued.append(token)
        return 200, {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": token}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": self.subject, "iat": now, "exp": now + 300,
                  "nonce": nonce, **self.claims}  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in self.without}
        key = self.key if self.signing_key is None else self.signing_key
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "one"})
