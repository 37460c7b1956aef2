"""The tags of the shell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from governance.charts import bars, spark_points
from governance.templatetags.shell import STATES, TONE_ICONS, relative

NOW = dt.datetime(2030, 5, 1, 12, tzinfo=dt.UTC)


def draw(text: str, **context) -> str:
    return Template("{% load shell %}" + text).render(Context(context))


def test_when_shows_the_zone_and_utc_on_hover():
    with timezone.override("Asia/Tokyo"):
        shown = draw("{% when at %}", at=NOW)
    assert ">1 May 2030, 21:00<" in shown
    assert 'title="2030-05-01 12:00:00 UTC"' in shown
    assert 'datetime="2030-05-01T12:00:00+00:00"' in shown


def test_when_takes_dates_and_nothing():
    assert ">1 May 2030<" in draw("{% when at %}", at=NOW.date())
    assert "–" in draw("{% when at %}", at=None)


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (dt.timedelta(seconds=20), "now"),
        (dt.timedelta(minutes=3), "in 3 minutes"),
        (dt.timedelta(minutes=-1), "1 minute ago"),
        (dt.timedelta(hours=26), "in 26 hours"),
        (dt.timedelta(days=-5), "5 days ago"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_relative(delta, words):
    assert relative(NOW + delta) == words


@time_machine.travel(NOW, tick=False)
def test_due_warns_in_words_and_tone():
    assert "badge--danger" in draw("{% due at %}", at=NOW - dt.timedelta(hours=3))
    assert "overdue, 3 hours ago" in draw("{% due at %}", at=NOW - dt.timedelta(hours=3))
    assert "badge--warn" in draw("{% due at %}", at=NOW + dt.timedelta(hours=3))
    assert "badge--neutral" in draw("{% due at %}", at=NOW + dt.timedelta(days=9))
    assert "no due time" in draw("{% due at %}", at=None)


def test_every_icon_named_here_is_in_the_sprite():
    sprite = (Path(settings.BASE_DIR) / "static/img/icons.svg").read_text()
    names = {icon for _tone, icon in STATES.values()} | set(TONE_ICONS.values())
    assert not {name for name in names if f'id="{name}"' not in sprite}


def test_every_icon_a_template_names_is_in_the_sprite():
    sprite = (Path(settings.BASE_DIR) / "static/img/icons.svg").read_text()
    wanted = {}
    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        for name in set(__import__("re").findall(r'{% icon "([^"]+)"', path.read_text())):
            wanted.setdefault(name, path.name)
    assert not {name: path for name, path in wanted.items() if f'id="{name}"' not in sprite}


def test_badges_escape_what_they_show():
    assert "<b>" not in draw('{% badge "ok" words %}{% state words %}{% digest words %}', words="<b>x</b>")


def test_an_unknown_state_is_neutral():
    assert "badge--neutral" in draw('{% state "sleeping" %}')
    assert "badge--ok" in draw('{% state "approved" "Approved" %}')


def test_digest_is_short_and_whole():
    shown = draw("{% digest value %}", value=bytes(range(32)))
    assert "00010203…1d1e1f" in shown
    assert bytes(range(32)).hex() in shown
    assert "–" in draw("{% digest value %}", value="")


def test_sort_header_turns_round_and_drops_the_cursor():
    request = RequestFactory().get("/", {"sort": "name", "after": "abc", "q": "x"})
    shown = draw(
        '<table><tr>{% sort_header "name" "Name" %}{% sort_header "at" "At" True %}</tr></table>', request=request
    )
    assert 'aria-sort="ascending"' in shown
    assert "sort=-name" in shown
    assert "sort=at" in shown
    assert "after" not in shown
    assert 'class="num"' in shown


def test_charts_have_a_table_under_them():
    for tag in ("bar_chart", "spark_chart"):
        shown = draw("{% " + tag + ' rows "By risk" %}', rows=[("Low", 4), ("High", 1)])
        assert "<svg" in shown
        assert "<table" in shown
        assert "style=" not in shown


def test_chart_geometry():
    assert [bar.percent for bar in bars([("a", 4), ("b", 1), ("c", 0)])] == [100.0, 25.0, 0.0]
    assert bars([]) == []
    assert spark_points([]) == ""
    assert spark_points([3]) == "6.0,28.0"
    assert spark_points([0, 1]) == "6.0,50.0 234.0,6.0"


def test_initials():
    assert draw("{{ name|initials }}", name="Ana Maria Lind") == "AL"
    assert draw("{{ name|initials }}", name="") == "?"


def test_back_url_stays_here():
    request = RequestFactory().get("/a/", headers={"Referer": "http://testserver/b/"})
    assert draw("{% back_url %}", request=request) == "http://testserver/b/"
    request = RequestFactory().get("/a/", headers={"Referer": "https://elsewhere.example/b/"})
    assert draw("{% back_url %}", request=request) == ""
