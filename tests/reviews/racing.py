"""One reviewer who takes and decides items until none waits: in a thread, or (``python -m``) in a process to be killed."""

from __future__ import annotations

import random
import sys
import uuid


def work(actor, queue_id, *, abandon=0.0, dice=random, until=None):
    """Decide item after item; gives the ids decided and the (item, epoch, digest) of claims left lying."""
    from auditlog.errors import GovernanceError
    from reviews.services.claims import claim_next
    from reviews.services.decisions import decide_item

    decided, left = [], []
    while until is None or not until():
        try:
            claim = claim_next(actor=actor, queue_id=queue_id)
        except GovernanceError:
            break
        if claim is None:
            break
        if dice.random() < abandon:
            left.append(claim)
            continue
        verdict = dice.choice(("approve", "refuse"))
        reason = {"reason_code": "wrong_asset"} if verdict == "refuse" else {}
        decide_item(
            actor=actor, item_id=claim.item_id, epoch=claim.epoch, seen_digest=claim.digest, verdict=verdict, **reason
        )  # fmt: skip
        decided.append(claim.item_id)
    return decided, left


def main():
    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone

    from governance.authority import actor_for_person
    from governance.models import Person

    connection.settings_dict["NAME"] = sys.argv[3]
    person = Person.objects.get(pk=sys.argv[2])
    actor = actor_for_person(
        person, source="web", request_id="race", verified_at=timezone.now(), method="totp", session_id="race"
    )
    print("working", flush=True)
    work(actor, uuid.UUID(sys.argv[1]))


if __name__ == "__main__":
    main()
