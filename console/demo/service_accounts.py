"""The demo company's product that calls the API: a maintenance assistant for excavators."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from console.demo.company import actor_of
from governance.models import ServiceAccount
from governance.services.service_accounts import add_service_account, issue_token
from governance.vocabulary import Scope
from outbox.models import Endpoint
from outbox.services.endpoints import add_endpoint, edit_endpoint, rotate_secret


@dataclass(frozen=True, slots=True)
class Product:
    """One of the demo products, with every scope and for every tenant."""

    name: str
    product: str
    environment: str

    @property
    def token(self) -> str:
        """The same at every start, so that an example once set up stays right; published, so never outside a demo."""
        seed = hashlib.sha256(f"countersign demo {self.product}".encode()).digest()
        return f"cs_{self.environment}_{base64.urlsafe_b64encode(seed).decode().rstrip('=')}"


PRODUCTS = (Product("Excavator maintenance assistant", "maintenance-assistant", "production"),)


def seed_service_accounts() -> None:
    """Give each product its account and token; what is there already stays as it is."""
    for product in PRODUCTS:
        if ServiceAccount.objects.filter(product=product.product, environment=product.environment).exists():
            continue
        actor = actor_of("Greta Novak")
        account = add_service_account(
            actor=actor, name=product.name, product=product.product, environment=product.environment,
            scopes=Scope.values,
        )  # fmt: skip
        issue_token(actor=actor, account_id=account.id, days=365, text=product.token)


def direct_webhooks(url: str) -> str:
    """Send the first product's webhooks to ``url`` from now on; gives the new secret, which is shown this once."""
    actor = actor_of("Greta Novak")
    account = ServiceAccount.objects.get(product=PRODUCTS[0].product, environment=PRODUCTS[0].environment)
    endpoint = Endpoint.objects.filter(account_id=account.id, disabled_at=None).first()
    if endpoint is None:
        return add_endpoint(actor=actor, account_id=account.id, url=url)[1]
    edit_endpoint(actor=actor, endpoint_id=endpoint.id, url=url, events=endpoint.events)
    return rotate_secret(actor=actor, endpoint_id=endpoint.id)[1]


def described_tokens(webhook_secret: str = "") -> list[dict[str, object]]:
    """The products' tokens for programs."""
    return [
        {
            "name": product.name,
            "product": product.product,
            "environment": product.environment,
            "tenant": None,
            "scopes": Scope.values,
            "token": product.token,
            **({"webhook_secret": webhook_secret} if webhook_secret else {}),
        }
        for product in PRODUCTS
    ]
