"""What the workflows share: people, authority, approvals, evidence, notifications."""

from governance.models.answers import KeptAnswer
from governance.models.approvals import Approval, ApprovalParty, PolicyChange, PolicyGroup, PolicyVersion, Signature
from governance.models.evidence import Evidence
from governance.models.factor_resets import FactorReset
from governance.models.invitations import Invitation
from governance.models.notifications import Notification, NotificationChoice, NotificationTimes
from governance.models.people import ExternalIdentity, Person, RoleAssignment, RoleChange
from governance.models.providers import IdentityProvider
from governance.models.service_accounts import ServiceAccount, ServiceToken, TokenUse
from governance.models.stepups import StepUp

# isort: split
# After the people: django-otp-webauthn asks for the user model while it is imported.
from governance.models.devices import (
    Authenticator,
    CodeThrottle,
    KeyChallenge,
    RecoveryCode,
    SecurityKey,
    SpentAssertion,
)

__all__ = [
    "Approval",
    "ApprovalParty",
    "Authenticator",
    "CodeThrottle",
    "Evidence",
    "ExternalIdentity",
    "FactorReset",
    "IdentityProvider",
    "Invitation",
    "KeptAnswer",
    "KeyChallenge",
    "Notification",
    "NotificationChoice",
    "NotificationTimes",
    "Person",
    "PolicyChange",
    "PolicyGroup",
    "PolicyVersion",
    "RecoveryCode",
    "RoleAssignment",
    "RoleChange",
    "SecurityKey",
    "ServiceAccount",
    "ServiceToken",
    "Signature",
    "SpentAssertion",
    "StepUp",
    "TokenUse",
]
