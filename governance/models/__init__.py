"""What the workflows share: people, authority, approvals, evidence, notifications."""

from governance.models.approvals import Approval, ApprovalParty, PolicyGroup, PolicyVersion, Signature
from governance.models.notifications import Notification
from governance.models.people import ExternalIdentity, Person, RoleAssignment, RoleChange
from governance.models.stepups import StepUp

__all__ = [
    "Approval",
    "ApprovalParty",
    "ExternalIdentity",
    "Notification",
    "Person",
    "PolicyGroup",
    "PolicyVersion",
    "RoleAssignment",
    "RoleChange",
    "Signature",
    "StepUp",
]
