"""docs/queues.md says what is in force, and says it of every setting."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from connected.celery import app
from connected.supervisor import STOP_LIMIT

PAGE = (Path(__file__).parent.parent / "docs" / "queues.md").read_text(encoding="utf-8")
CELERY, REDIS = (
    dict(re.findall(r"^\| `([a-z_]+)` \| `([^`]+)` \|", part, re.MULTILINE))
    for part in PAGE.split("## Settings of Celery")[1].split("## Settings of the connection")
)
#: Where the queue is, what is routed where and when beat rings: lists, told in words.
TOLD = {"broker_url", "accept_content", "task_routes", "broker_transport_options", "beat_schedule"}


@pytest.mark.parametrize("name", CELERY)
def test_what_the_page_says_of_celery_is_in_force(name: str) -> None:
    assert str(getattr(app.conf, name)) == CELERY[name]


@pytest.mark.parametrize("name", REDIS)
def test_what_the_page_says_of_the_connection_is_in_force(name: str) -> None:
    assert str(app.conf.broker_transport_options[name]) == REDIS[name]


def test_the_page_says_every_setting() -> None:
    made = {name.removeprefix("CELERY_").lower() for name in dir(settings) if name.startswith("CELERY_")}
    assert made - TOLD - CELERY.keys() == set()
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS.keys() == REDIS.keys()


def test_the_page_says_how_long_tasks_have_to_end() -> None:
    assert f"{STOP_LIMIT} seconds under `make run`" in PAGE
    compose = yaml.safe_load((Path(__file__).parent.parent / "docker-compose.yml").read_text())
    graces = {each.get("stop_grace_period") for name, each in compose["services"].items() if "worker" in name}
    assert graces == {"30s"}
    assert "or 30 in the containers" in PAGE


def test_no_task_can_outlive_the_wait_for_it() -> None:
    assert 2 * app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_what_a_run_sends_never_stands_before_an_answer() -> None:
    app.loader.import_default_modules()
    queues = {name: app.conf.task_routes.get(name, {}).get("queue", "live") for name in app.tasks}
    batch = {name for name, queue in queues.items() if queue == "batch"}
    assert batch == {"matrix.tasks.score_chunk", "matrix.tasks.close_run", "assessments.tasks.take_over"}
