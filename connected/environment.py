"""The variables Connected understands. Nothing else in the code reads the environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings

BASE_DIR = Path(__file__).resolve().parent.parent


def _address(*schemes: str) -> AfterValidator:
    """A check that an address, where one is given, begins with one of these and can be read."""

    def check(address: str) -> str:
        parts = urlsplit(address)
        _ = parts.port  # Raises ValueError where it is no number.
        if address and parts.scheme not in schemes:
            raise ValueError(address)
        return address

    return AfterValidator(check)


def _site(address: str) -> str:
    """Without the slash at the end, which is none of what browsers name as the origin of a form."""
    parts = urlsplit(address)
    if address and (not parts.hostname or parts.path.strip("/") or parts.query):
        raise ValueError(address)
    return address.rstrip("/")


Database = Annotated[str, _address("postgres", "postgresql")]
Redis = Annotated[str, _address("redis", "rediss", "redis+socket")]
Site = Annotated[str, AfterValidator(_site), _address("http", "https")]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)]
DATABASE = "an address as postgresql://login:password@host/database"
SWITCH = "0 or 1"


class Environment(BaseSettings):
    """The variables Connected understands; see docs/running.md. A description says what one takes."""

    env: Literal["development", "production"] = Field(
        "development", validation_alias="CONNECTED_ENV", description="development or production"
    )
    debug: bool = Field(False, validation_alias="DEBUG", description=SWITCH)
    data_dir: Path = Field(BASE_DIR / ".data", validation_alias="DATA_DIR", description="a folder")
    port: int = Field(8000, validation_alias="PORT", ge=1, le=65535, description="a number from 1 to 65535")
    database_url: Database = Field("", validation_alias="DATABASE_URL", description=DATABASE)
    database_owner_url: Database = Field("", validation_alias="DATABASE_OWNER_URL", description=DATABASE)
    redis_url: Redis = Field(
        "", validation_alias="REDIS_URL", description="an address as redis://host:6379/0"
    )
    secret_key: str = Field("", validation_alias="SECRET_KEY")
    allowed_hosts: str = Field("", validation_alias="ALLOWED_HOSTS")
    public_url: Site = Field(
        "", validation_alias="PUBLIC_URL", description="the address people type, as https://connected.example"
    )
    webhooks_private: bool = Field(False, validation_alias="WEBHOOKS_PRIVATE", description=SWITCH)
    log_level: Level = Field(
        "INFO", validation_alias="LOG_LEVEL", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    import_megabytes: int = Field(
        200, validation_alias="IMPORT_MEGABYTES", ge=20, le=500, description="a number from 20 to 500"
    )
    sample: bool = Field(True, validation_alias="SAMPLE", description=SWITCH)


def _said(problem: Any) -> str:
    """One odd variable in words. The address of a service is not repeated: it may hold a password."""
    name = problem["loc"][0]
    takes = {field.validation_alias: field.description for field in Environment.model_fields.values()}[name]
    given = "odd" if "://" in str(takes) and name != "PUBLIC_URL" else f"“{problem['input']}”"
    return f"{name} is {given}. Set it to {takes}, or leave it out."


def read() -> Environment:
    """The environment, or a sentence on each odd variable."""
    try:
        return Environment()  # type: ignore[call-arg]
    except ValidationError as error:
        raise ImproperlyConfigured("\n".join(map(_said, error.errors()))) from error


ENVIRONMENT = read()


def signing_key(given: Environment, data_dir: Path) -> str:
    """The signing key: from SECRET_KEY, or made once and kept in DATA_DIR where that is safe."""
    if given.secret_key:
        return given.secret_key
    if given.env == "production":
        raise ImproperlyConfigured("SECRET_KEY is missing: set it to 50 or more random characters.")
    kept = data_dir / "secret_key"
    if not kept.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        made = data_dir / f"secret_key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        # A link appears whole or not at all: another process of the same start may be quicker.
        with suppress(FileExistsError):
            os.link(made, kept)
        made.unlink()
    return kept.read_text()
