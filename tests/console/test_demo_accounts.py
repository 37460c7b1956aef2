"""The demo company's product: its account and token are made once, and only in a demo."""

from __future__ import annotations

import pytest

from auditlog.errors import InvalidInputError
from auditlog.models import Event
from console.demo.company import seed_company
from console.demo.service_accounts import PRODUCTS, described_tokens, seed_service_accounts
from governance.models import ServiceAccount, ServiceToken
from governance.vocabulary import Scope
from tests.calling import call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.RETENTION_FOLDERS = [str(tmp_path)]


def test_seeding_twice_changes_nothing_and_the_token_works(settings):
    settings.DEMO = True
    seed_company()
    seed_service_accounts()
    events = Event.objects.count()
    seed_service_accounts()
    assert Event.objects.count() == events
    (account,), (token,) = ServiceAccount.objects.all(), ServiceToken.objects.all()
    assert account.scopes == sorted(Scope.values)
    (described,) = described_tokens()
    assert described["token"] == PRODUCTS[0].token
    assert token.digest not in str(described)
    assert call("GET", "/api/v1/services", token=PRODUCTS[0].token).status_code == 200


def test_outside_a_demo_there_is_no_known_token(settings):
    settings.DEMO = False
    seed_company()
    with pytest.raises(InvalidInputError):
        seed_service_accounts()
    assert not ServiceToken.objects.exists()
