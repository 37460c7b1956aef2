"""Words for roles, kinds and policies in templates."""

from __future__ import annotations

from django import template

from governance.approval_kinds import KINDS
from governance.models import PolicyVersion
from governance.panels import policy_sentence as sentence
from governance.quorum import needs_of
from governance.vocabulary import Role

register = template.Library()


@register.filter
def role_name(role: str) -> str:
    """A role's name in words; an unknown one as it is."""
    return str(Role(role).label) if role in Role.values else role


@register.filter
def kind_name(kind: str) -> str:
    """What an approval kind is called."""
    return KINDS[kind].name if kind in KINDS else kind


@register.filter
def policy_sentence(policy: PolicyVersion) -> str:
    """A policy as a sentence."""
    return sentence(needs_of(policy))
