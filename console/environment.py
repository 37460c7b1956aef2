"""What an installation may set, read from the environment (and ``.env``), each setting documented.

Outside development (``DEBUG=0``) an unsafe or missing value stops every process at start, with the fix in the message.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.plaintext import plain_servers

ROOT = Path(__file__).resolve().parent.parent
SECRET_LENGTH = 50
#: Where the demo company's folders lie, under VAR_DIR.
DEMO_STORES = "demo-stores"
TOKEN_LENGTH = 32
RANDOM = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
HEX = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
FERNET = "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"


class Environment(BaseSettings):
    """Every setting, its default, and what it is for; ``docs/settings.md`` lists them."""

    model_config = SettingsConfigDict(extra="ignore")

    debug: bool = Field(False, description="Development: show tracebacks, keep made-up secrets under VAR_DIR.")
    demo: bool = Field(False, description="Seed and show the demo company. Refuses to start with DEBUG=0.")
    secret_key: str = Field("", description="Signs sessions; 50 or more random characters.")
    allowed_hosts: str = Field("localhost,127.0.0.1", description="Host names served, comma-separated.")
    public_url: str = Field("http://localhost:8000", description="Where people reach the console.")
    trusted_proxies: int = Field(0, ge=0, le=9, description="How many reverse proxies of yours stand in front.")
    database_url: str = Field("", description="postgres://user:password@host/name; empty: SQLite in VAR_DIR.")
    redis_url: str = Field("", description="redis://…: broker and cache shared by many machines; empty: in-process.")
    var_dir: Path = Field(ROOT / "var", description="Where local files lie: database, evidence, keys.")
    evidence_bucket: str = Field("", description="S3 bucket for evidence; empty: files under VAR_DIR/evidence.")
    evidence_endpoint_url: str = Field("", description="Another S3 server's address.")
    evidence_region: str = Field("", description="The bucket's region.")
    evidence_max_mb: int = Field(50, ge=1, le=2000, description="The largest file that comes in as evidence, in MB.")
    clamd: str = Field("", description="host:port of clamd; empty: files are inspected but not scanned for viruses.")
    encryption_keys: str = Field("", description="Comma-separated Fernet keys for TOTP seeds; the first encrypts.")
    audit_keys_dir: Path | None = Field(None, description="Where the log's keys lie; empty: VAR_DIR/keys.")
    audit_mac_keys: str = Field("", description="Hex keys the log's events are MACed with, the same on all machines.")
    sso_providers: str = Field("", description="JSON list of identity providers, see docs/single-sign-on.md.")
    email_url: str = Field(
        "", description="smtp://user:password@host:port; console: prints mails; empty: files under VAR_DIR/mail."
    )
    email_from: str = Field("countersign@localhost", description="Sender of every mail.")
    plaintext_hosts: str = Field(
        "", description="Hosts of ours that may be talked to without TLS, comma-separated: their network is trusted."
    )
    webhook_allowed_hosts: str = Field(
        "", description="Hosts and networks webhooks may reach though not public, comma-separated."
    )
    api_calls_per_minute: int = Field(
        1200, ge=0, description="How often each service account may call in a minute; 0: as often as it likes."
    )
    retention_folders: str = Field(
        "", description="Folders below which data stores of kind folder may lie, comma-separated; empty: nowhere."
    )
    retention_cooling_off_minutes: int = Field(
        1440, ge=0, le=14_400, description="How long an approved deletion can still be called off before it starts."
    )
    metrics_token: str = Field("", description="Bearer token for /metrics; empty: only this machine may read them.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged.")

    @property
    def hosts(self) -> list[str]:
        """ALLOWED_HOSTS, one by one."""
        return words(self.allowed_hosts)

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is a local file."""
        return self.database().startswith("sqlite:")

    def database(self) -> str:
        """DATABASE_URL, or where the local file lies."""
        return self.database_url or f"sqlite:///{self.var_dir.absolute()}/countersign.sqlite3"


def words(text: str) -> list[str]:
    """Comma-separated ``text``, stripped, without empty parts."""
    return [part.strip() for part in text.split(",") if part.strip()]


def load() -> Environment:
    """Read the environment and the file ``ENV_FILE`` (``.env``); refuse what is wrong or unsafe."""
    try:
        env = Environment(_env_file=os.environ.get("ENV_FILE", ROOT / ".env"))  # type: ignore[call-arg]
    except ValidationError as error:
        found = [f"{str(at['loc'][0]).upper()}: {at['msg']}." for at in error.errors()]
        raise ImproperlyConfigured(refusal(found)) from None
    found = malformed(env) + ([] if env.debug else unsafe(env))
    if found:
        raise ImproperlyConfigured(refusal(found))
    return with_local_secrets(env) if env.debug else env


def refusal(found: list[str]) -> str:
    """One message for every problem found."""
    return "\n".join(["Countersign does not start like this:", *(f"  - {line}" for line in found)])


def malformed(env: Environment) -> list[str]:
    """What can work nowhere, development included."""
    found = []
    if urlsplit(env.database()).scheme not in ("sqlite", "postgres", "postgresql"):
        found.append("DATABASE_URL must start with sqlite:///, postgres:// or postgresql://.")
    if env.redis_url and urlsplit(env.redis_url).scheme not in ("redis", "rediss", "unix"):
        found.append("REDIS_URL must start with redis:// or rediss://, or be empty.")
    if env.email_url != "console:" and urlsplit(env.email_url).scheme not in ("", "smtp", "smtps", "smtp+tls"):
        found.append("EMAIL_URL must start with smtp://, smtp+tls:// (STARTTLS) or smtps://, or be console:.")
    if not all(map(is_fernet_key, words(env.encryption_keys))):
        found.append(f"ENCRYPTION_KEYS holds something that is no Fernet key. Make one: {FERNET}")
    return found


def unsafe(env: Environment) -> list[str]:
    """What must not be so in production, each with its fix."""
    url = urlsplit(env.public_url)
    return [
        *unsafe_secrets(env),
        *unsafe_addresses(env, url),
        *unsafe_connections(env),
        *([f"DEMO=1 would let anybody in with published passwords: unset it ({FOR_DEVELOPMENT})."] if env.demo else []),
        *(
            ["REDIS_URL is for many processes, which cannot share a SQLite file: set DATABASE_URL=postgres://…"]
            if env.redis_url and env.on_sqlite
            else []
        ),
        *(
            []
            if env.email_url
            else ["EMAIL_URL is empty: set smtp+tls://user:password@host:587, or console: to print."]
        ),
    ]


FOR_DEVELOPMENT = "or set DEBUG=1 on a development machine"


def unsafe_secrets(env: Environment) -> list[str]:
    """Secrets that are missing or weak."""
    found = []
    if not env.secret_key:
        found.append(f"SECRET_KEY is missing: {RANDOM} ({FOR_DEVELOPMENT}).")
    elif len(env.secret_key) < SECRET_LENGTH or len(set(env.secret_key)) < 20 or "insecure" in env.secret_key:
        found.append(f"SECRET_KEY is weak, it needs {SECRET_LENGTH} random characters: {RANDOM}")
    if not env.encryption_keys:
        found.append(f"ENCRYPTION_KEYS is missing, TOTP seeds would lie in the clear: {FERNET}")
    if not (env.audit_mac_keys or env.audit_keys_dir):
        found.append(f"AUDIT_MAC_KEYS is missing, the log's events could be forged: {HEX} (or set AUDIT_KEYS_DIR).")
    if env.metrics_token and len(env.metrics_token) < TOKEN_LENGTH:
        found.append(f"METRICS_TOKEN is weak, it needs {TOKEN_LENGTH} random characters: {RANDOM}")
    return found


def unsafe_addresses(env: Environment, url: SplitResult) -> list[str]:
    """Addresses that would let others speak for us."""
    found = []
    if url.scheme != "https":
        found.append(f"PUBLIC_URL is {env.public_url}: it must start with https://, passwords travel over it.")
    if not env.hosts or any("*" in host or host.startswith(".") for host in env.hosts):
        found.append("ALLOWED_HOSTS must list each host name served, without wildcards.")
    elif url.hostname not in env.hosts:
        found.append(f"ALLOWED_HOSTS does not hold {url.hostname}, the host of PUBLIC_URL: add it.")
    return found


def unsafe_connections(env: Environment) -> list[str]:
    """Servers beyond this machine that would be talked to in the clear, unless their network is trusted."""
    return [
        f"{setting} reaches {host} without TLS that is checked: {fix}. "
        f"Only if nobody else can listen between here and there: PLAINTEXT_HOSTS={host}."
        for setting, host, fix in plain_servers(env)
        if host.lower() not in words(env.plaintext_hosts.lower())
    ]


def is_fernet_key(key: str) -> bool:
    """Whether ``key`` is 32 bytes in URL-safe base 64."""
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def with_local_secrets(env: Environment) -> Environment:
    """For development: secrets that are missing are made up once and kept in VAR_DIR, readable by us alone."""
    made = {
        "webhook_allowed_hosts": env.webhook_allowed_hosts or ("localhost,127.0.0.1,::1" if env.demo else ""),
        "retention_folders": env.retention_folders or (str(env.var_dir.absolute() / DEMO_STORES) if env.demo else ""),
        "retention_cooling_off_minutes": cooling_off(env),
        "secret_key": env.secret_key or kept_secret(env.var_dir / "secret-key", secrets.token_urlsafe(SECRET_LENGTH)),
        "encryption_keys": env.encryption_keys
        or kept_secret(env.var_dir / "encryption-key", Fernet.generate_key().decode()),
    }
    return env.model_copy(update=made)


def cooling_off(env: Environment) -> int:
    """In the demo nobody waits a day to see a deletion, unless it was asked for."""
    is_set = "retention_cooling_off_minutes" in env.model_fields_set
    return env.retention_cooling_off_minutes if is_set or not env.demo else 1


def kept_secret(path: Path, fresh: str) -> str:
    """The secret in ``path``, or ``fresh`` after writing it there; whoever comes second reads the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(fresh)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
