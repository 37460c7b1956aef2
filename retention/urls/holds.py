"""Addresses of holds, schedules, connections and one person's data."""

from django.urls import URLPattern, path

from retention.views import connections, holds, requests, schedules

STORE = "stores/<uuid:store_id>/connection/"

hold_patterns: list[URLPattern] = [
    path("holds/", holds.hold_list, name="hold_list"),
    path("holds/export/<slug:form>/", holds.hold_export, name="hold_export"),
    path("holds/place/", holds.hold_place, name="hold_place"),
    path("holds/<uuid:hold_id>/", holds.hold_read, name="hold_read"),
    path("holds/<uuid:hold_id>/review/", holds.hold_review, name="hold_review"),
    path("holds/<uuid:hold_id>/lift/", holds.hold_lift, name="hold_lift"),
    path("schedules/", schedules.schedule_list, name="schedule_list"),
    path("schedules/set/", schedules.schedule_set, name="schedule_set"),
    path("schedules/<uuid:schedule_id>/end/", schedules.schedule_end, name="schedule_end"),
    path(STORE, connections.connection_edit, name="connection_edit"),
    path(f"{STORE}check/", connections.connection_check, name="connection_check"),
    path(f"{STORE}secret/", connections.connection_secret, name="connection_secret"),
    path(f"{STORE}remove/", connections.connection_remove, name="connection_remove"),
    path("requests/", requests.request_list, name="request_list"),
    path("requests/export/<slug:form>/", requests.request_export, name="request_export"),
    path("requests/take/", requests.request_take, name="request_take"),
    path("cases/<uuid:case_id>/stores/<uuid:store_id>/select/", requests.request_select, name="request_select"),
]
