"""Whole sheets on their way into the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from assessments.models import Sheet
from assessments.services.answers import MERGE
from connected.bulk import learn_after, stage

_COLUMNS: Final = {
    "workspace_id": "bigint",
    "workshop_id": "bigint",
    "participant_id": "bigint",
    "segment_id": "bigint",
    "round": "smallint",
    "digits": "text",
    "evidence": "jsonb",
    "wants": "jsonb",
}
# One character an item: a digit, "-" for do not know, "." for not given.
_UNFOLD: Final = """
CREATE TEMP TABLE incoming_sheets ON COMMIT DROP AS
SELECT workspace_id, workshop_id, participant_id, segment_id, round, evidence, wants,
       string_to_array(translate(digits, '.', '-'), NULL, '-')::smallint[] AS answers,
       string_to_array(translate(digits, '.-012345', 'fttttttt'), NULL)::boolean[] AS given
FROM incoming_digits
"""
_COMPARE: Final = """
SELECT count(*) FILTER (WHERE new IS DISTINCT FROM old), count(*) FILTER (WHERE new IS NOT DISTINCT FROM old)
FROM incoming_sheets i
JOIN assessments_sheet sheet USING (workspace_id, segment_id, workshop_id, participant_id, round),
LATERAL (
    SELECT old, new FROM unnest(sheet.answers, sheet.given, i.answers, i.given) AS c (old, was, new, named)
    WHERE named AND was
    UNION ALL
    SELECT (sheet.wants ->> w.key)::smallint, w.value::smallint FROM jsonb_each_text(i.wants) AS w
    WHERE sheet.wants ? w.key
) AS c
"""
# In the order of segments, so that two who write many sheets never wait for each other in a circle.
_SAVE: Final = f"""
INSERT INTO assessments_sheet AS sheet (
    workspace_id, workshop_id, participant_id, segment_id, round,
    answers, given, evidence, wants, version, updated_at
)
SELECT workspace_id, workshop_id, participant_id, segment_id, round,
    answers, given, evidence, wants, 1, clock_timestamp()
FROM incoming_sheets ORDER BY segment_id, participant_id
{MERGE}
    WHERE (sheet.evidence || excluded.evidence) <> sheet.evidence
    OR (sheet.wants || excluded.wants) <> sheet.wants OR EXISTS (
        SELECT FROM unnest(sheet.answers, sheet.given, excluded.answers, excluded.given)
            AS c (old, was, new, named)
        WHERE named AND (NOT was OR new IS DISTINCT FROM old)
    )
RETURNING segment_id
"""  # noqa: S608 - constants only


@dataclass(frozen=True)
class Merged:
    """What became of staged sheets: how many were written, of which segments; answers that differed from
    what stood there, and answers that did not."""

    sheets: int
    segments: list[int]
    changed: int
    unchanged: int


def stage_sheets(rows: Iterable[Sequence[object]]) -> None:
    """Fill the temporary table ``incoming_sheets``: keys, round, evidence, wants, ``answers`` and ``given``.

    ``rows``: workspace, workshop, participant, segment, round, digits, evidence and wants as JSON text.
    """
    stage("incoming_digits", _COLUMNS, rows)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming_sheets")
        cursor.execute(_UNFOLD)
        cursor.execute("ANALYZE incoming_sheets")


def merge_sheets() -> Merged:
    """Write ``incoming_sheets``; one that says nothing new is left as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE)
        changed, unchanged = cursor.fetchone()
        cursor.execute(_SAVE, {"removed": []})
        written = [row[0] for row in cursor.fetchall()]
    learn_after(len(written), Sheet._meta.db_table)
    return Merged(len(written), sorted(set(written)), changed, unchanged)
