"""What the retention room answers to products."""

from tests.matrix import Operation
from tests.retention.world_holds import body_of_receipt, signed
from tests.tenants.world import today

RECEIPT = "retention:receipt"


def body_of_request(world):
    return {
        "tenant": world.held_tenant.key, "subject": "worker-99", "reference": "DSR-99", "asked_by": "Their office",
        "identity_check": "Signed letter.", "received_on": today().isoformat(),
    }  # fmt: skip


OPERATIONS = [
    Operation(
        "take_deletion_receipt", RECEIPT, body=lambda world: body_of_receipt(world.asked_step),
        headers=lambda world, body: signed(world.product_secret, body),
    ),
    Operation("take_subject_request", RECEIPT, body=body_of_request, status=201),
    Operation("read_subject_request", RECEIPT, args=lambda world: {"request_id": world.subject_request.id}),
]  # fmt: skip
