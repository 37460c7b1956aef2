"""What can happen to questionnaires, answers and respondents' links, in the words a timeline shows."""

ACTIONS: dict[str, str] = {
    "vendors.questionnaire.uploaded": "Questionnaire file read",
    "vendors.questionnaire.set_aside": "Questionnaire file set aside",
    "vendors.questionnaire.imported": "Questionnaire imported",
    "vendors.answers.saved": "Answers saved",
    "vendors.answers.document_attached": "Document put beside an answer",
    "vendors.answers.document_removed": "Document taken off an answer",
    "vendors.respondent.invited": "Vendor’s respondent invited",
    "vendors.respondent.opened": "Respondent’s link opened",
    "vendors.respondent.revoked": "Respondent’s link revoked",
    "vendors.respondent.handed_back": "Answers handed back by the vendor",
}
