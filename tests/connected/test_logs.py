"""What workers and beat log: LOG_LEVEL decides, and the ticks of beat are quiet."""

import logging

import pytest
from celery.app.log import Logging
from celery.app.trace import LOG_RECEIVED, LOG_SUCCESS

from connected.celery import NoTicks, app


def record(name: str, level: int, text: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord(name, level, "", 0, text, args, None)


def of_task(name: str, task: str, level: int = logging.INFO, text: str = LOG_RECEIVED) -> logging.LogRecord:
    told: dict[str, object] = {
        "id": "1",
        "name": task,
        "args": (),
        "kwargs": {},
        "eta": None,
        "runtime": 1,
        "return_value": None,
    }
    return record(name, level, text, told)


@pytest.mark.parametrize(
    "tick",
    [
        record(
            "celery.beat", logging.INFO, "Scheduler: Sending due task %s (%s)", "reap", "matrix.tasks.reap"
        ),
        of_task("celery.worker.strategy", "matrix.tasks.reap"),
        of_task("celery.app.trace", "connected.tasks.send", text=LOG_SUCCESS),
    ],
)
def test_ticks_are_quiet(tick: logging.LogRecord) -> None:
    assert not NoTicks().filter(tick)


@pytest.mark.parametrize(
    "line",
    [
        record("celery.apps.worker", logging.INFO, "%s ready.", "live@here"),
        record("celery.beat", logging.INFO, "beat: Starting..."),
        of_task("celery.worker.strategy", "matrix.tasks.score_chunk"),
        of_task("celery.app.trace", "matrix.tasks.reap", logging.ERROR),
    ],
)
def test_all_else_is_heard(line: logging.LogRecord) -> None:
    assert NoTicks().filter(line)


def test_celery_leaves_the_logs_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Logging, "_setup", False)
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    app.log.setup_logging_subsystem(loglevel=logging.CRITICAL)
    assert (root.level, list(root.handlers)) == before
