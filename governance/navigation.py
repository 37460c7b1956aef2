"""The shell's navigation: each room declares its places, and a person sees those that are theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from auditlog.actors import Actor
from governance.authority import Right, has_right


@dataclass(frozen=True, slots=True)
class Place:
    """One entry. ``room`` is the group's heading (empty: above all groups); ``rights`` empty: everybody."""

    room: str | Promise
    label: str | Promise
    url_name: str
    icon: str
    rights: tuple[Right, ...] = ()
    order: int = 100

    def shown_to(self, actor: Actor | None) -> bool:
        """Whether the actor may go there."""
        return actor is not None and (not self.rights or any(has_right(actor, right) for right in self.rights))


@dataclass(frozen=True, slots=True)
class Link:
    """A place as one person sees it on one page."""

    label: str
    url: str
    icon: str
    current: bool


PLACES: dict[str, Place] = {}


def register_nav(
    room: str | Promise,
    label: str | Promise,
    url_name: str,
    icon: str,
    right: Right | Iterable[Right] | None = None,
    order: int = 100,
) -> None:
    """Declare a place (``AppConfig.ready``); ``right``: who sees it, any one of several is enough."""
    rights = (right,) if isinstance(right, Right) else tuple(right or ())
    PLACES[url_name] = Place(room, label, url_name, icon, rights, order)


def navigation_for(actor: Actor | None, path: str) -> list[tuple[str, list[Link]]]:
    """The groups (heading, links) the actor sees; the link with the longest matching address is current."""
    places = sorted((place for place in PLACES.values() if place.shown_to(actor)), key=lambda place: place.order)
    addressed = [(place, url) for place in places if (url := _address(place))]
    here = max((url for _place, url in addressed if _lies_under(path, url)), key=len, default="")
    groups: dict[str, list[Link]] = {}
    for place, url in addressed:
        groups.setdefault(str(place.room), []).append(Link(str(place.label), url, place.icon, url == here))
    return list(groups.items())


def _lies_under(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def _address(place: Place) -> str:
    try:
        return reverse(place.url_name)
    except NoReverseMatch:  # a room that is not installed has no places
        return ""
