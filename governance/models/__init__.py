"""What the workflows share: people, authority, approvals, evidence, notifications."""

from governance.models.approvals import Approval, ApprovalParty, PolicyChange, PolicyGroup, PolicyVersion, Signature
from governance.models.evidence import Evidence
from governance.models.notifications import Notification
from governance.models.people import ExternalIdentity, Person, RoleAssignment, RoleChange
from governance.models.stepups import StepUp

__all__ = [
    "Approval",
    "ApprovalParty",
    "Evidence",
    "ExternalIdentity",
    "Notification",
    "Person",
    "PolicyChange",
    "PolicyGroup",
    "PolicyVersion",
    "RoleAssignment",
    "RoleChange",
    "Signature",
    "StepUp",
]
