"""The variables Connected understands. Nothing else in the code reads the environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """The variables Connected understands; see docs/running.md."""

    env: Literal["development", "production"] = Field("development", validation_alias="CONNECTED_ENV")
    debug: bool = Field(False, validation_alias="DEBUG")
    data_dir: Path = Field(BASE_DIR / ".data", validation_alias="DATA_DIR")
    port: int = Field(8000, validation_alias="PORT", ge=1, le=65535)
    database_url: str = Field("", validation_alias="DATABASE_URL")
    database_owner_url: str = Field("", validation_alias="DATABASE_OWNER_URL")
    redis_url: str = Field("", validation_alias="REDIS_URL")
    secret_key: str = Field("", validation_alias="SECRET_KEY")
    allowed_hosts: str = Field("", validation_alias="ALLOWED_HOSTS")
    public_url: str = Field("", validation_alias="PUBLIC_URL")
    webhooks_private: bool = Field(False, validation_alias="WEBHOOKS_PRIVATE")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL")
    import_megabytes: int = Field(200, validation_alias="IMPORT_MEGABYTES", ge=20, le=500)
    sample: bool = Field(True, validation_alias="SAMPLE")


try:
    ENVIRONMENT = Environment()  # type: ignore[call-arg]
except ValidationError as error:
    raise ImproperlyConfigured(
        "Odd environment variable: "
        + "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
    ) from error


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
