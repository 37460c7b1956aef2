"""Django's admin pages as a read-only window on the rows: nothing can be changed from here, by anybody.

Every change goes through a service with an actor (ADR 2), so the site has no add, change or delete
view that writes, no actions, and no password form of its own: people come from our sign-in, with
their second factor, and hold ``Right.READ_ADMIN_PAGES``.
"""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Field, Model
from django.forms import Media
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.views.decorators.cache import never_cache

from auditlog.models import Governed
from governance.authority import Right, has_right
from governance.http import page

#: Fields nobody needs to see: secrets, digests of secrets, and what unlocks something.
HIDDEN = re.compile(r"password|secret|seed|sealed|salt|token|keyed|challenge|assertion|credential|session_id|client_id")

#: Texts for somebody else's eyes: what a message says (a link that opens something, what a customer wrote).
CONTENT = {"outbox.Message.text", "outbox.Message.unsubscribe_url"}

#: Names of the addresses that stay.
LOOKING = re.compile(r"index|app_list|jsi18n|\w+_changelist|(?!password)\w+_change")


class Window(admin.AdminSite):
    """The read-only site."""

    site_header = site_title = "Countersign"
    index_title = "Rows, to look at"

    def has_permission(self, request: HttpRequest) -> bool:
        """Only with our own sign-in and the right."""
        return has_right(getattr(request, "actor", None), Right.READ_ADMIN_PAGES)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Our sign-in and our 403 page instead of the site's own password form."""
        return page(Right.READ_ADMIN_PAGES)(never_cache(view))

    def get_urls(self) -> list[Any]:
        """Only what looks: no password change, no sign-out, no add, delete or history."""
        return [kept for entry in super().get_urls() if (kept := looking(entry)) is not None]


def looking(entry: URLPattern | URLResolver) -> URLPattern | URLResolver | None:
    """The entry without what is not for looking, or nothing."""
    if isinstance(entry, URLPattern):
        return entry if LOOKING.fullmatch(entry.name or "") else None
    inner = [kept for pattern in entry.url_patterns if (kept := looking(pattern)) is not None]
    return URLResolver(entry.pattern, inner) if inner else None


class Glass(admin.ModelAdmin):  # type: ignore[type-arg]
    """One model behind glass."""

    actions = None
    list_per_page = 50
    list_select_related = True
    show_full_result_count = False
    list_max_show_all = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may enter the window sees all of it."""
        return has_right(getattr(request, "actor", None), Right.READ_ADMIN_PAGES)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As :meth:`has_view_permission`."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    @property
    def media(self) -> Media:
        """No scripts: there is nothing to fill in, and the admin's own would break the content-security policy."""
        return Media()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What may be seen."""
        return shown(self.model)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """All of it."""
        return shown(self.model)


def shown(model: type[Model]) -> list[str]:
    """The model's own fields without those in :data:`HIDDEN` and :data:`CONTENT`."""
    return [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, Field) and not HIDDEN.search(field.name) and str(field) not in CONTENT
    ]


def build() -> Window:
    """A window with every governed model of every room."""
    window = Window(name="admin")
    for model in apps.get_models():
        if issubclass(model, Governed):
            window.register(model, Glass)
    return window


window = build()
