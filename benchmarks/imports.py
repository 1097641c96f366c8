"""The answers file of contract.md, as many rows as the portfolio has segments."""

from collections.abc import Iterator
from itertools import islice

from django.db import connection

from assessments.queries import current_instrument
from assessments.services.imports import import_answers
from assessments.tables import read_table
from benchmarks.figures import Figure, seconds
from connected.permissions import Actor
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
