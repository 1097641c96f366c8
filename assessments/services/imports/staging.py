"""Whole sheets on their way into the database."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection

from connected.bulk import stage

_COLUMNS: Final = {
    "workspace_id": "bigint",
    "workshop_id": "bigint",
    "participant_id": "bigint",
    "segment_id": "bigint",
    "round": "smallint",
    "digits": "text",
    "evidence": "jsonb",
}
# One character an item: a digit, "-" for do not know, "." for not given.
_UNFOLD: Final = """
CREATE TEMP TABLE incoming_sheets ON COMMIT DROP AS
SELECT workspace_id, workshop_id, participant_id, segment_id, round, evidence,
       string_to_array(translate(digits, '.', '-'), NULL, '-')::smallint[] AS answers,
       string_to_array(translate(digits, '.-012345', 'fttttttt'), NULL)::boolean[] AS given
FROM incoming_digits
"""


def stage_sheets(rows: Iterable[Sequence[object]]) -> None:
    """Fill the temporary table ``incoming_sheets``: keys, round, evidence, arrays ``answers`` and ``given``.

    ``rows``: workspace, workshop, participant, segment, round, digits, evidence as JSON text.
    """
    stage("incoming_digits", _COLUMNS, rows)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming_sheets")
        cursor.execute(_UNFOLD)
        cursor.execute("ANALYZE incoming_sheets")
