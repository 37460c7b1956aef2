"""An account that calls too often is told when to come back; the others notice nothing."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from governance.vocabulary import Scope
from tests.calling import account_for, call, token_for


@pytest.fixture
def noon():
    """Ten seconds into a minute that only this test counts in."""
    cache.clear()
    start = timezone.now().replace(second=10, microsecond=0) + dt.timedelta(minutes=1)
    with time_machine.travel(start, tick=False) as clock:
        yield clock


def ask(token):
    return call("GET", "/api/v1/services", token=token)


def test_one_call_too_many_is_told_when_to_come_back(world, settings, noon):
    settings.API_CALLS_PER_MINUTE = 3
    token = token_for(world, account_for(world, "assistant", Scope.values))
    other = token_for(world, account_for(world, "other", Scope.values))
    assert [ask(token).status_code for _n in range(3)] == [200] * 3
    refused = ask(token)
    assert (refused.status_code, json.loads(refused.content)["code"]) == (429, "TOO_MANY")
    assert refused["Retry-After"] == "50"
    assert ask(other).status_code == 200
    noon.shift(50)
    assert ask(token).status_code == 200


def test_all_tokens_of_an_account_count_together(world, settings, noon):
    settings.API_CALLS_PER_MINUTE = 1
    account = account_for(world, "assistant", Scope.values)
    assert ask(token_for(world, account)).status_code == 200
    assert ask(token_for(world, account)).status_code == 429


def test_nothing_is_refused_while_redis_is_away(world, settings, noon):
    settings.API_CALLS_PER_MINUTE = 1
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    token = token_for(world, account_for(world, "assistant", Scope.values))
    assert [ask(token).status_code for _n in range(3)] == [200] * 3


def test_redis_counts_for_all_machines(world, settings, noon, redis_server):
    settings.API_CALLS_PER_MINUTE = 2
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_server}}
    token = token_for(world, account_for(world, "assistant", Scope.values))
    assert [ask(token).status_code for _n in range(3)] == [200, 200, 429]
