"""Seeded items: real drafts made wrong on purpose, to learn how many errors reviewers let pass (I81).

They go to reviewers like any other draft, and nowhere else: no product hears of them, no deadline is kept with them, no
figure of the customer counts them. That a share is seeded is said on the queue's page; which ones, nobody is told
before they decided. What would give one away is drawn like that of real drafts: its reference, when it came, its due
time. What it rests on is a real record; once that changes, the seed is taken out.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import uuid
from functools import partial
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import StateError
from governance.authority import HOLDERS, Right
from governance.models import RoleAssignment
from reviews.alterations import Alteration, assets, citations, numbers, sides
from reviews.models import Citation, Claim, ItemContent, Queue, ReviewItem, Seed, SourceRecord
from reviews.services.closing import REMIND
from reviews.services.intake import ITEM, Cited, Draft, composed, store
from reviews.services.moves import end_claim, lock_item, move
from reviews.services.sources import WITHDRAW_SEEDS, changed_sources
from reviews.vocabulary import LIVE, WAITING, ClaimEnd, ItemState, Verdict

#: The share is kept over this many drafts of a queue, so over any longer time too.
WINDOW = 2000
POOL, TRIES, BATCH = 200, 12, 200
CHANCE = secrets.SystemRandom()


def make_seed(*, actor: Actor, queue_id: uuid.UUID) -> Seed:
    """Make one seeded item in the queue, if its share allows one more and a draft of it can be made wrong.

    Raises:
        StateError: it does not.
    """
    with audited(actor, "reviews.item.seeded", subject_kind=ITEM) as change:
        queue = Queue.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=queue_id)
        change.tenant_id = queue.tenant_id
        if queue.is_stopped or not has_room(queue):
            raise StateError(_("No seeded item is due in this queue."))
        for origin in origins(queue):
            wrong = drawn(origin, queue)
            if wrong:
                return plant(change, queue, origin, wrong)
        raise StateError(_("No draft of this queue can be made wrong."))


def make_missing_seeds() -> int:
    """Where drafts came lately and seeded ones are missing, make one in each queue; gives how many. The slow path."""
    hour = timezone.now() - dt.timedelta(hours=1)
    lately = ReviewItem.objects.filter(queue=OuterRef("pk"), received_at__gte=hour, is_seeded=False)
    queues = Queue.objects.filter(Exists(lately), seeded_percent__gt=0, stopped_at=None).values_list("pk", flat=True)
    actor = job_actor("reviews.seed_make")
    return sum(make_seed_if_due(actor=actor, queue_id=queue_id) is not None for queue_id in queues)


def make_seed_if_due(*, actor: Actor, queue_id: uuid.UUID) -> Seed | None:
    """:func:`make_seed` for who asks often: ``None`` where none is due or can be made."""
    try:
        return make_seed(actor=actor, queue_id=queue_id)
    except StateError:
        return None


def has_room(queue: Queue) -> bool:
    """Whether one more stays within the queue's share of real drafts."""
    lately = list(
        ReviewItem.objects.filter(queue=queue).order_by("-received_at").values_list("is_seeded", flat=True)[:WINDOW]
    )
    seeded, share = sum(lately), int(queue.seeded_percent)
    return bool((seeded + 1) * 100 <= (len(lately) - seeded) * share)


def origins(queue: Queue) -> list[ReviewItem]:
    """Sound drafts to begin with, in random order: those approved as they were, then, if none, those that wait.

    Never a seed, never one that a seed began in.
    """
    rows = ReviewItem.objects.filter(queue=queue, is_seeded=False, made_seed=None, content_erased_at=None)
    approved = rows.filter(state__in=(ItemState.FINAL, ItemState.DELIVERED), verdict=Verdict.APPROVE)
    waiting = rows.filter(state=ItemState.OPEN, epoch=0)
    for choice in (approved, waiting):
        found = list(choice.select_related("queue", "site", "tenant").order_by("-received_at")[:POOL])
        CHANCE.shuffle(found)
        sound = [row for row in found[:TRIES] if not changed_sources(row)]
        if sound:
            return sound
    return []


def drawn(origin: ReviewItem, queue: Queue) -> Alteration | None:
    """One of the errors that can be made of the origin: first which kind, then which."""
    draft = draft_of(origin)
    found = [*sides(draft), *assets(draft, other_assets(origin)), *numbers(draft, CHANCE.choice)]
    found += citations(draft, other_sources(origin))
    kinds = [list(rows) for _kind, rows in groupby(found, key=lambda one: one.change)]
    return CHANCE.choice(CHANCE.choice(kinds)) if kinds else None


def draft_of(origin: ReviewItem) -> Draft:
    """The origin as its product sent it, under a reference of its own, also where the draft speaks of itself."""
    content, reference = ItemContent.objects.get(item=origin), reference_like(origin)
    own = partial(re.sub, rf"(?<!\w){re.escape(origin.reference)}(?!\w)", reference.replace("\\", r"\\"))
    cited = [
        Cited(one.record, one.digest, one.excerpt, one.field, one.starts, one.ends) for one in origin.citations.all()
    ]
    return Draft(
        tenant=origin.tenant.key, kind=origin.queue.kind, site=origin.site.key if origin.site else "",
        reference=reference, title=own(content.title), model=origin.model, service=origin.service,
        criticality=str(origin.criticality), text=own(content.text), citations=cited,
        fields=[{**one, "value": own(one["value"])} for one in content.fields],
    )  # fmt: skip


def other_assets(origin: ReviewItem) -> list[str]:
    """Assets that drafts of the same queue and site are about."""
    rows = ReviewItem.objects.filter(queue=origin.queue_id, site=origin.site_id, is_seeded=False)
    lately = rows.order_by("-received_at").values_list("asset", flat=True)[:WINDOW]
    return sorted(set(lately) - {"", origin.asset})


def other_sources(origin: ReviewItem) -> list[Cited]:
    """Records of the same site that can be quoted, as citations."""
    rows = SourceRecord.objects.filter(
        tenant=origin.tenant_id, site=origin.site_id, ended_at=None, removed=False, content__isnull=False
    ).order_by("-received_at")[:POOL]
    return [Cited(row.record, row.digest, excerpt_of(row)) for row in rows if excerpt_of(row)]


def excerpt_of(row: SourceRecord) -> str:
    """The longest text of the record: what one would quote."""
    values = row.content.values() if isinstance(row.content, dict) else [row.content]
    return max((value for value in values if isinstance(value, str)), key=len, default="")[:400]


def reference_like(origin: ReviewItem) -> str:
    """A reference that looks like its queue's latest and is nobody's: the same words, a number near theirs."""
    rows = ReviewItem.objects.filter(queue=origin.queue_id).order_by("-received_at").values_list("reference", flat=True)
    lately = set(rows[:POOL])
    match = re.fullmatch(r"(.*?)(\d+)(\D*)", origin.reference)
    if match is None:
        return f"{origin.reference}-{CHANCE.randint(2, 9)}"
    before, digits, after = match.groups()
    shape = re.compile(rf"{re.escape(before)}(\d+){re.escape(after)}")
    known = {int(found.group(1)) for one in lately if (found := shape.fullmatch(one))} | {int(digits)}
    gaps = [number for number in range(min(known), min(max(known), min(known) + WINDOW)) if number not in known]
    beyond = [max(known) + step for step in range(2, POOL)]
    free = [f"{before}{number:0{len(digits)}d}{after}" for number in (gaps or beyond)]
    taken = set(
        ReviewItem.objects.filter(account=origin.account_id, reference__in=free).values_list("reference", flat=True)
    )
    return CHANCE.choice([one for one in free if one not in taken] or free)


def plant(change: Change, queue: Queue, origin: ReviewItem, wrong: Alteration) -> Seed:
    """Save the wrong draft as an item like any other, and apart from it that it is none."""
    item, content, cited = composed(origin.account_id, wrong.draft, queue, origin.site, received_like(queue))
    item.is_seeded = True
    now = SourceRecord.objects.filter(tenant=origin.tenant_id, record__in=[c.record for c in cited], ended_at=None)
    sources = {row.record: row for row in now}
    for citation in cited:
        citation.source = sources[citation.record]
    change.subject_id = item.id
    change.details = {"origin": origin.id, "change": wrong.change, "queue": queue.id}
    store(change, item, content, cited)
    return Seed.objects.create(
        item=item, origin=origin, change=wrong.change, fields=list(wrong.parts), before=wrong.before,
        after=wrong.after, for_anybody=not others_review(origin),
    )  # fmt: skip


def received_like(queue: Queue) -> dt.datetime:
    """When a draft like the latest ones may have come: just after one of them."""
    now = timezone.now()
    fresh = now - dt.timedelta(minutes=min(10, queue.critical_minutes / 3))
    lately = ReviewItem.objects.filter(queue=queue, is_seeded=False, received_at__gte=fresh).order_by("-received_at")
    times = list(lately.values_list("received_at", flat=True)[:20])
    return min(now, CHANCE.choice(times) + dt.timedelta(seconds=CHANCE.uniform(0.05, 2))) if times else now


def others_review(origin: ReviewItem) -> bool:
    """Whether somebody reviews here who never held the origin."""
    here = Q(tenant=None) | Q(tenant=origin.tenant_id, site=None) | Q(tenant=origin.tenant_id, site=origin.site_id)
    people = RoleAssignment.objects.live().filter(here, role__in=HOLDERS[Right.DECIDE_REVIEW], person__is_active=True)
    return people.exclude(person_id__in=Claim.objects.filter(item=origin).values("person_id")).exists()


def withdraw_seeds() -> int:
    """Take out the seeds that must not be met any more; gives how many.

    Those whose source changed, as that would explain the error; before they would be reminded of or late; and those of
    queues that are not seeded any more.
    """
    found = {*stale_seeds().values_list("pk", flat=True)[:BATCH], *(row.pk for row in due_seeds())}
    done = 0
    for item_id in found:
        try:
            withdraw_seed(actor=job_actor(WITHDRAW_SEEDS), item_id=item_id)
            done += 1
        except StateError:
            continue
    return done


def live_seeds() -> QuerySet[ReviewItem]:
    """Seeds nobody has decided yet."""
    return ReviewItem.objects.filter(is_seeded=True, state__in=LIVE).exclude(state=ItemState.DECIDED)


def stale_seeds() -> QuerySet[ReviewItem]:
    """Seeds that cite what is not current any more."""
    return live_seeds().filter(Exists(Citation.objects.filter(item=OuterRef("pk"), source__ended_at__isnull=False)))


def due_seeds() -> list[ReviewItem]:
    """Waiting seeds that would be reminded of, and those whose queue is not seeded any more."""
    now = timezone.now()
    held = Exists(Claim.objects.filter(item=OuterRef("pk"), ended_at=None, until__gt=now))
    waiting = live_seeds().filter(Q(state__in=WAITING) | Q(state=ItemState.CLAIMED) & ~held)
    late = waiting.filter(Q(due_at__lte=now + REMIND) | Q(queue__seeded_percent=0)).select_related("queue")
    return [row for row in late.order_by("due_at")[:BATCH] if row.queue.seeded_percent == 0 or is_due(row)]


def is_due(item: ReviewItem) -> bool:
    """Whether it is time to take the seed out: ten minutes before it is due, or half of its time if that is less."""
    return timezone.now() >= item.due_at - min(REMIND, (item.due_at - item.received_at) / 2)


def withdraw_seed(*, actor: Actor, item_id: uuid.UUID) -> ReviewItem:
    """Take one seeded item out, as a product withdraws a draft; whoever holds it loses it, and nothing is judged."""
    with audited(actor, "reviews.item.withdrawn", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        if not item.is_seeded or item.state == ItemState.DECIDED:
            raise StateError(_("This is no seeded item that waits."))
        end_claim(item, ClaimEnd.CLOSED)
        move(change, item, ItemState.WITHDRAWN)
    return item
