"""Addresses of questionnaires, answers and respondents' links (in the vendors namespace)."""

from django.urls import URLPattern, path

from vendors.views import answers, documents, questionnaires, respond

urlpatterns: list[URLPattern] = [
    path("questionnaires/", questionnaires.questionnaire_list, name="questionnaire_list"),
    path("questionnaires/upload/", questionnaires.questionnaire_upload, name="questionnaire_upload"),
    path(
        "questionnaires/uploads/<uuid:upload_id>/", questionnaires.questionnaire_preview, name="questionnaire_preview"
    ),
    path(
        "questionnaires/uploads/<uuid:upload_id>/import/",
        questionnaires.questionnaire_import,
        name="questionnaire_import",
    ),
    path(
        "questionnaires/uploads/<uuid:upload_id>/set-aside/",
        questionnaires.questionnaire_set_aside,
        name="questionnaire_set_aside",
    ),
    path("questionnaires/<uuid:questionnaire_id>/", questionnaires.questionnaire_detail, name="questionnaire_detail"),
    path(
        "questionnaires/<uuid:questionnaire_id>/download/",
        questionnaires.questionnaire_download,
        name="questionnaire_download",
    ),
    path("assessments/<uuid:assessment_id>/answers/", answers.assessment_answers, name="assessment_answers"),
    path("assessments/<uuid:assessment_id>/answers/<str:section>/", answers.answer_section, name="answer_section"),
    path("assessments/<uuid:assessment_id>/answers/<str:section>/save/", answers.answer_save, name="answer_save"),
    path("assessments/<uuid:assessment_id>/answer-sheet/", answers.answer_sheet, name="answer_sheet"),
    path(
        "assessments/<uuid:assessment_id>/answer-sheet/import/",
        answers.answer_sheet_import,
        name="answer_sheet_import",
    ),
    path("assessments/<uuid:assessment_id>/documents/<str:key>/", documents.answer_documents, name="answer_documents"),
    path(
        "assessments/<uuid:assessment_id>/documents/<str:key>/<uuid:document_id>/remove/",
        documents.answer_document_remove,
        name="answer_document_remove",
    ),
    path("assessments/<uuid:assessment_id>/respondents/invite/", answers.respondent_invite, name="respondent_invite"),
    path(
        "assessments/<uuid:assessment_id>/respondents/<uuid:link_id>/revoke/",
        answers.respondent_revoke,
        name="respondent_revoke",
    ),
    path("respond/open/<str:token>/", respond.respond_open, name="respond_open"),
    path("respond/<uuid:link_id>/", respond.respond_start, name="respond_start"),
    path("respond/<uuid:link_id>/sections/<str:section>/", respond.respond_section, name="respond_section"),
    path("respond/<uuid:link_id>/sections/<str:section>/save/", respond.respond_save, name="respond_save"),
    path("respond/<uuid:link_id>/sheet/", respond.respond_sheet, name="respond_sheet"),
    path("respond/<uuid:link_id>/sheet/import/", respond.respond_sheet_import, name="respond_sheet_import"),
    path("respond/<uuid:link_id>/documents/<str:key>/", documents.respond_documents, name="respond_documents"),
    path(
        "respond/<uuid:link_id>/documents/<str:key>/<uuid:document_id>/remove/",
        documents.respond_document_remove,
        name="respond_document_remove",
    ),
    path("respond/<uuid:link_id>/hand-back/", respond.respond_hand_back, name="respond_hand_back"),
]
