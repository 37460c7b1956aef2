"""What people hear of: each room declares its kinds in ``AppConfig.ready()``, with a name and how it starts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from governance.models.notifications import Channel


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """One kind a person can choose a channel for. It covers its key, and what lies under it (``approval.…``).

    ``urgent`` ones do not wait for quiet hours to end. ``may_be_off`` ones can be left out of the app
    too. ``to_oneself``: a person hears of what happened in their own name.
    """

    key: str
    room: Any
    name: Any
    default: Channel = Channel.APP
    urgent: bool = False
    may_be_off: bool = False
    to_oneself: bool = False

    @property
    def channels(self) -> list[tuple[str, Any]]:
        """What a person may choose."""
        return [(value, label) for value, label in Channel.choices if value != Channel.OFF or self.may_be_off]


KINDS: dict[str, NotificationKind] = {}


def register_notification_kind(kind: NotificationKind) -> None:
    """Declare a kind; :func:`governance.services.notifications.notify` names it or one under it."""
    KINDS[kind.key] = kind


def kind_of(name: str) -> NotificationKind:
    """The declared kind that covers ``name``: itself or the nearest above it. Undeclared ones stay in the app."""
    key = name
    while key:
        if key in KINDS:
            return KINDS[key]
        key = key.rpartition(".")[0]
    return NotificationKind(name, "", name)


def choosable() -> list[NotificationKind]:
    """Every declared kind, by room and name."""
    return sorted(KINDS.values(), key=lambda kind: (str(kind.room), str(kind.name)))
