"""Anything a client might send, made from our own OpenAPI document: no 5xx, no undocumented answer.

``make fuzz`` sends 100,000 requests; the suite a bounded sample of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings

from tests.calling import operations_of_api, token_for
from tests.conftest import undone

pytestmark = pytest.mark.django_db

#: How many requests altogether, spread over the operations.
REQUESTS = int(os.environ.get("FUZZ", "0"))
EXAMPLES = max(15, REQUESTS // len(operations_of_api()))

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())

#: A shape says nothing of whether a tenant exists: what is well formed may still be refused (422).
LEFT_OUT = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
#: Unknown query parameters are ignored, and we give the token that a case may have taken away: what has no body may
#: be answered although the case calls it wrong.
NO_BODY = [*LEFT_OUT, schemathesis.checks.CHECKS.get_one("negative_data_rejection")]


@pytest.fixture(scope="module")
def token(shared_world) -> Iterator[str]:
    """A token with every scope; the connection stays open between requests, as in Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield token_for(shared_world, shared_world.account)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not REQUESTS,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_breaks_it(case, token):
    with undone():
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        left_out = NO_BODY if case.method == "GET" else LEFT_OUT
        case.validate_response(answer, excluded_checks=left_out, headers={"Authorization": f"Bearer {token}"})
