"""Every setting of the program: name, default and what it is for. `.env.example` is held to this table by a test."""

import re
from functools import lru_cache
from pathlib import Path

import limits
from pydantic import BaseSettings, Field, ValidationError, validator

from errors import SettingsError

ROOT = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """Read from the environment, then from the file `.env` in the project folder."""

    host: str = Field(default="127.0.0.1", env="SAPA_HOST", description="Address the web process listens on.")
    port: int = Field(default=8000, env="SAPA_PORT", ge=1, le=65535, description="Port the web process listens on.")
    public_url: str = Field(
        default="",
        env="SAPA_PUBLIC_URL",
        description="Address under which the internet reaches this server, e.g. https://sapa.example.go.id. "
        "Twilio signs its webhooks with it.",
    )
    data_dir: Path = Field(
        default=ROOT / "var", env="SAPA_DATA_DIR", description="Folder of all state: database, models, logs, queue."
    )
    database_url: str = Field(
        default="", env="SAPA_DATABASE_URL", description="SQLAlchemy address; empty: SQLite in the data folder."
    )
    redis_url: str = Field(
        default="",
        env="SAPA_REDIS_URL",
        description="Redis for the queue, its locks and the rate limits; empty: SQLite and memory.",
    )
    workers: int = Field(default=8, env="SAPA_WORKERS", ge=1, description="Threads that handle messages.")
    trust_proxy: bool = Field(
        default=False,
        env="SAPA_TRUST_PROXY",
        description="true behind one reverse proxy: take the citizen's address from X-Forwarded-For.",
    )
    retention_days: int = Field(
        default=90,
        env="SAPA_RETENTION_DAYS",
        ge=1,
        description="Messages older than this many days are deleted every night.",
    )
    log_level: str = Field(default="INFO", env="SAPA_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR.")
    sender_limit: str = Field(
        default="20/minute", env="SAPA_SENDER_LIMIT", description="Messages accepted from one sender, e.g. 20/minute."
    )
    address_limit: str = Field(
        default="240/minute", env="SAPA_ADDRESS_LIMIT", description="Web requests accepted from one network address."
    )
    default_agency: str = Field(
        default="kecamatan_mojosari",
        env="SAPA_DEFAULT_AGENCY",
        description="Office whose contact is offered when a person is wanted and no office was named.",
    )
    data_protection_officer: str = Field(
        default="",
        env="SAPA_DATA_PROTECTION_OFFICER",
        description="Name or function and contact of the office's data protection officer (UU 27/2022 Pasal 53), "
        "shown on the privacy page.",
    )
    sipp_url: str = Field(
        default="",
        env="SAPA_SIPP_URL",
        description="The court's SIPP, e.g. mysql+pymysql://sapa:PASSWORD@HOST/sipp, for a user that may only read "
        "(docs/court.md); empty: a demonstration with invented cases.",
    )
    sipp_ca: str = Field(
        default="",
        env="SAPA_SIPP_CA",
        description="File with the certificate authority of SIPP's server: the connection is then encrypted and "
        "the server's name checked; empty: only for a server on this machine or in a trusted network.",
    )
    sipp_interval: int = Field(
        default=5, env="SAPA_SIPP_INTERVAL", ge=1, le=60, description="Minutes between two looks into SIPP."
    )
    twilio_account_sid: str = Field(
        default="", env="TWILIO_ACCOUNT_SID", description="Twilio account; empty: WhatsApp is off."
    )
    twilio_auth_token: str = Field(
        default="", env="TWILIO_AUTH_TOKEN", description="Twilio's secret; keep it out of git."
    )
    twilio_whatsapp_number: str = Field(
        default="", env="TWILIO_WHATSAPP_NUMBER", description="The office's WhatsApp number, e.g. +62..."
    )
    twilio_api_base: str = Field(
        default="https://api.twilio.com",
        env="TWILIO_API_BASE",
        description="Address of the Twilio API; another one for a proxy, a simulator or a test.",
    )
    twilio_reengage_template: str = Field(
        default="",
        env="TWILIO_REENGAGE_TEMPLATE",
        description="ContentSid of the approved template that is sent when the 24-hour window has closed.",
    )

    class Config:
        env_file = ROOT / ".env"

    @validator("data_dir")
    def _absolute(cls, value: Path) -> Path:
        return (ROOT / value.expanduser()).resolve()  # not relative to wherever the command was called

    @validator("database_url")
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):
            raise ValueError("write postgresql:// instead of postgres://")
        if value and not re.match(r"(sqlite|postgresql)(\+\w+)?://", value):
            raise ValueError("has to begin with sqlite:/// or postgresql://")
        return value

    @validator("sipp_url")
    def _known_sipp(cls, value: str) -> str:
        if value and not value.startswith("mysql+pymysql://"):
            raise ValueError("has to begin with mysql+pymysql://")
        return value

    @validator("sender_limit", "address_limit")
    def _limit(cls, value: str) -> str:
        try:
            limits.parse(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is no limit; write e.g. 20/minute") from error
        return value

    @validator("log_level")
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError(f"{value!r} is none of DEBUG, INFO, WARNING, ERROR")
        return value.upper()

    @property
    def storage_url(self) -> str:
        """SQLAlchemy address of the database in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'sapa.sqlite3'}"

    @property
    def tracker_url(self) -> str:
        """Address of the database in which the engine keeps its trackers."""
        return self.database_url or f"sqlite:///{self.data_dir / 'tracker.sqlite3'}"

    @property
    def base_url(self) -> str:
        """Address at which this machine reaches the web process."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host
        return f"http://{host}:{self.port}"

    @property
    def whatsapp_enabled(self) -> bool:
        return bool(self.twilio_account_sid and self.twilio_auth_token and self.twilio_whatsapp_number)


def read_settings() -> Settings:
    """Settings from the environment and `.env`. Raises SettingsError naming each variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        problems = []
        for problem in error.errors():
            variable = Settings.__fields__[str(problem["loc"][0])].field_info.extra["env"]
            problems.append(f"{variable}: {problem['msg']}")
        raise SettingsError("; ".join(problems) + " (see .env.example)") from error


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once. Raises SettingsError."""
    return read_settings()
