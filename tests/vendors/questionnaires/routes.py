"""Who may open the pages of questionnaires and answers."""

from __future__ import annotations

from tests.matrix import EVERYBODY, Route
from tests.vendors.questionnaires import world as rows
from tests.vendors.questionnaires.files import YAML

READERS = {"vendor_analyst", "security_approver", "privacy_officer", "auditor", "administrator"}
ANALYST = {"vendor_analyst"}


def questionnaire(world):
    return {"questionnaire_id": world.questionnaire.id}


def upload(world):
    return {"upload_id": world.questionnaire_upload.id}


def assessment(world):
    return {"assessment_id": world.answered.id}


def section(world):
    return assessment(world) | {"section": "data"}


def link(world):
    return {"link_id": world.respondent_link.id}


def link_section(world):
    return link(world) | {"section": "data"}


def document_key(world):
    return {"assessment_id": world.with_document.id, "key": "report"}


def document(world):
    return document_key(world) | {"document_id": world.answer_document.id}


def link_document_key(world):
    return link(world) | {"key": "report"}


def link_document(world):
    return link_document_key(world) | {"document_id": world.answer_document.id}


def grow(world):
    for number in range(20):
        rows.questionnaire(world, YAML, f"Basics {number}")


#: Nobody gets through a link they have not opened, whoever they are; the link's own tests open it.
NOBODY: set[str] = set()

ROUTES = [
    Route("vendors:questionnaire_list", allow=READERS, grow=grow),
    Route("vendors:questionnaire_upload", allow=ANALYST),
    Route("vendors:questionnaire_preview", allow=READERS, args=upload),
    Route("vendors:questionnaire_import", allow=ANALYST, method="POST", args=upload),
    Route("vendors:questionnaire_set_aside", allow=ANALYST, method="POST", args=upload),
    Route("vendors:questionnaire_detail", allow=READERS, args=questionnaire),
    Route("vendors:questionnaire_download", allow=READERS, args=questionnaire),
    Route("vendors:assessment_answers", allow=READERS, args=assessment),
    Route("vendors:answer_section", allow=READERS, args=section),
    Route("vendors:answer_save", allow=ANALYST, method="POST", args=section),
    Route("vendors:answer_sheet", allow=READERS, args=assessment),
    Route("vendors:answer_sheet_import", allow=ANALYST, args=assessment),
    Route("vendors:respondent_invite", allow=ANALYST, args=assessment),
    Route(
        "vendors:respondent_revoke", allow=ANALYST, method="POST", args=lambda world: assessment(world) | link(world)
    ),
    Route(
        "vendors:respond_open",
        allow=EVERYBODY | {"anonymous"},
        args=lambda world: {"token": world.respondent_token},
    ),
    Route("vendors:respond_start", allow=NOBODY, args=link, denied=404),
    Route("vendors:respond_section", allow=NOBODY, args=link_section, denied=404),
    Route("vendors:respond_save", allow=NOBODY, method="POST", args=link_section, denied=404),
    Route("vendors:answer_documents", allow=ANALYST, args=document_key),
    Route("vendors:answer_documents", allow=ANALYST, method="POST", args=document_key),
    Route("vendors:answer_document_remove", allow=ANALYST, method="POST", args=document),
    Route("vendors:respond_documents", allow=NOBODY, args=link_document_key, denied=404),
    Route("vendors:respond_document_remove", allow=NOBODY, method="POST", args=link_document, denied=404),
    Route("vendors:respond_sheet", allow=NOBODY, args=link, denied=404),
    Route("vendors:respond_sheet_import", allow=NOBODY, args=link, denied=404),
    Route("vendors:respond_hand_back", allow=NOBODY, method="POST", args=link, denied=404),
]
