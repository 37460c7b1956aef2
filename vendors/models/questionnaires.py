"""Questionnaires (immutable, by version), the files they came from, answers, and respondents' links."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from auditlog.errors import StateError
from auditlog.models import Governed, Witnessed
from vendors.questionnaires.shape import ChoiceShape, Kind, QuestionShape, SectionShape, WarningShape


class SourceFormat(models.TextChoices):
    """What kind of file a questionnaire was read from."""

    VSAQ = "vsaq", _("Google VSAQ")
    OSCAL = "oscal", _("OSCAL catalog")
    YAML = "yaml", _("Countersign YAML")
    SHEET = "sheet", _("Spreadsheet")


class QuestionnaireUpload(Governed):
    """A file somebody uploaded and what was understood of it, waiting to be imported or set aside."""

    file_name = models.CharField(max_length=200)
    source_format = models.CharField(max_length=8, choices=SourceFormat.choices)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file, hex"))
    size = models.PositiveIntegerField(help_text=_("Bytes"))
    understood = models.JSONField(help_text=_("What was understood, in our own form"))
    remarks = models.JSONField(default=list, help_text=_("What was changed or skipped, by line"))
    uploaded_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-uploaded_at",)

    def __str__(self) -> str:
        return self.file_name


class Questionnaire(Witnessed):
    """One version of a questionnaire. Published when it is imported, and never changed after that."""

    witnessed_fields: ClassVar[tuple[str, ...]] = ("name", "version", "source_format", "digest", "content_digest")

    name = models.CharField(_("name"), max_length=160)
    version = models.PositiveIntegerField(_("version"))
    source_format = models.CharField(max_length=8, choices=SourceFormat.choices)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file it came from, hex"))
    content_digest = models.CharField(max_length=64, help_text=_("SHA-256 of its sections and questions, hex"))
    upload = models.OneToOneField(QuestionnaireUpload, on_delete=models.PROTECT, related_name="questionnaire")
    question_count = models.PositiveIntegerField(default=0)
    published_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "-version")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="questionnaire_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="questionnaire_version_from_1"),
        ]

    def __str__(self) -> str:
        return _("%(name)s, version %(version)d") % {"name": self.name, "version": self.version}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a published questionnaire: an answer must keep the question it was given to."""
        refuse_change(self)
        super().save(*args, **kwargs)


class Section(Governed):
    """A part of a questionnaire that is answered and scored together."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="sections")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    help = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField(default=1, help_text=_("Its share of the total; 0 leaves it out"))

    class Meta:
        ordering = ("questionnaire", "position")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "position"], name="section_position_once"),
            models.UniqueConstraint(fields=["questionnaire", "key"], name="section_key_once"),
            models.CheckConstraint(condition=models.Q(weight__lte=100), name="section_weight_to_100"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a published section."""
        refuse_change(self)
        super().save(*args, **kwargs)

    def shape(self, questions: tuple[QuestionShape, ...]) -> SectionShape:
        """As the pure functions read it, with its ``questions``."""
        return SectionShape(self.key, self.title, self.help, self.weight, questions)


class Question(Governed):
    """One question of one version of a questionnaire. ``key`` is stable from version to version."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="questions")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField(help_text=_("Within the questionnaire"))
    key = models.CharField(max_length=80)
    heading = models.CharField(max_length=300, blank=True, help_text=_("The block it stands under, in its section"))
    text = models.TextField()
    help = models.TextField(blank=True)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.word) for kind in Kind])
    choices = models.JSONField(default=list, blank=True, help_text=_("key, label, score (0 to 100 or none)"))
    warnings = models.JSONField(default=list, blank=True, help_text=_("when, severity, name, text, ask"))
    weight = models.PositiveSmallIntegerField(default=1)
    required = models.BooleanField(default=False)
    evidence_kind = models.CharField(max_length=32, blank=True)
    shown_when = models.TextField(blank=True, help_text=_("A condition on other answers; empty: always"))
    placeholder = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("questionnaire", "position")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "key"], name="question_key_once"),
            models.UniqueConstraint(fields=["questionnaire", "position"], name="question_position_once"),
            models.CheckConstraint(condition=models.Q(weight__lte=100), name="question_weight_to_100"),
        ]

    def __str__(self) -> str:
        return self.shape.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a published question."""
        refuse_change(self)
        super().save(*args, **kwargs)

    @property
    def shape(self) -> QuestionShape:
        """As the pure functions read it."""
        return QuestionShape(
            key=self.key,
            text=self.text,
            kind=Kind(self.kind),
            help=self.help,
            heading=self.heading,
            choices=tuple(ChoiceShape(**choice) for choice in self.choices),
            warnings=tuple(WarningShape(**warning) for warning in self.warnings),
            weight=self.weight,
            required=self.required,
            evidence_kind=self.evidence_kind,
            shown_when=self.shown_when,
            placeholder=self.placeholder,
        )


class RespondentLink(Witnessed):
    """A way in for one person of the vendor: one assessment's questionnaire, until it ends. No account.

    Only the SHA-256 of the token is kept; who has the link has the token, nobody here can read it.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "assessment_id",
        "token_digest",
        "invited_by_id",
        "expires_at",
        "revoked_at",
        "handed_back_at",
    )

    assessment = models.ForeignKey("vendors.Assessment", on_delete=models.PROTECT, related_name="respondent_links")
    recipient = models.CharField(_("who answers"), max_length=120)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    opened_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    handed_back_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-invited_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("invited_at")), name="respondent_link_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return self.recipient

    @property
    def is_live(self) -> bool:
        """Whether it still lets anybody in: evaluated now, whatever a job has or has not done."""
        return self.revoked_at is None and self.handed_back_at is None and timezone.now() < self.expires_at


class Answer(Governed):
    """What was last answered to one question in one assessment, and by whom."""

    assessment = models.ForeignKey("vendors.Assessment", on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField(null=True, help_text=_("A choice's key, a list of them, or text; null: no answer"))
    comment = models.TextField(blank=True)
    answered_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    answered_through = models.ForeignKey(RespondentLink, null=True, on_delete=models.PROTECT, related_name="answers")
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("assessment", "question")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="answer_once"),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=False, answered_through__isnull=True)
                | models.Q(answered_by__isnull=True, answered_through__isnull=False),
                name="answer_by_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}"


class AnswerDocument(Governed):
    """A piece of evidence put beside an answer, by an analyst or by the vendor's respondent."""

    assessment = models.ForeignKey("vendors.Assessment", on_delete=models.PROTECT, related_name="answer_documents")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="documents")
    evidence = models.ForeignKey("governance.Evidence", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text=_("The file's name as it was given here"))
    size = models.PositiveBigIntegerField(help_text=_("Bytes"))
    attached_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    attached_through = models.ForeignKey(RespondentLink, null=True, on_delete=models.PROTECT, related_name="documents")
    attached_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("attached_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question", "evidence"], name="answer_document_once"),
            models.CheckConstraint(
                condition=models.Q(attached_by__isnull=False, attached_through__isnull=True)
                | models.Q(attached_by__isnull=True, attached_through__isnull=False),
                name="answer_document_by_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name


def refuse_change(row: models.Model) -> None:
    """Raise :class:`StateError` for a row that is already in the database: a version is written once."""
    if not row._state.adding:
        raise StateError(gettext("A published questionnaire does not change. Import a new version instead."))
