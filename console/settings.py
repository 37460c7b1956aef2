"""Django's settings, from one environment (``console/environment.py``)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from console import logs
from console.connections import database, mail
from console.environment import ROOT, load, words
from console.plaintext import plain_servers

env = load()
env.var_dir.mkdir(parents=True, exist_ok=True)

BASE_DIR = ROOT
DEBUG = env.debug
DEMO = env.demo
STYLE_PAGE = DEBUG or DEMO
SECRET_KEY = env.secret_key
ENCRYPTION_KEYS = words(env.encryption_keys)
ALLOWED_HOSTS = env.hosts
PUBLIC_URL = env.public_url.rstrip("/")
TRUSTED_PROXIES = env.trusted_proxies
METRICS_TOKEN = env.metrics_token
PLAINTEXT_SERVERS = plain_servers(env)
WEBHOOK_ALLOWED_HOSTS = words(env.webhook_allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "governance",  # before django_otp_webauthn, whose models ours are built on
    "django_otp",
    "django_otp_webauthn",
    "django_htmx",
    "csp",
    "console",
    "vendors",
    "reviews",
    "retention",
    "tenants",
    "outbox",
    "auditlog",
]

MIDDLEWARE = [
    "console.requests.RequestIdMiddleware",
    # What every answer carries, whoever makes it: pages, static files, refusals, problem documents.
    "console.middleware.CharsetMiddleware",
    "console.middleware.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "console.problems.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.requests.RequestLogMiddleware",
    "console.requests.RequestMetricsMiddleware",
    "console.problems.PlainHttpMiddleware",
    "console.middleware.NoStoreMiddleware",
    "console.middleware.SignOutMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "console.signin.seen.SeenMiddleware",
    "console.middleware.ActorMiddleware",
    "console.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
AUTH_USER_MODEL = "governance.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "console.context.shell",
            ],
        },
    }
]


DATABASES = {"default": database(env.database())}
globals().update(mail(env.email_url, env.var_dir / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.email_from

# One shared cache with Redis (rate limits hold across machines), else one in this process. Sessions stay in the
# database either way: "sign out everywhere" counts at once, and losing Redis signs nobody out.
REDIS_URL = env.redis_url
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

API_CALLS_PER_MINUTE = env.api_calls_per_minute

AUTHENTICATION_BACKENDS = ["console.signin.backends.PasswordBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "console.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,10/5m/key",  # the key is address *and* place: guessing locks nobody else out
    "second_factor": "60/m/ip",
    "reset_password": "10/m/ip",
    "reset_password_from_key": "30/m/ip",
    "change_password": "5/m/user",
    "certificate_check": "30/m/ip",
}
SOCIALACCOUNT_ADAPTER = "console.signin.adapters.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # a form would be stopped by the CSP on its way out; state and nonce guard the way back
)
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "console.signin.oidc.StrictOpenIDProvider", "OAUTH_PKCE_ENABLED": True},
    "saml": {"provider_class": "console.signin.saml.StrictSAMLProvider"},
}
SSO_PROVIDERS = env.sso_providers
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "console.signin.passwords.LeakedPasswordValidator"},
    {"NAME": "console.signin.passwords.ContextWordsValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = env.var_dir / "static"
STATICFILES_DIRS = [ROOT / "static"]

WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

EVIDENCE_ROOT = env.var_dir / "evidence"
EVIDENCE_BUCKET = env.evidence_bucket
EVIDENCE_ENDPOINT_URL = env.evidence_endpoint_url
EVIDENCE_REGION = env.evidence_region
EVIDENCE_PICTURES = env.var_dir / "evidence-pictures"
EVIDENCE_MAX_BYTES = env.evidence_max_mb * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["governance.evidence.receiving.CappedUploadHandler"]
CLAMD = env.clamd

RETENTION_FOLDERS = words(env.retention_folders)
RETENTION_COOLING_OFF = dt.timedelta(minutes=env.retention_cooling_off_minutes)

AUDITLOG_KEYS_DIR = env.audit_keys_dir or env.var_dir / "keys"
AUDITLOG_MAC_KEYS = env.audit_mac_keys

OTP_WEBAUTHN_RP_ID = urlsplit(env.public_url).hostname
OTP_WEBAUTHN_RP_NAME = "Countersign"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [env.public_url]
OTP_WEBAUTHN_CREDENTIAL_MODEL = "governance.SecurityKey"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False

# What the browser is told. Over https (always, outside development) cookies never travel in the clear.
SECURE = urlsplit(PUBLIC_URL).scheme == "https"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds after signing in a session ends, however it is used
SESSION_IDLE = 60 * 60  # seconds without use after which it ends; both are enforced by governance.authority.session_end
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_COOKIE_NAME = "__Host-messages" if SECURE else "messages"
MESSAGE_STORAGE = "console.messages.MessageStorage"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = SECURE
SECURE_SSL_HOST = urlsplit(PUBLIC_URL).netloc  # never the host that was asked for, which may be anybody's
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^api/"]  # PlainHttpMiddleware refuses
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = logs.settings_for(env.log_level, as_json=not DEBUG)
logs.configure()
DJANGO_STRUCTLOG_USER_ID_FIELD = None  # console.middleware binds the actor, a signed-in person is not one yet
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # console.requests has settled it
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
