"""Addresses of sign-in. allauth's own URLs are not included: what is not listed here does not exist."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from console.signin import oidc, saml
from console.signin.views import entrance, providers, second_factor, security, step_up

#: Names that allauth and Django reverse, so they have no namespace.
entrance_patterns: list[URLPattern] = [
    path("login/", entrance.login, name="account_login"),
    path("logout/", entrance.logout, name="account_logout"),
    path("password/reset/", entrance.reset_password, name="account_reset_password"),
    path("password/change/", security.password_change, name="account_change_password"),
    path("oidc/<slug:provider_id>/login/", oidc.oidc_login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", oidc.oidc_callback, name="openid_connect_callback"),
    path("saml/<slug:organization_slug>/login/", saml.saml_login, name="saml_login"),
    path("saml/<slug:organization_slug>/acs/", saml.saml_acs, name="saml_acs"),
    path("saml/<slug:organization_slug>/acs/finish/", saml.saml_finish, name="saml_finish_acs"),
    path("saml/<slug:organization_slug>/metadata/", saml.saml_metadata, name="saml_metadata"),
    path("saml/<slug:organization_slug>/sls/", saml.saml_sls, name="saml_sls"),
]

own_patterns: list[URLPattern] = [
    path("accounts/", entrance.accounts_home, name="accounts_home"),
    path("accounts/welcome/", entrance.welcome, name="welcome"),
    path("accounts/welcome/<str:token>/", entrance.welcome_link, name="welcome_link"),
    path("accounts/second-factor/", second_factor.code_check, name="code_check"),
    path("accounts/second-factor/ask/", second_factor.key_ask, name="key_ask"),
    path("accounts/enrol/", second_factor.enrolment, name="enrolment"),
    path("accounts/enrol/key/", second_factor.enrolment_key, name="enrolment_key"),
    path("accounts/enrol/key/ask/", second_factor.enrolment_key_ask, name="enrolment_key_ask"),
    path("accounts/enrol/finish/", second_factor.enrolment_finish, name="enrolment_finish"),
    path("accounts/security/", security.security, name="security"),
    path("accounts/security/authenticators/add/", security.authenticator_add, name="authenticator_add"),
    path("accounts/security/keys/add/", security.key_add, name="key_add"),
    path("accounts/security/keys/add/ask/", security.key_add_ask, name="key_add_ask"),
    path("accounts/security/devices/<uuid:device_id>/rename/", security.device_rename, name="device_rename"),
    path("accounts/security/devices/<uuid:device_id>/remove/", security.device_remove, name="device_remove"),
    path("accounts/security/recovery-codes/renew/", security.codes_renew, name="codes_renew"),
    path("accounts/sessions/", security.session_list, name="session_list"),
    path("accounts/sessions/end/", security.sessions_end, name="sessions_end"),
    path("accounts/sessions/<int:session_id>/end/", security.session_end, name="session_end"),
    path("step-up/", step_up.step_up, name="step_up"),
    path("step-up/ask/", step_up.step_up_ask, name="step_up_ask"),
    path("people/<uuid:person_id>/invite/", providers.person_invite, name="person_invite"),
    path("people/<uuid:person_id>/break-glass/set/", providers.break_glass_set, name="break_glass_set"),
    path("sign-in/", providers.provider_list, name="provider_list"),
    path("sign-in/providers/add/", providers.provider_add, name="provider_add"),
    path("sign-in/providers/<uuid:provider_id>/", providers.provider_read, name="provider_read"),
    path("sign-in/providers/<uuid:provider_id>/change/", providers.provider_change, name="provider_change"),
    path("sign-in/providers/<uuid:provider_id>/test/", providers.provider_test, name="provider_test"),
    path("sign-in/identities/link/", providers.identity_link, name="identity_link"),
    path("sign-in/identities/<uuid:identity_id>/unlink/", providers.identity_unlink, name="identity_unlink"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(entrance_patterns)),
    path("", include((own_patterns, "signin"))),
]
