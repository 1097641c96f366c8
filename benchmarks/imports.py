"""The answers file of contract.md, as many rows as the portfolio has segments; and a list of answers."""

from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Any

import orjson
from django.db import connection
from django.test import Client

from assessments.queries import current_instrument
from assessments.services import start_workshop
from assessments.services.imports import import_answers
from assessments.tables import read_table
from benchmarks.figures import Figure, seconds
from connected.api.batches import MOST
from connected.permissions import Actor
from connected.services import add_firm, add_segments, make_token
from connected.tenancy import in_workspace

SUBSET, RATERS, SEGMENTS_A_FIRM = 10_000, 3, 20
Row = tuple[str, str, str, str, str, str]


def _rows() -> Iterator[Row]:
    items = current_instrument().items
    number = 0
    while True:
        firm, segment = f"Imported {number // SEGMENTS_A_FIRM}", f"Segment {number}"
        for rater in range(RATERS):
            for at, item in enumerate(items):
                value = (number * 7 + rater * 3 + at) % 6
                known = value in item.values
                yield firm, segment, "The offering", f"Rater {rater}", item.code, str(value) if known else ""
        number += 1


def figures(actor: Actor, count: int) -> Iterator[Figure]:
    """New firms, segments, participants and answers, against one INSERT a row."""
    with in_workspace(actor.workspace_id):
        rows = list(islice(_rows(), count))
    text = "firm,segment,offering,participant,item,value\n" + "\n".join(map(",".join, rows)) + "\n"

    def take() -> None:
        with in_workspace(actor.workspace_id, user_id=actor.user_id):
            done = import_answers(by=actor, table=read_table(text.encode()))
            assert done.answers == count, done

    taken, loop = seconds(take, times=1), _row_by_row(rows[:SUBSET]) * count / min(SUBSET, count)
    against = f"executemany, one INSERT a row ({SUBSET:,} of them, scaled)"
    yield Figure("import of an answers file, all new", taken, "s", taken / loop, against, count)
    again = seconds(lambda: _again(actor, text, count), times=1)
    yield Figure("the same file again, nothing changed", again, "s", again / loop, against, count)
    yield from _list_of_answers(actor)


def _list_of_answers(actor: Actor) -> Iterator[Figure]:
    """As many answers as one POST takes, through every middleware, all new; then again, all known."""
    client, address, answers = _asked(actor)
    body, copied = orjson.dumps(answers), _copied(answers)
    for name in ("a list of answers over REST, all new", "the same list again, nothing changed"):
        taken = seconds(lambda: _posted(client, address, body), times=1)
        yield Figure(name, taken, "s", taken / copied, "COPY FROM STDIN of the same rows", len(answers))


def _asked(actor: Actor) -> tuple[Client, str, list[dict[str, Any]]]:
    """A client, the address of a new workshop's answers, and what it is sent."""
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        _, token = make_token(by=actor, name="Benchmarks of lists", scope="write")
        firm = add_firm(by=actor, name="Listed")
        workshop = start_workshop(by=actor, firm_id=firm.pk, name="Listed")
        items = current_instrument().items
        number = MOST // len(items) + 1
        segments = add_segments(
            by=actor, items=[{"firm_id": firm.pk, "name": f"Segment {at}"} for at in range(number)]
        )
    client = Client(headers={"Authorization": f"Token {token}", "Host": "127.0.0.1"})
    every = (
        {
            "participant": "Ana",
            "segment": segment,
            "item": item.code,
            "value": item.values[at % len(item.values)],
        }
        for at, segment in enumerate(segments)
        for item in items
    )
    return client, f"/api/v1/workshops/{workshop.pk}/answers/", list(islice(every, MOST))


def _posted(client: Client, address: str, body: bytes) -> None:
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 200, answer.content


def _copied(answers: list[dict[str, Any]]) -> float:
    """Seconds that bare COPY takes, into a table without index or key."""
    lines = "".join("\t".join(map(str, each.values())) + "\n" for each in answers)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (who text, segment bigint, item text, value text)")
        taken = seconds(lambda: cursor.copy_expert("COPY bare FROM STDIN", StringIO(lines)))
        cursor.execute("DROP TABLE bare")
    return taken


def _again(actor: Actor, text: str, count: int) -> None:
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        done = import_answers(by=actor, table=read_table(text.encode()))
        assert done.unchanged == count, done


def _row_by_row(rows: list[Row]) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE plain "
            "(firm text, segment text, offering text, who text, item text, value text)"
        )
        taken = seconds(
            lambda: cursor.executemany("INSERT INTO plain VALUES (%s, %s, %s, %s, %s, %s)", rows), times=1
        )
        cursor.execute("DROP TABLE plain")
    return taken
