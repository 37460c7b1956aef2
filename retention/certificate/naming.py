"""How each kind of store names what was in it, in words: who looks for one object has to write its name so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from retention.certificate.object_names import FORMS, Flaw
from retention.certificate.reading import kind_label, store_name
from tenants.vocabulary import StoreKind

#: Kinds of stores with names to look for, in the order in which a page lists them.
NAMED = (StoreKind.S3.value, StoreKind.SQL.value, StoreKind.FILESYSTEM.value, "own")


@dataclass(frozen=True, slots=True)
class Form:
    """The form of names in one store, or in every store of a kind; ``key`` is empty in the latter case."""

    label: str
    key: str
    kinds: str
    words: str
    example: str


def forms_by_kind() -> list[Form]:
    """For every kind of store."""
    return [_form(kind_label(kind), "", kind) for kind in NAMED]


def forms_in(stores: list[dict[str, Any]]) -> list[Form]:
    """For the stores of one certificate, each once; what others told of lists no names."""
    found = {row["key"]: _form(store_name(row), row["key"], row["kind"]) for row in stores if row["kind"] in FORMS}
    return list(found.values())


def form_words(kind: str) -> str:
    """The form of names and an example, in one line; empty where there are none."""
    if kind not in FORMS:
        return ""
    return _("%(form)s, such as %(example)s") % {"form": _words()[kind], "example": FORMS[kind].example}


def flaw_words(flaw: Flaw, asked: str, stores: list[dict[str, Any]]) -> str:
    """Why an object could not be looked for, and what to write instead."""
    row = flaw.store
    if row is None:
        told = ", ".join(f"{form.key} ({form.label})" for form in forms_in(stores)) or _("none with names")
        return _("This certificate lists no data store “%(asked)s”. It has: %(stores)s.") % {
            "asked": asked, "stores": told,
        }  # fmt: skip
    name = store_name(row)
    if flaw.code == "store":
        return _("%s lists no objects: what became of them is the word of whoever keeps it.") % name
    if flaw.code == "kind":
        told_kind = {"store": name, "label": kind_label(row["kind"]), "kinds": ", ".join(FORMS[row["kind"]].kinds)}
        return _("%(store)s is of the kind “%(label)s”. What was in it is one of: %(kinds)s.") % told_kind
    if flaw.code == "version":
        return _("Give the version’s id as well; where %s kept no versions, it is null.") % name
    return _("%(store)s names what was in it otherwise: %(form)s.") % {"store": name, "form": form_words(row["kind"])}


def _form(label: str, key: str, kind: str) -> Form:
    form = FORMS[kind]
    return Form(label, key, ", ".join(form.kinds), _words()[kind], form.example)


def _words() -> dict[str, str]:
    return {
        "s3": _("the object’s whole key, and the version’s id (null where the bucket kept none)"),
        "sql": _("the table and then the row’s primary key, as a JSON list"),
        "filesystem": _("the path below the store’s folder, without a slash before it"),
        "own": _("the row’s id, as in the data that was returned"),
    }
