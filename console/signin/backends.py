"""Password sign-in: the same answer, in the same time, for everybody it refuses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from console.signin.attempts import note_failure
from console.signin.providers import sso_is_configured
from governance.models import Person
from governance.services.sign_ins import matches


class PasswordBackend(ModelBackend):
    """E-mail and password. With single sign-on set up only break-glass accounts (I07)."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, email: str = "", password: str = "", **credentials: Any
    ) -> Person | None:
        """The person, or ``None`` for every kind of no; one hash is computed whatever the reason."""
        person: Person | None = Person.objects.filter(email__iexact=email.strip()).first() if email else None
        right = matches(person, password)
        if right and person is not None and may_use_password(person):
            return person
        note_failure(
            request, "signin.failed", factor="password", why=why_refused(person, right),
            person_id=person.id if person else None, typed=email,
        )  # fmt: skip
        return None


def why_refused(person: Person | None, right: bool) -> str:
    """For the log alone: the page says the same of every refusal."""
    if person is None:
        return "nobody"
    if not right:
        return "wrong"
    return "single_sign_on_only" if person.is_active else "disabled"


def may_use_password(person: Person) -> bool:
    """Whether a local password signs this person in at all."""
    return person.is_active and (person.is_break_glass or not sso_is_configured())
