"""What the vendors room knows: vendors, services, agreements, assessments, authorisations."""

from vendors.models.agreements import Agreement, Term
from vendors.models.assessments import (
    EDITABLE_STATES,
    OPEN_STATES,
    Assessment,
    AssessmentDrafter,
    AssessmentEvidence,
    IsolationReview,
)
from vendors.models.authorisations import Authorisation, AuthorisationBasis
from vendors.models.findings import Finding
from vendors.models.questionnaires import (
    Answer,
    AnswerDocument,
    Question,
    Questionnaire,
    QuestionnaireUpload,
    RespondentLink,
    Section,
)
from vendors.models.vendors import Service, ServiceModel, SubProcessor, Vendor

__all__ = [
    "EDITABLE_STATES",
    "OPEN_STATES",
    "Agreement",
    "Answer",
    "AnswerDocument",
    "Assessment",
    "AssessmentDrafter",
    "AssessmentEvidence",
    "Authorisation",
    "AuthorisationBasis",
    "Finding",
    "IsolationReview",
    "Question",
    "Questionnaire",
    "QuestionnaireUpload",
    "RespondentLink",
    "Section",
    "Service",
    "ServiceModel",
    "SubProcessor",
    "Term",
    "Vendor",
]
