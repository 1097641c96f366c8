"""The verbs of workshops and answers. Views, REST, commands and tests call the same ones.

Each is atomic and keyword-only, takes ``by`` (the :class:`~connected.permissions.Actor`) and returns
the object. Saved answers are announced with :data:`assessments.signals.answers_saved`.
"""

from assessments.services.answers import NOT_GIVEN, Conflict, Current, Seen, save_answer, save_answers
from assessments.services.instruments import (
    ChangedVersion,
    load_crosswalk,
    load_crosswalks,
    load_instrument,
    load_instruments,
)
from assessments.services.many import SavedAll, save_all
from assessments.services.versions import (
    MOVABLE,
    FromPage,
    move_version,
    must_be_movable,
    save_from_page,
)
from assessments.services.workshops import (
    add_participant,
    drop_participant,
    move_workshop,
    set_groups,
    start_workshop,
)

__all__ = [
    "MOVABLE",
    "NOT_GIVEN",
    "ChangedVersion",
    "Conflict",
    "Current",
    "FromPage",
    "SavedAll",
    "Seen",
    "add_participant",
    "drop_participant",
    "load_crosswalk",
    "load_crosswalks",
    "load_instrument",
    "load_instruments",
    "move_version",
    "move_workshop",
    "must_be_movable",
    "save_all",
    "save_answer",
    "save_answers",
    "save_from_page",
    "set_groups",
    "start_workshop",
]
