"""The pages of the shell: My work, search, notifications, preferences, the style page."""

from django.urls import URLPattern, path

from console.views import jobs, notifications, outbox, preferences, search, style, webhooks, work

app_name = "console"

urlpatterns: list[URLPattern] = [
    path("", work.my_work, name="my_work"),
    path("search/", search.search, name="search"),
    path("notifications/", notifications.notification_list, name="notification_list"),
    path("notifications/read/", notifications.notifications_read_all, name="notifications_read_all"),
    path("notifications/<uuid:notification_id>/read/", notifications.notification_read, name="notification_read"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("jobs/", jobs.job_list, name="job_list"),
    path("outbox/", outbox.message_list, name="message_list"),
    path("outbox/replay/", outbox.messages_replay, name="messages_replay"),
    path("outbox/<uuid:message_id>/", outbox.message_read, name="message_read"),
    path("outbox/<uuid:message_id>/replay/", outbox.message_replay, name="message_replay"),
    path("webhooks/", webhooks.endpoint_list, name="endpoint_list"),
    path("webhooks/accounts/<uuid:account_id>/add/", webhooks.endpoint_add, name="endpoint_add"),
    path("webhooks/<uuid:endpoint_id>/", webhooks.endpoint_read, name="endpoint_read"),
    path("webhooks/<uuid:endpoint_id>/edit/", webhooks.endpoint_edit, name="endpoint_edit"),
    path("webhooks/<uuid:endpoint_id>/rotate/", webhooks.secret_rotate, name="secret_rotate"),
    path("webhooks/<uuid:endpoint_id>/test/", webhooks.endpoint_test, name="endpoint_test"),
    path("webhooks/<uuid:endpoint_id>/disable/", webhooks.endpoint_disable, name="endpoint_disable"),
    path("webhooks/<uuid:endpoint_id>/replay/", webhooks.endpoint_replay, name="endpoint_replay"),
    path("style/", style.style_page, name="style_page"),
]
