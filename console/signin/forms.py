"""Shapes and wording of the sign-in pages' forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance.models import IdentityProvider
from governance.services.identities import ProviderSettings


def code_field(help_text: Any, *, required: bool = True, keypad: str = "text") -> forms.CharField:
    """A field for a code from an app (``keypad`` numeric), or for a recovery code too (text)."""
    return forms.CharField(
        label=_("Code"),
        max_length=32,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"inputmode": keypad, "autocomplete": "one-time-code", "class": "code", "spellcheck": "false",
                   "autocapitalize": "characters"}
        ),
    )  # fmt: skip


class SignInForm(forms.Form):
    """E-mail and password."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SecondFactorForm(forms.Form):
    """A code, or the answer of a security key in the hidden field."""

    code = code_field(_("Six digits from your authenticator app, or one of your recovery codes."), required=False)
    assertion = forms.CharField(required=False, max_length=16_384, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given: dict[str, Any] = super().clean() or {}
        if not given.get("code") and not given.get("assertion") and "code" not in self.errors:
            self.add_error("code", _("Give the code your app shows now, or use your security key."))
        return given


class StepUpForm(SecondFactorForm):
    """The second factor once more and, ``with_password``, the password before it."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("password", "code")

    def __init__(self, *args: Any, with_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_password:
            del self.fields["password"]


class AuthenticatorForm(forms.Form):
    """What the app shows after it took the seed."""

    device = forms.UUIDField(widget=forms.HiddenInput)
    code = code_field(_("The six digits the app shows for Countersign now."), keypad="numeric")
    name = forms.CharField(
        label=_("Name"), max_length=64, required=False, help_text=_("What you call this device, such as “work phone”.")
    )


class SecurityKeyForm(forms.Form):
    """A new key's answer, and what to call it."""

    name = forms.CharField(
        label=_("Name"), max_length=64, required=False, help_text=_("What you call this key, such as “blue key”.")
    )
    assertion = forms.CharField(required=False, max_length=65_536, widget=forms.HiddenInput)


class RenameForm(forms.Form):
    """A device's name."""

    name = forms.CharField(label=_("Name"), max_length=64)


class NewPasswordForm(forms.Form):
    """A password, twice."""

    password1 = forms.CharField(
        label=_("New password"),
        max_length=1024,
        strip=False,
        help_text=_("At least 12 characters. A few words in a row are easy to keep in mind."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "12"}),
    )
    password2 = forms.CharField(
        label=_("The same again"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password2(self) -> str:
        """Typed the same twice."""
        again: str = self.cleaned_data["password2"]
        if again != self.cleaned_data.get("password1", again):
            raise ValidationError(_("The two passwords differ."))
        return again


class ChangePasswordForm(NewPasswordForm):
    """The old password and the new one."""

    old = forms.CharField(
        label=_("Your password now"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password1", "password2")


class ResetForm(forms.Form):
    """Whom to send a link."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))


class ProviderForm(forms.Form):
    """An identity provider. The secret is only ever written."""

    kind = forms.ChoiceField(label=_("Protocol"), choices=IdentityProvider.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What the button on the sign-in page says."))
    slug = forms.CharField(
        label=_("Short name"), max_length=40, help_text=_("Part of the addresses below, such as “corp”. Keep it.")
    )
    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=255,
        help_text=_("OpenID Connect: the issuer's address. SAML: the IdP's entity ID."),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=255, required=False, help_text=_("OpenID Connect."))
    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=1024,
        required=False,
        strip=True,
        help_text=_("OpenID Connect. Encrypted here and never shown again; empty keeps the present one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    sso_url = forms.CharField(
        label=_("Sign-in address"), max_length=500, required=False, help_text=_("SAML: SingleSignOnService, redirect.")
    )
    certificate = forms.CharField(
        label=_("Signing certificate"),
        required=False,
        max_length=20_000,
        help_text=_("SAML: as PEM, with the BEGIN and END lines."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "mono"}),
    )
    mfa_values = forms.CharField(
        label=_("Values that prove a second factor"),
        required=False,
        max_length=1000,
        help_text=_("acr, amr or authentication contexts, separated by spaces. Empty: our own second factor follows."),
    )
    mfa_max_age_minutes = forms.IntegerField(
        label=_("How old that may be (minutes)"), min_value=1, max_value=720, initial=60
    )
    is_enabled = forms.BooleanField(
        label=_("Offer it on the sign-in page"), required=False, initial=True,
        help_text=_("While any provider is offered, local passwords sign in break-glass accounts only."),
    )  # fmt: skip

    def settings(self) -> ProviderSettings:
        """What the service takes."""
        given = dict(self.cleaned_data)
        given["mfa_values"] = given["mfa_values"].split()
        given["client_secret"] = given["client_secret"] or None
        return ProviderSettings(**given)


class IdentityForm(forms.Form):
    """Which subject of which provider is which person."""

    email = forms.EmailField(label=_("Person"), help_text=_("Their e-mail here, to find them; it is no identity."))
    issuer = forms.ChoiceField(label=_("Provider"))
    subject = forms.CharField(
        label=_("Subject"), max_length=255, help_text=_("“sub” at an OpenID provider, the persistent NameID in SAML.")
    )

    def __init__(self, *args: Any, issuers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].choices = issuers  # type: ignore[attr-defined]
