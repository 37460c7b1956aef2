"""Addresses of the review room."""

from django.urls import URLPattern, path

from reviews import urls_figures
from reviews.views import backlog, decisions, item_list, items, people, queues

app_name = "reviews"

urlpatterns: list[URLPattern] = [
    path("", queues.queue_list, name="queue_list"),
    path("next/", items.item_next, name="item_next"),
    path("queues/open/", queues.queue_open, name="queue_open"),
    path("queues/<uuid:queue_id>/", queues.queue_read, name="queue_read"),
    path("queues/<uuid:queue_id>/edit/", queues.queue_edit, name="queue_edit"),
    path("queues/<uuid:queue_id>/stop/", queues.queue_stop, name="queue_stop"),
    path("queues/<uuid:queue_id>/resume/", queues.queue_resume, name="queue_resume"),
    path("queues/<uuid:queue_id>/backlog/", backlog.queue_backlog, name="queue_backlog"),
    path("queues/<uuid:queue_id>/move/", backlog.queue_move, name="queue_move"),
    path("queues/<uuid:queue_id>/refuse/", backlog.queue_refuse, name="queue_refuse"),
    path("items/", item_list.item_list, name="item_list"),
    path("items/export/<slug:form>/", item_list.item_export, name="item_export"),
    path("items/<uuid:item_id>/", items.item_read, name="item_read"),
    path("items/<uuid:item_id>/claim/", items.item_claim, name="item_claim"),
    path("items/<uuid:item_id>/renew/", items.item_renew, name="item_renew"),
    path("items/<uuid:item_id>/release/", items.item_release, name="item_release"),
    path("items/<uuid:item_id>/draft/", items.item_draft, name="item_draft"),
    path("items/<uuid:item_id>/sources/<uuid:citation_id>/open/", items.item_source, name="item_source"),
    path("items/<uuid:item_id>/decide/", decisions.item_decide, name="item_decide"),
    path("items/<uuid:item_id>/begin/", decisions.item_begin, name="item_begin"),
    path("items/<uuid:item_id>/undo/", decisions.item_undo, name="item_undo"),
    path("items/<uuid:item_id>/ask/", decisions.item_ask, name="item_ask"),
    path("items/<uuid:item_id>/answer/", items.item_answer, name="item_answer"),
    path("items/<uuid:item_id>/escalate/", decisions.item_escalate, name="item_escalate"),
    path("skills/", people.skill_list, name="skill_list"),
    path("skills/give/", people.skill_give, name="skill_give"),
    path("skills/<uuid:skill_id>/end/", people.skill_end, name="skill_end"),
    path("absences/", people.absence_list, name="absence_list"),
    path("absences/plan/", people.absence_plan, name="absence_plan"),
    path("absences/<uuid:absence_id>/cancel/", people.absence_cancel, name="absence_cancel"),
    *urls_figures.urlpatterns,
]
