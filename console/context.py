"""What every page of the shell shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from governance.navigation import navigation_for
from governance.queries.people import unread_count
from governance.vocabulary import Role


@dataclass(frozen=True, slots=True)
class PersonLink:
    """One entry of the person's menu."""

    label: Any
    url: str
    icon: str


#: The person's menu, in order; what a room does not offer is left out.
PERSON_LINKS = (
    (_("My roles"), "governance:my_roles", "id-card"),
    (_("Preferences"), "console:preferences", "sliders-horizontal"),
    (_("Security"), "signin:security", "key-round"),
    (_("Sessions"), "signin:session_list", "laptop"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Demo banner, the actor, where they may go, what they have not read; nothing is asked before it is shown."""
    actor = getattr(request, "actor", None)
    page = {"demo_mode": settings.DEMO, "csp_nonce": getattr(request, "csp_nonce", ""), "actor": actor}
    if actor is None:
        return page | {"theme": "auto"}
    return page | {
        "theme": request.user.theme,  # type: ignore[union-attr]
        "navigation": SimpleLazyObject(lambda: navigation_for(actor, request.path)),
        "unread_count": SimpleLazyObject(lambda: unread_count(actor.id)),
        "role_names": sorted({str(Role(held.role).label) for held in actor.roles}),
        "person_links": SimpleLazyObject(_person_links),
    }


def _person_links() -> list[PersonLink]:
    return [PersonLink(label, url, icon) for label, name, icon in PERSON_LINKS if (url := _address(name))]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
