"""An odd variable stops the start with a sentence that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from connected.environment import read
from tests.stack import free_port

ROOT = Path(__file__).resolve().parents[2]


def manage(*words: str, **given: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("PORT", "abc", "a number from 1 to 65535"),
        ("PORT", "70000", "a number from 1 to 65535"),
        ("DEBUG", "maybe", "0 or 1"),
        ("CONNECTED_ENV", "prod", "development or production"),
        ("IMPORT_MEGABYTES", "1", "a number from 20 to 500"),
        ("REDIS_URL", "foo", "redis://"),
        ("REDIS_URL", "redis://host:port/0", "redis://"),
        ("PUBLIC_URL", "foo", "https://"),
        ("PUBLIC_URL", "https://", "https://"),
        ("PUBLIC_URL", "https://connected.example/below", "https://"),
        ("DATABASE_URL", "mysql://host/name", "postgresql://"),
        ("DATABASE_OWNER_URL", "host", "postgresql://"),
    ],
)
def test_what_is_odd_is_named_with_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, takes: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(
        ImproperlyConfigured, match=rf"^{name} is .* Set it to .*{takes}.*, or leave it out\.$"
    ):
        read()


def test_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:secret@host/name")
    with pytest.raises(ImproperlyConfigured) as odd:
        read()
    assert "secret" not in str(odd.value)


def test_what_is_sound_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("PUBLIC_URL", "https://connected.example/")
    monkeypatch.setenv("REDIS_URL", "rediss://:word@host:6380/0")
    given = read()
    assert (given.log_level, given.public_url) == ("DEBUG", "https://connected.example")


def test_a_data_dir_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place, given in (("file", {}), ("file/below", {}), ("file", {"SECRET_KEY": "given"})):
        done = manage("up" if given else "version", DATA_DIR=str(tmp_path / place), **given)
        assert done.returncode == 1
        assert "is not a folder: choose another DATA_DIR." in done.stderr
        assert "Traceback" not in done.stderr


def test_a_database_out_of_reach_is_told_in_words(tmp_path: Path) -> None:
    away = {"DATABASE_URL": f"postgresql://me:secret@/name?host={tmp_path}", "REDIS_URL": "redis://nowhere"}
    done = manage("up", DATA_DIR=str(tmp_path / "data"), PORT=str(free_port()), DATABASE_OWNER_URL="", **away)
    assert done.returncode == 1
    assert "The database cannot be reached:" in done.stderr
    assert "correct its address in DATABASE_URL." in done.stderr
    assert not {"Traceback", "secret"} & set(done.stderr.replace(":", " ").split())
