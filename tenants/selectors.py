"""Which part of a data store is one tenant's, as text in the form of its kind.

| kind | form | example |
| --- | --- | --- |
| ``s3`` | bucket/prefix/ | ``customer-files/acme/`` |
| ``sql`` | table.column=value | ``orders.tenant_key=acme`` |
| ``filesystem`` | /folder/ | ``/srv/exports/acme/`` |
| ``webhook`` | https address | ``https://assistant.example/erasures`` |
| ``attested`` | who attests | ``Backup vault, Frankfurt`` |

A selector is never empty and ends in a delimiter, so that ``acme/`` does not reach ``acme2/``.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from tenants.vocabulary import StoreKind

LONGEST = 500
#: Kinds whose selectors are paths: one may hold another.
PATHS = frozenset({StoreKind.S3, StoreKind.FILESYSTEM})
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
NUMBER = re.compile(r"[0-9]{12}", re.ASCII)
COLUMN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){1,2}=.*\S", re.ASCII)


def selector_problem(kind: str, selector: str) -> str:
    """What is wrong with a selector, in words with the way out; empty: nothing."""
    if len(selector) > LONGEST:
        return _("Say it in at most %s characters.") % LONGEST
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in selector):
        return _("It may hold no control characters.")
    if kind == StoreKind.S3:
        return _s3(selector)
    if kind == StoreKind.SQL:
        return "" if COLUMN.fullmatch(selector) else _("Give table.column=value, such as orders.tenant_key=acme.")
    if kind == StoreKind.FILESYSTEM:
        return _folder(selector)
    if kind == StoreKind.WEBHOOK:
        return _address(selector)
    return "" if selector else _("Say who attests that the data is gone.")


def may_be_one_account(kind: str, one: str, other: str) -> bool:
    """Whether two accounts, as they were written, may be the same place: what is erased by mistake is gone.

    The folders of this machine have no account. The name of a bucket is taken once at AWS, however its account is
    written; only two account numbers tell them apart. Databases with one selector are common: there it is the text.
    """
    if kind == StoreKind.FILESYSTEM:
        return True
    if kind == StoreKind.S3:
        return one == other or not (NUMBER.fullmatch(one) and NUMBER.fullmatch(other))
    return one == other


def reaches_into(kind: str, one: str, other: str) -> bool:
    """Whether erasing one selector would take from the other, or the other way round; both of one kind and account."""
    if kind in PATHS:
        return one.startswith(other) or other.startswith(one)
    return kind == StoreKind.SQL and one == other


def _s3(selector: str) -> str:
    bucket, slash, prefix = selector.partition("/")
    if not slash or not BUCKET.fullmatch(bucket):
        return _("Give bucket/prefix/, such as customer-files/acme/.")
    if prefix and (not prefix.endswith("/") or prefix.startswith("/")):
        return _("End the prefix with a slash: acme/ does not reach acme2/. A bucket of its own is bucket/.")
    return ""


def _folder(selector: str) -> str:
    parts = selector.split("/")
    if not selector.startswith("/") or not selector.endswith("/") or len(parts) < 4:
        return _("Give the whole path of a folder below another, with a slash at its end, such as /srv/acme/.")
    if any(part in ("", ".", "..") for part in parts[1:-1]):
        return _("Write the path without empty parts, . and ..")
    return ""


def _address(selector: str) -> str:
    try:
        parts = urlsplit(selector)
        whole = parts.scheme == "https" and parts.hostname and parts.port != 0 and not parts.fragment
    except ValueError:
        whole = False
    if not whole or " " in selector:
        return _("Give the https address that takes the request, such as https://assistant.example/erasures.")
    if parts.username is not None or parts.password is not None:
        return _("Leave user name and password out of the address.")
    return ""
