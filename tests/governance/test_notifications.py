"""One door to people: in the app, by e-mail at once, in the daily e-mail, or not at all, as each chose."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import InvalidInputsError
from auditlog.models import Event
from governance.models import Notification, NotificationChoice, NotificationTimes
from governance.models.notifications import Channel
from governance.notification_kinds import KINDS, NotificationKind, kind_of, register_notification_kind
from governance.services.notification_choices import send_daily_emails, set_notification_choices
from governance.services.notifications import notify
from governance.services.people import set_preferences
from governance.unsubscribing import DAILY, unsubscribe_url
from outbox.models import Message
from outbox.services import deliver_due_messages
from tests.outbox.conftest import mailbox  # noqa: F401

pytestmark = pytest.mark.django_db
KIND = "tests.thing"
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    for kind in (
        NotificationKind(KIND, "Tests", "Things happen", Channel.NOW, may_be_off=True),
        NotificationKind("tests.alarm", "Tests", "Alarms", Channel.NOW, urgent=True),
        NotificationKind("tests.gathered", "Tests", "Gathered", Channel.DIGEST),
    ):
        monkeypatch.setitem(KINDS, kind.key, kind)


def tell(world, *names: str, kind: str = KIND, text: str = "A thing happened.", by: str = "administrator") -> None:
    actor = world.actor(by)
    with audited(actor, "governance.person.preferences_set", subject_kind="governance.person", subject_id=actor.id):
        notify(actor=actor, people=[world.person[name].id for name in names], kind=kind, text=text, url="/style/")


def choose(world, name: str, *, quiet: tuple[int, int] | None = None, zone: str = "", daily_at: int = 7, **channels):
    actor = world.actor(name)
    if zone:
        set_preferences(actor=actor, theme="auto", time_zone=zone)
    start, end = (dt.time(quiet[0]), dt.time(quiet[1])) if quiet else (None, None)
    ways = {{"thing": KIND, "gathered": "tests.gathered"}[key]: value for key, value in channels.items()}
    set_notification_choices(actor=actor, channels=ways, quiet_from=start, quiet_until=end, daily_at=dt.time(daily_at))


def mails(kind: str = "notification") -> list[Message]:
    return list(Message.objects.filter(template=kind))


class TestKinds:
    def test_covers_what_lies_under_it(self):
        assert kind_of("tests.thing.with.more").key == KIND
        assert kind_of("approval.rejected").key == "approval"

    def test_undeclared_ones_stay_in_the_app(self, world):
        tell(world, "auditor", kind="never.heard.of")
        assert Notification.objects.filter(person=world.person["auditor"]).exists()
        assert not mails()

    def test_every_kind_of_the_product_is_declared(self):
        for kind in ("approval.approved", "role.changed", "governance.evidence", "governance.break_glass.used",
                     "governance.break_glass.set", "governance.second_factor.guessed", "governance.webhook_gone",
                     "vendors.authorisation.lapsed", "vendors.respondent.handed_back"):  # fmt: skip
            assert kind_of(kind).room, kind

    def test_registering_replaces(self, monkeypatch):
        monkeypatch.setitem(KINDS, "tests.x", None)
        register_notification_kind(NotificationKind("tests.x", "Tests", "X"))
        assert kind_of("tests.x").name == "X"


class TestChannels:
    def test_at_once_is_in_the_app_and_a_mail_with_a_link(self, world):
        tell(world, "auditor")
        [mail] = mails()
        assert mail.address == world.person["auditor"].email
        assert mail.subject == "A thing happened."
        assert "http://localhost:8000/style/" in mail.text
        assert mail.unsubscribe_url in mail.text
        assert Notification.objects.get(person=world.person["auditor"], kind=KIND).for_digest is False

    @pytest.mark.parametrize(("channel", "shown", "gathered"), [("app", 1, 0), ("digest", 1, 1), ("off", 0, 0)])
    def test_other_ways_send_no_mail_at_once(self, world, channel, shown, gathered):
        choose(world, "auditor", thing=channel)
        tell(world, "auditor")
        rows = Notification.objects.filter(person=world.person["auditor"], kind=KIND)
        assert rows.count() == shown
        assert rows.filter(for_digest=True).count() == gathered
        assert not mails()

    def test_each_person_as_they_chose(self, world):
        choose(world, "auditor", thing="app")
        tell(world, "auditor", "employee")
        assert [mail.person_id for mail in mails()] == [world.person["employee"].id]

    def test_nobody_hears_of_their_own_deed(self, world):
        tell(world, "administrator")
        assert not mails()

    def test_unless_it_is_done_in_their_name(self, world, monkeypatch):
        monkeypatch.setitem(KINDS, KIND, NotificationKind(KIND, "T", "T", Channel.NOW, to_oneself=True))
        tell(world, "administrator")
        assert len(mails()) == 1

    def test_somebody_disabled_gets_no_mail(self, world):
        from governance.services.people import disable_person

        disable_person(actor=world.actor("administrator"), person_id=world.person["employee"].id)
        tell(world, "employee")
        assert not mails()

    def test_costs_the_same_for_one_and_for_many(self, world, django_assert_max_num_queries):
        for name in world.person:
            choose(world, name, thing="app")
        with django_assert_max_num_queries(16):
            tell(world, *world.person)


class TestQuietHours:
    @pytest.mark.parametrize(
        ("zone", "quiet", "now", "leaves"),
        [
            ("UTC", (22, 6), "2026-11-23T23:00", "2026-11-24T06:00"),
            ("UTC", (22, 6), "2026-11-23T05:59", "2026-11-23T06:00"),
            ("UTC", (22, 6), "2026-11-23T06:00", "2026-11-23T06:00"),
            ("UTC", (12, 14), "2026-11-23T13:00", "2026-11-23T14:00"),
            ("Asia/Tokyo", (22, 6), "2026-11-23T14:00", "2026-11-23T21:00"),
            ("America/New_York", (22, 6), "2026-11-23T14:00", "2026-11-23T14:00"),
            ("Europe/Berlin", (22, 6), "2026-03-28T22:00", "2026-03-29T04:00"),  # the night the clock moves
        ],
    )
    def test_mail_waits_until_they_end_by_the_persons_clock(self, world, zone, quiet, now, leaves):
        choose(world, "auditor", quiet=quiet, zone=zone)
        with time_machine.travel(dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC), tick=False):
            tell(world, "auditor")
        assert mails()[0].next_at == dt.datetime.fromisoformat(leaves).replace(tzinfo=dt.UTC)

    def test_urgent_ones_do_not_wait(self, world):
        choose(world, "auditor", quiet=(0, 23))
        with time_machine.travel(NOON, tick=False):
            tell(world, "auditor", kind="tests.alarm")
        assert mails()[0].next_at == NOON

    def test_it_is_in_the_app_at_once(self, world):
        choose(world, "auditor", quiet=(0, 23))
        tell(world, "auditor")
        assert Notification.objects.filter(person=world.person["auditor"], kind=KIND).exists()

    def test_one_end_alone_is_refused_at_its_field(self, world):
        with pytest.raises(InvalidInputsError) as refusal:
            set_notification_choices(actor=world.actor("auditor"), channels={}, quiet_from=dt.time(22))
        assert set(refusal.value.errors) == {"quiet_until"}


class TestDaily:
    def at(self, hour: int, day: int = 23) -> int:
        with time_machine.travel(dt.datetime(2026, 11, day, hour, 5, tzinfo=dt.UTC), tick=False):
            return send_daily_emails()

    def test_gathers_what_is_unread_once_a_day(self, world):
        Notification.objects.filter(for_digest=True).count()
        tell(world, "auditor", kind="tests.gathered", text="First thing.")
        tell(world, "auditor", kind="tests.gathered", text="Second thing.")
        assert not mails()
        sent = self.at(8)
        [mail] = [mail for mail in mails("daily") if mail.person_id == world.person["auditor"].id]
        assert sent >= 1
        assert mail.subject == "Countersign: 2 things since yesterday"
        assert mail.text.index("First thing.") < mail.text.index("Second thing.")
        tell(world, "auditor", kind="tests.gathered", text="Third thing.")
        assert self.at(20) == 0
        assert self.at(8, day=24) == 1
        assert not Notification.objects.filter(for_digest=True).exists()

    def test_not_before_the_hour_of_the_persons_clock(self, world):
        self.at(23, day=22)  # what founding the company told people
        choose(world, "auditor", zone="America/New_York", daily_at=9)
        tell(world, "auditor", kind="tests.gathered")
        assert self.at(13) == 0
        assert self.at(14) == 1

    def test_what_was_read_is_left_out(self, world):
        self.at(23, day=22)
        tell(world, "auditor", kind="tests.gathered")
        world.client("auditor").post(reverse("console:notifications_read_all"))
        assert self.at(8) == 0

    def test_none_without_the_wish(self, world):
        self.at(23, day=22)
        set_notification_choices(actor=world.actor("auditor"), channels={}, daily=False)
        tell(world, "auditor", kind="tests.gathered")
        assert self.at(8) == 0
        assert not Notification.objects.filter(for_digest=True).exists()

    def test_many_are_cut_with_their_number(self, world):
        self.at(23, day=22)
        for number in range(55):
            tell(world, "auditor", kind="tests.gathered", text=f"Thing {number}.")
        self.at(8)
        mail = Message.objects.filter(template="daily", person_id=world.person["auditor"].id).latest("queued_at")
        assert "Thing 49." in mail.text
        assert "Thing 50." not in mail.text
        assert "5 more" in mail.text


class TestUnsubscribe:
    def path(self, world, kind: str = KIND) -> str:
        return unsubscribe_url(world.person["auditor"].id, kind).removeprefix("http://localhost:8000")

    def test_headers_of_one_click(self, world, mailbox):  # noqa: F811
        tell(world, "auditor")
        deliver_due_messages()
        mail = next(mail for mail in mailbox.messages if mail["Subject"] == "A thing happened.")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<http://localhost:8000/unsubscribe/[^>]+>", mail["List-Unsubscribe"].strip())

    def test_one_click_works_signed_out_and_without_a_cookie(self, world):
        client = Client(enforce_csrf_checks=True)
        answer = client.post(self.path(world), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        tell(world, "auditor", "employee")
        assert [mail.person_id for mail in mails()] == [world.person["employee"].id]
        assert Notification.objects.filter(person=world.person["auditor"], kind=KIND).exists(), "the app still shows it"
        event = Event.objects.get(action="governance.notifications.unsubscribed")
        assert KIND in event.body

    def test_looking_changes_nothing(self, world):
        page = Client().get(self.path(world)).content.decode()
        assert "No more of these e-mails?" in page
        assert not NotificationChoice.objects.exists()

    def test_is_taken_back(self, world):
        client = Client(enforce_csrf_checks=True)
        assert "Take it back" in client.post(self.path(world)).content.decode()
        assert "You get these e-mails again" in client.post(self.path(world) + "back/").content.decode()
        tell(world, "auditor")
        assert len(mails()) == 1

    def test_of_the_daily_one(self, world):
        Client().post(self.path(world, DAILY))
        assert NotificationTimes.objects.get(person=world.person["auditor"]).daily is False
        Client().post(self.path(world, DAILY) + "back/")
        assert NotificationTimes.objects.get(person=world.person["auditor"]).daily is True

    def test_link_somebody_made_up_or_changed_does_nothing(self, world):
        path = self.path(world)
        for wrong in ("/unsubscribe/abc/", path[:-5] + "aaaa/", path.replace("/unsubscribe/", "/unsubscribe/x")):
            assert Client().post(wrong).status_code == 404, wrong
        assert not NotificationChoice.objects.exists()

    def test_link_of_one_kind_ends_no_other(self, world):
        Client().post(self.path(world))
        tell(world, "auditor", kind="tests.alarm")
        assert len(mails()) == 1

    def test_kind_that_is_no_more(self, world):
        assert Client().post(self.path(world, "gone.kind")).status_code == 422

    def test_link_holds_nothing_but_ids(self, world):
        assert str(uuid.UUID(int=0)) not in self.path(world)
        assert "auditor" not in self.path(world)


class TestPage:
    URL = reverse("governance:notification_choices")

    def data(self, **more) -> dict:
        return {kind.key: kind.default.value for kind in KINDS.values()} | {"daily": "on", "daily_at": "08:30"} | more

    def test_keeps_what_is_chosen(self, world):
        client = world.client("auditor")
        answer = client.post(self.URL, self.data(**{KIND: "off", "quiet_from": "22:00", "quiet_until": "06:00"}))
        assert answer.status_code == 302
        page = client.get(self.URL)
        assert page.context["form"].initial[KIND] == "off"
        times = NotificationTimes.objects.get(person=world.person["auditor"])
        assert (times.quiet_from, times.quiet_until, times.daily_at) == (dt.time(22), dt.time(6), dt.time(8, 30))
        assert NotificationChoice.objects.count() == 1, "what everybody starts with is no row"

    def test_going_back_to_the_start_leaves_no_row(self, world):
        client = world.client("auditor")
        client.post(self.URL, self.data(**{KIND: "off"}))
        client.post(self.URL, self.data())
        assert not NotificationChoice.objects.exists()

    @pytest.mark.parametrize(
        "wrong", [{KIND: "pigeon"}, {"tests.alarm": "off"}, {"quiet_from": "22:00"}, {"daily_at": "25"}]
    )
    def test_refuses_at_the_field(self, world, wrong):
        answer = world.client("auditor").post(self.URL, self.data(**wrong))
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert not NotificationTimes.objects.exists()

    def test_offers_off_only_where_allowed(self, world):
        form = world.client("auditor").get(self.URL).context["form"]
        assert "off" in dict(form.fields[KIND].choices)
        assert "off" not in dict(form.fields["tests.alarm"].choices)

    def test_leads_from_the_inbox(self, world):
        assert self.URL in world.client("auditor").get(reverse("console:notification_list")).content.decode()


def test_a_gone_receiver_is_told_to_every_administrator(world):
    from governance.notification_declarations import tell_of_gone
    from outbox.models import Endpoint

    actor = world.actor("auditor")
    with audited(actor, "governance.person.preferences_set", subject_kind="governance.person", subject_id=actor.id):
        tell_of_gone(actor, Endpoint(url="https://8.8.8.8/", account_id=uuid.uuid4()))
    told = Notification.objects.filter(kind="governance.webhook_gone", at__lte=timezone.now())
    assert {row.person_id for row in told} == {
        world.person["administrator"].id,
        world.person["second_administrator"].id,
    }
