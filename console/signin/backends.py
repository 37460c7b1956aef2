"""Password sign-in: the same answer, in the same time, for everybody it refuses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from console.signin.providers import sso_is_configured
from governance.models import Person
from governance.services.sign_ins import matches


class PasswordBackend(ModelBackend):
    """E-mail and password. With single sign-on set up only break-glass accounts (I07)."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, email: str = "", password: str = "", **credentials: Any
    ) -> Person | None:
        """The person, or ``None`` for every kind of no; one hash is computed whatever the reason."""
        person = Person.objects.filter(email__iexact=email.strip()).first() if email else None
        right = matches(person, password)
        return person if right and person is not None and may_use_password(person) else None


def may_use_password(person: Person) -> bool:
    """Whether a local password signs this person in at all."""
    return person.is_active and (person.is_break_glass or not sso_is_configured())
