"""Addresses of deletion cases and of the calendar."""

from django.urls import URLPattern, path

from retention.views import calendar, case_verbs, cases, returns

case_patterns: list[URLPattern] = [
    path("", cases.room, name="room"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/export/<slug:form>/", cases.case_export, name="case_export"),
    path("cases/open/", case_verbs.case_open, name="case_open"),
    path("cases/<uuid:case_id>/", cases.case_read, name="case_read"),
    path("cases/<uuid:case_id>/progress/", cases.case_progress, name="case_progress"),
    path("cases/<uuid:case_id>/count/", case_verbs.case_count, name="case_count"),
    path("cases/<uuid:case_id>/mode/", case_verbs.case_mode, name="case_mode"),
    path("cases/<uuid:case_id>/ask/", case_verbs.case_ask, name="case_ask"),
    path("cases/<uuid:case_id>/cancel/", case_verbs.case_cancel, name="case_cancel"),
    path("cases/<uuid:case_id>/call-off/", case_verbs.case_call_off, name="case_call_off"),
    path("cases/<uuid:case_id>/certify/", case_verbs.case_certify, name="case_certify"),
    path("cases/<uuid:case_id>/return/", returns.case_return, name="case_return"),
    path("cases/<uuid:case_id>/return/retry/", returns.case_return_retry, name="case_return_retry"),
    path("cases/<uuid:case_id>/return/cancel/", returns.case_return_cancel, name="case_return_cancel"),
    path("steps/<uuid:step_id>/retry/", case_verbs.step_retry, name="step_retry"),
    path("steps/<uuid:step_id>/attest/", case_verbs.step_attest, name="step_attest"),
    path("calendar/", calendar.case_calendar, name="case_calendar"),
    path("calendar.ics", calendar.case_calendar_file, name="case_calendar_file"),
]
