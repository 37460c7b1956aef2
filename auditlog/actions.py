"""What the log itself can tell."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "auditlog.bundle.exported": _("Log bundle downloaded"),
    "auditlog.event.suspected": _("Event found altered before it was sealed"),
    "auditlog.key.rotated": _("Signing key replaced"),
    "auditlog.label.erased": _("Names erased from the log"),
    "auditlog.list.exported": _("Part of the log exported"),
    "auditlog.origin.started": _("New log begun after a lost key or a restore"),
}
