"""Addresses of the governance room."""

from django.urls import URLPattern, URLResolver, path

from governance.tenant_urls import tenant_patterns
from governance.views import (
    approvals,
    erasures,
    evidence,
    factor_resets,
    notifications,
    people,
    policies,
    service_accounts,
)

app_name = "governance"

urlpatterns: list[URLPattern | URLResolver] = [
    path("approvals/", approvals.approval_list, name="approval_list"),
    path("approvals/<uuid:approval_id>/", approvals.approval_read, name="approval_read"),
    path("approvals/<uuid:approval_id>/sign/", approvals.approval_sign, name="approval_sign"),
    path("approvals/<uuid:approval_id>/begin/", approvals.approval_begin, name="approval_begin"),
    path("approvals/<uuid:approval_id>/withdraw/", approvals.approval_withdraw, name="approval_withdraw"),
    path("evidence/", evidence.evidence_list, name="evidence_list"),
    path("evidence/add/", evidence.evidence_add, name="evidence_add"),
    path("evidence/<uuid:evidence_id>/", evidence.evidence_read, name="evidence_read"),
    path("evidence/<uuid:evidence_id>/review/", evidence.evidence_review, name="evidence_review"),
    path("evidence/<uuid:evidence_id>/download/", evidence.evidence_download, name="evidence_download"),
    path(
        "evidence/<uuid:evidence_id>/pages/<int:number>/<int:width>/",
        evidence.evidence_picture,
        name="evidence_picture",
    ),
    path("evidence/<uuid:evidence_id>/check/", evidence.evidence_check, name="evidence_check"),
    path("evidence/<uuid:evidence_id>/withdraw/", evidence.evidence_withdraw, name="evidence_withdraw"),
    path("notifications/choices/", notifications.notification_choices, name="notification_choices"),
    path("unsubscribe/<str:token>/", notifications.unsubscribe, name="unsubscribe"),
    path("unsubscribe/<str:token>/back/", notifications.resubscribe, name="resubscribe"),
    path("people/", people.person_list, name="person_list"),
    path("people/add/", people.person_add, name="person_add"),
    path("people/sessions/end/", people.all_sessions_end, name="all_sessions_end"),
    path("people/<uuid:person_id>/", people.person_read, name="person_read"),
    path("people/<uuid:person_id>/rename/", people.person_rename, name="person_rename"),
    path("people/<uuid:person_id>/disable/", people.person_disable, name="person_disable"),
    path("people/<uuid:person_id>/sessions/end/", people.person_sessions_end, name="person_sessions_end"),
    path("people/<uuid:person_id>/enable/", people.person_enable, name="person_enable"),
    path("people/<uuid:person_id>/names/erase/", erasures.names_erase, name="names_erase"),
    path("people/<uuid:person_id>/names/erase/begin/", erasures.names_erase_begin, name="names_erase_begin"),
    path("people/<uuid:person_id>/second-factors/reset/", factor_resets.factor_reset_ask, name="factor_reset_ask"),
    path("people/<uuid:person_id>/enrolment-link/", factor_resets.enrolment_link, name="enrolment_link"),
    path("second-factor-resets/<uuid:reset_id>/", factor_resets.factor_reset_read, name="factor_reset_read"),
    path("people/<uuid:person_id>/roles/give/", people.role_give, name="role_give"),
    path("people/<uuid:person_id>/roles/<uuid:assignment_id>/end/", people.role_end, name="role_end"),
    path("role-changes/<uuid:change_id>/", people.role_change_read, name="role_change_read"),
    path("my-roles/", people.my_roles, name="my_roles"),
    path("policies/", policies.policy_list, name="policy_list"),
    path("policies/<uuid:policy_id>/", policies.policy_read, name="policy_read"),
    path("policies/<str:kind>/propose/", policies.policy_propose, name="policy_propose"),
    path("policy-changes/<uuid:change_id>/", policies.policy_change_read, name="policy_change_read"),
    path("service-accounts/", service_accounts.service_account_list, name="service_account_list"),
    path("service-accounts/add/", service_accounts.service_account_add, name="service_account_add"),
    path("service-accounts/<uuid:account_id>/", service_accounts.service_account_read, name="service_account_read"),
    path(
        "service-accounts/<uuid:account_id>/edit/", service_accounts.service_account_edit, name="service_account_edit"
    ),
    path(
        "service-accounts/<uuid:account_id>/disable/",
        service_accounts.service_account_disable,
        name="service_account_disable",
    ),
    path(
        "service-accounts/<uuid:account_id>/enable/",
        service_accounts.service_account_enable,
        name="service_account_enable",
    ),
    path("service-accounts/<uuid:account_id>/tokens/issue/", service_accounts.token_issue, name="token_issue"),
    path("service-accounts/tokens/<uuid:token_id>/rotate/", service_accounts.token_rotate, name="token_rotate"),
    path("service-accounts/tokens/<uuid:token_id>/revoke/", service_accounts.token_revoke, name="token_revoke"),
    *tenant_patterns,
]
