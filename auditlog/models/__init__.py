"""Events, the tree over them, and what every governed row shares."""

from auditlog.models.events import Event, Label, Pending, Suspect
from auditlog.models.governed import Governed, Witnessed
from auditlog.models.rounds import Mismatch, Round
from auditlog.models.sealed import SealedField
from auditlog.models.tree import Batch, Checkpoint, Leaf, Origin, SigningKey, Tile

__all__ = [
    "Batch",
    "Checkpoint",
    "Event",
    "Governed",
    "Label",
    "Leaf",
    "Mismatch",
    "Origin",
    "Pending",
    "Round",
    "SealedField",
    "SigningKey",
    "Suspect",
    "Tile",
    "Witnessed",
]
