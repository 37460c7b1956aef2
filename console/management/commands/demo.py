"""``manage.py demo``: seed the demo company and say who to sign in as."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.demo.company import MEMBERS, PASSWORD, TENANTS, seed_company
from console.demo.retention import seed_retention
from console.demo.reviews import seed_reviews
from console.demo.service_accounts import PRODUCTS, described_tokens, direct_webhooks, seed_service_accounts
from console.demo.vendors import seed_vendors


class Command(BaseCommand):
    """Running it twice changes nothing."""

    help = "Seed the demo company (once) and print who to sign in as."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--json`` for programs."""
        parser.add_argument("--json", action="store_true", help="print people, tenants and service tokens as JSON")
        parser.add_argument("--webhook", metavar="URL", help="send the product's webhooks there, with a new secret")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, then print."""
        if not (settings.DEMO and settings.DEBUG):
            raise CommandError(
                "The demo company has known passwords, so it needs DEMO=1 and DEBUG=1. "
                "For a real installation run: manage.py found"
            )
        seed_company()
        seed_service_accounts()
        seed_vendors()
        seed_reviews()
        seed_retention()
        secret = direct_webhooks(options["webhook"]) if options["webhook"] else ""
        if options["json"]:
            self.stdout.write(json.dumps(described(secret), indent=2))
        else:
            self.stdout.write(table())


def described(webhook_secret: str = "") -> dict[str, Any]:
    """The demo company for programs."""
    return {
        "url": settings.PUBLIC_URL,
        "people": [
            {
                "name": member.name,
                "email": member.email,
                "password": PASSWORD,
                "totp_secret": member.totp_secret,
                "roles": list(member.roles),
                "does": member.does,
            }
            for member in MEMBERS
        ],
        "tenants": [
            {"key": key, "name": name, "regions": list(regions), "sites": [site for site, _name in sites]}
            for key, name, regions, sites in TENANTS
        ],
        "service_tokens": described_tokens(webhook_secret),
    }


def table() -> str:
    """The same for people."""
    lines = [f"Sign in at {settings.PUBLIC_URL} with the password: {PASSWORD}", ""]
    lines += [f"  {m.email:<28} {m.totp_secret}   {m.does}" for m in MEMBERS]
    lines += [
        "",
        "The second column is the TOTP secret: put it into an authenticator app, or run",
        "  make code WHO=ana",
        "",
        *(f"{product.name} calls the API with: {product.token}" for product in PRODUCTS),
    ]
    return "\n".join(lines)
