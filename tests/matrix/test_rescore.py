"""`manage.py rescore --wait`: what ends the waiting does not end the run, and is told in a sentence."""

from io import StringIO
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from matrix.management.commands import rescore
from matrix.models import Run


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(rescore, "POLL_SECONDS", 0)
    monkeypatch.setattr(rescore, "connection", Mock())
    return rescore.Command(stderr=StringIO())


def said(command: rescore.Command) -> str:
    return command.stderr._out.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_database_that_is_away_for_a_moment_is_waited_for(command: rescore.Command) -> None:
    ask = Mock(side_effect=[OperationalError("restarting"), OperationalError("starting"), "there"])
    assert command._patiently(ask) == "there"
    assert said(command) == "The database does not answer. Trying again.\n"


def test_one_that_stays_away_ends_the_waiting_in_words(
    command: rescore.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescore, "AWAY_SECONDS", 0.01)
    monkeypatch.setattr(command, "_progress", Mock(side_effect=OperationalError("gone")))
    with pytest.raises(CommandError, match="Run 7 is not stopped: workers go on with it"):
        command._end_of(Run(pk=7))


def test_ctrl_c_says_that_the_run_goes_on(command: rescore.Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(run: Run) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_wait", interrupted)
    with pytest.raises(SystemExit) as end:
        command._end_of(Run(pk=7))
    assert end.value.code == 130
    assert said(command) == "Run 7 is not stopped: workers go on with it.\n"
