"""Addresses of the vendors room."""

from django.urls import URLPattern, path

from vendors import questionnaire_urls
from vendors.views import agreements, assessments, findings, register, services, vendors

app_name = "vendors"

urlpatterns: list[URLPattern] = [
    path("", vendors.vendor_list, name="vendor_list"),
    path("export/<slug:form>/", vendors.vendor_export, name="vendor_export"),
    path("add/", vendors.vendor_add, name="vendor_add"),
    path("register/", register.register, name="register"),
    path("register/<uuid:service_id>/", register.register_read, name="register_read"),
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/<uuid:finding_id>/", findings.finding_read, name="finding_read"),
    path("findings/<uuid:finding_id>/remediate/", findings.finding_remediate, name="finding_remediate"),
    path("findings/<uuid:finding_id>/reopen/", findings.finding_reopen, name="finding_reopen"),
    path("findings/<uuid:finding_id>/accept/", findings.finding_accept, name="finding_accept"),
    path("findings/<uuid:finding_id>/accept/begin/", findings.finding_accept_begin, name="finding_accept_begin"),
    path("findings/<uuid:finding_id>/close/", findings.finding_close, name="finding_close"),
    path("<uuid:vendor_id>/", vendors.vendor_read, name="vendor_read"),
    path("<uuid:vendor_id>/edit/", vendors.vendor_edit, name="vendor_edit"),
    path("<uuid:vendor_id>/services/add/", services.service_add, name="service_add"),
    path("<uuid:vendor_id>/agreements/add/", agreements.agreement_add, name="agreement_add"),
    path("services/<uuid:service_id>/", services.service_read, name="service_read"),
    path("services/<uuid:service_id>/edit/", services.service_edit, name="service_edit"),
    path("services/<uuid:service_id>/assess/", services.service_assess, name="service_assess"),
    path("services/<uuid:service_id>/revoke/", services.service_revoke, name="service_revoke"),
    path("services/<uuid:service_id>/revoke/begin/", services.service_revoke_begin, name="service_revoke_begin"),
    path("services/<uuid:service_id>/models/add/", services.service_model_add, name="service_model_add"),
    path(
        "services/<uuid:service_id>/models/<uuid:model_id>/remove/",
        services.service_model_remove,
        name="service_model_remove",
    ),
    path("services/<uuid:service_id>/sub-processors/add/", services.sub_processor_add, name="sub_processor_add"),
    path("sub-processors/<uuid:sub_processor_id>/edit/", services.sub_processor_edit, name="sub_processor_edit"),
    path("sub-processors/<uuid:sub_processor_id>/remove/", services.sub_processor_remove, name="sub_processor_remove"),
    path("agreements/<uuid:agreement_id>/", agreements.agreement_read, name="agreement_read"),
    path("agreements/<uuid:agreement_id>/replace/", agreements.agreement_replace, name="agreement_replace"),
    path("agreements/<uuid:agreement_id>/withdraw/", agreements.agreement_withdraw, name="agreement_withdraw"),
    path("assessments/<uuid:assessment_id>/", assessments.assessment_read, name="assessment_read"),
    path("assessments/<uuid:assessment_id>/scope/", assessments.assessment_scope, name="assessment_scope"),
    path(
        "assessments/<uuid:assessment_id>/questionnaire/",
        assessments.assessment_questionnaire,
        name="assessment_questionnaire",
    ),
    path("assessments/<uuid:assessment_id>/evidence/", assessments.assessment_evidence, name="assessment_evidence"),
    path(
        "assessments/<uuid:assessment_id>/evidence/<uuid:evidence_id>/detach/",
        assessments.assessment_evidence_detach,
        name="assessment_evidence_detach",
    ),
    path(
        "assessments/<uuid:assessment_id>/agreements/", assessments.assessment_agreements, name="assessment_agreements"
    ),
    path("assessments/<uuid:assessment_id>/isolation/", assessments.assessment_isolation, name="assessment_isolation"),
    path("assessments/<uuid:assessment_id>/findings/", assessments.assessment_findings, name="assessment_findings"),
    path(
        "assessments/<uuid:assessment_id>/conditions/", assessments.assessment_conditions, name="assessment_conditions"
    ),
    path("assessments/<uuid:assessment_id>/submit/", assessments.assessment_submit, name="assessment_submit"),
    path("assessments/<uuid:assessment_id>/withdraw/", assessments.assessment_withdraw, name="assessment_withdraw"),
    path("assessments/<uuid:assessment_id>/take-back/", assessments.assessment_take_back, name="assessment_take_back"),
    *questionnaire_urls.urlpatterns,
]
