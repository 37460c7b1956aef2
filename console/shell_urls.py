"""The pages of the shell: My work, search, notifications, preferences, the style page."""

from django.urls import URLPattern, path

from console.views import jobs, notifications, outbox, preferences, search, style, work

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
    path("outbox/<uuid:message_id>/replay/", outbox.message_replay, name="message_replay"),
    path("style/", style.style_page, name="style_page"),
]
