"""Where a message to the next page waits: in a cookie bound to this host, and in the session when it is too long.

The session alone would need no cookie, but two writes more for each message, on a database that may be one file.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Django's, under a name that no neighbour below the same domain can set (``__Host-``, over https)."""

    cookie_name = settings.MESSAGE_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """The cookie first, then the session."""

    storage_classes = (HostCookieStorage, SessionStorage)
