"""What the console room tells the registries, once every app is loaded."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _

from auditlog.registry import register_actions
from governance.authority import Right
from governance.navigation import register_nav

#: What can happen in the console room itself.
ACTIONS = {"console.demo.vendor_added": "Demo vendor added"}


def declare() -> None:
    """The shell's places, and those of the audit log, which lies below the registry of places."""
    register_actions(ACTIONS)
    register_nav("", _("My work"), "console:my_work", "inbox", order=0)
    register_nav("", _("Search"), "console:search", "search", order=1)
    register_nav("", _("Notifications"), "console:notification_list", "bell", order=2)
    register_nav(_("Proof"), _("Audit log"), "auditlog:event_list", "scroll-text", Right.READ_LOG, order=80)
    register_nav(_("Proof"), _("Checkpoints"), "auditlog:checkpoint_list", "badge-check", Right.READ_LOG, order=81)
    register_nav(_("Company"), _("Outgoing messages"), "console:message_list", "mail", Right.MANAGE_PEOPLE, order=72)
    register_nav(_("Company"), _("Webhooks"), "console:endpoint_list", "send", Right.READ_SERVICE_ACCOUNTS, order=72)
    register_nav(_("Company"), _("Background work"), "console:job_list", "activity", Right.READ_ADMIN_PAGES, order=73)
    register_nav(_("Company"), _("Single sign-on"), "signin:provider_list", "log-in", Right.MANAGE_PEOPLE, order=71)
    # Signing in is a service here (governance.services.sign_ins), not a signal that writes on the side.
    user_logged_in.disconnect(dispatch_uid="update_last_login")
