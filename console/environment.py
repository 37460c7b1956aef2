"""What an installation may set, read from the environment (and ``.env``), each setting documented."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """Every setting, its default, and what it is for; ``docs/settings.md`` lists them."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore")

    debug: bool = Field(False, description="Show tracebacks to the browser. Never in production.")
    demo: bool = Field(False, description="Seed and show the demo company. Refuses to start with DEBUG=0.")
    secret_key: str = Field("", description="Signs sessions; 50 random characters.")
    allowed_hosts: str = Field("localhost,127.0.0.1", description="Host names served, comma-separated.")
    public_url: str = Field("http://localhost:8000", description="Where people reach the console.")
    database_url: str = Field(f"sqlite:///{ROOT}/var/countersign.sqlite3", description="sqlite:///… or postgres://…")
    redis_url: str = Field("", description="redis://…: broker and cache shared by many machines; empty: in-process.")
    var_dir: Path = Field(ROOT / "var", description="Where local files lie: database, evidence, keys.")
    evidence_bucket: str = Field("", description="S3 bucket for evidence; empty: files under VAR_DIR/evidence.")
    evidence_endpoint_url: str = Field("", description="Another S3 server's address.")
    evidence_region: str = Field("", description="The bucket's region.")
    clamd: str = Field("", description="host:port of clamd; empty: files are inspected but not scanned for viruses.")
    encryption_keys: str = Field("", description="Comma-separated Fernet keys for TOTP seeds; the first encrypts.")
    email_url: str = Field("", description="smtp://user:password@host:port; empty: mails are shown on the console.")


def load() -> Environment:
    """Read and check the environment."""
    return Environment()
