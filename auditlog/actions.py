"""What the log itself can tell."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "auditlog.bundle.exported": _("Log bundle downloaded"),
    "auditlog.event.suspected": _("Event found altered before it was sealed"),
    "auditlog.key.rotated": _("Signing key replaced"),
    "auditlog.label.erased": _("Names erased from the log"),
    "auditlog.list.exported": _("Part of the log exported"),
    "auditlog.mismatch.found": _("Decided rows found that do not agree with their events"),
    "auditlog.mismatch.settled": _("Decided rows agree with their events again"),
    "auditlog.origin.started": _("New log begun after a lost key or a restore"),
}
