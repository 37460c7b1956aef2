"""Calls to Countersign, with retries that cannot do anything twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from countersign_client.digests import digest_of
from countersign_client.errors import ProblemError, UnreachableError

#: Asked again after these: nothing happened, or the idempotency key makes a repeat harmless.
AGAIN = (429, 502, 503, 504)
METHODS = frozenset({"GET", "PUT", "POST"})


class Countersign:
    """One service account's connection. Safe to share between threads.

    ``retries`` is how often a call is repeated when the server is away or busy (0.2 s, 0.4 s, 0.8 s … apart);
    ``timeout`` is in seconds, for each attempt.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 10, retries: int = 4, connections: int = 8) -> None:
        self._root = f"{url.rstrip('/')}/api/v1"
        again = urllib3.Retry(
            retries, backoff_factor=0.2, status_forcelist=AGAIN, allowed_methods=METHODS, raise_on_status=False,
            redirect=0, respect_retry_after_header=True,
        )  # fmt: skip
        self._pool = urllib3.PoolManager(
            maxsize=connections, timeout=timeout, retries=again,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )  # fmt: skip

    def put_source(
        self, tenant: str, record: str, content: Any = None, *, site: str = "", digest: str = "", removed: bool = False
    ) -> dict[str, Any]:
        """Send a source record as it is now: its content, its ``digest`` alone, or that it was ``removed``."""
        body = {"site": site, "content": content, "digest": digest, "removed": removed}
        if content is not None:
            body["digest"] = digest_of(content)
        return self._call("PUT", f"/source-records/{quote(tenant, safe='')}/{quote(record)}", body)

    def submit(self, draft: Mapping[str, Any], *, key: str = "") -> dict[str, Any]:
        """Put a draft before a person. ``key`` makes a repeat of yours harmless, even after a crash of yours."""
        return self._call("POST", "/review-items", dict(draft), key=key)

    def item(self, item_id: str) -> dict[str, Any]:
        """Where an item stands; the decision once it is final."""
        return self._call("GET", f"/review-items/{item_id}")

    def items(self, *, state: str = "", reference: str = "") -> Iterator[dict[str, Any]]:
        """All of one's items, newest first, page after page."""
        after = ""
        while True:
            query = urlencode({"state": state, "reference": reference, "after": after, "limit": 200})
            page = self._call("GET", f"/review-items?{query}")
            yield from page["items"]
            if not (after := page["next"] or ""):
                return

    def finality(self, item_id: str, digest: str) -> dict[str, Any]:
        """May one act on this record? ``receipt`` is there only for an approval that nobody acted on yet."""
        return self._call("GET", f"/review-items/{item_id}/finality?{urlencode({'digest': digest})}")

    def consume(self, item_id: str, receipt: str) -> dict[str, Any]:
        """Use the receipt, just before acting. Raises :class:`ProblemError` (RECEIPT_USED) the second time."""
        return self._call("POST", f"/review-items/{item_id}/finality/consume", {"receipt": receipt})

    def withdraw(self, item_id: str) -> dict[str, Any]:
        """No decision is needed any more."""
        return self._call("POST", f"/review-items/{item_id}/withdraw")

    def answer(self, item_id: str, answer: str) -> dict[str, Any]:
        """Answer a reviewer's question."""
        return self._call("POST", f"/review-items/{item_id}/answer", {"answer": answer})

    def services(self) -> dict[str, Any]:
        """The first page of AI services and what each is approved for (scope ``decide``)."""
        return self._call("GET", "/services")

    def _call(self, method: str, path: str, body: Any = None, *, key: str = "") -> dict[str, Any]:
        headers = dict(self._pool.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        try:
            answer = self._pool.request(
                method, self._root + path, headers=headers, body=None if body is None else json.dumps(body).encode()
            )
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(str(error)) from error
        return self._read(answer)

    @staticmethod
    def _read(answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
        try:
            told = json.loads(answer.data)
        except ValueError as error:
            raise UnreachableError(f"{answer.status} without JSON") from error
        if answer.status >= 400 or not isinstance(told, dict):
            raise ProblemError(answer.status, told if isinstance(told, dict) else {})
        return told
