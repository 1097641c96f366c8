"""Models of a workspace's own: forked, edited, and published for good.

A draft holds what was typed, right or wrong; only what can be scored with is published, and what is published
nobody changes: the database lets the app add a version, and no more.
"""

import re
from collections.abc import Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from connected.permissions import Actor, must_edit
from matrix.models import ModelDraft, ScoringModel
from matrix.permissions import edit_draft, see_model
from matrix.queries import models
from matrix.scoring import Model
from matrix.scoring.forks import Fault, complete, faults, fork_of
from matrix.scoring.typed import filled

_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE_LENGTH: Final = 20


class DraftChanged(Exception):
    """Someone else saved the draft meanwhile, and nothing was saved over it; ``current`` is what stands."""

    def __init__(self, current: ModelDraft) -> None:
        super().__init__("Someone else saved this draft in the meantime.")
        self.current = current


class FaultyDraft(Exception):
    """The draft cannot be scored with yet; ``faults`` says where and why."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__(f"{len(found)} of its values cannot be used.")
        self.faults = found


@transaction.atomic
def fork_model(*, by: Actor, model_id: int) -> ModelDraft:
    """A draft that is like this version."""
    must_edit(by)
    base = see_model(by, model_id)
    return ModelDraft.objects.create(
        workspace_id=by.workspace_id,
        base=base,
        title=base.title,
        definition=fork_of(base.definition),
        created_by_id=by.user_id,
        edited_by_id=by.user_id,
    )


@transaction.atomic
def save_draft(*, by: Actor, draft_id: int, version: int, values: Mapping[str, str]) -> ModelDraft:
    """Keep what was typed, by names of fields (:mod:`matrix.scoring.typed`) and ``title``, faults and all.

    Raises DraftChanged when ``version`` is not the one that was seen.
    """
    draft = _locked(by, draft_id, version)
    questionnaire = models.questionnaire(draft.base)
    draft.definition = filled(draft.definition, draft.base.definition, questionnaire, values)
    draft.title = _line(values.get("title", "")) or draft.title
    draft.version, draft.edited_by_id = draft.version + 1, by.user_id
    draft.save()
    return draft


@transaction.atomic
def drop_draft(*, by: Actor, draft_id: int) -> None:
    """Throw a draft away."""
    _locked(by, draft_id, None).delete()


@transaction.atomic
def publish_draft(
    *, by: Actor, draft_id: int, version: int, code: str, title: str, note: str = ""
) -> ScoringModel:
    """Make a draft the next version of ``code`` in this workspace, for good; the draft goes.

    Raises DraftChanged, FaultyDraft, or ValidationError for a code that cannot be used or an empty title.
    """
    draft = _locked(by, draft_id, version)
    base, questionnaire = draft.base, models.questionnaire(draft.base)
    if found := faults(draft.definition, base.definition, questionnaire):
        raise FaultyDraft(found)
    code, title = _free(code), _line(title)
    if not title:
        raise ValidationError({"title": "Please give it a title."})
    with connection.cursor() as cursor:
        # Two people who publish at once get two numbers.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('connected.publish'), %s)", [by.workspace_id])
    number = models.own_version(code)
    definition = complete(draft.definition, base.definition, code=code, version=number, title=title)
    core = Model.from_json(definition, questionnaire)
    draft.delete()
    return ScoringModel.objects.create(
        code=code,
        version=number,
        title=title,
        instrument=base.instrument,
        definition=definition,
        fingerprint=core.fingerprint,
        owner_id=by.workspace_id,
        base=base,
        note=note.replace("\0", "").strip(),
        published_by=by.name,
    )


def _locked(by: Actor, draft_id: int, version: int | None) -> ModelDraft:
    edit_draft(by, draft_id)
    rows = ModelDraft.objects.select_for_update(of=("self",)).select_related("base__instrument", "edited_by")
    draft = rows.get(pk=draft_id)
    if version is not None and draft.version != version:
        raise DraftChanged(draft)
    return draft


def _free(code: str) -> str:
    """A code this workspace may publish under: well formed, and not one that everybody has."""
    code = code.strip().lower()
    if not _CODE.fullmatch(code) or len(code) > CODE_LENGTH:
        raise ValidationError(
            {"code": f"Use small letters, digits and single hyphens, {CODE_LENGTH} at most: “cs-1-parks”."}
        )
    if models.shared().filter(code__iexact=code).exists():
        raise ValidationError({"code": f"{code} is a model everybody has. Add a word of your own to it."})
    return code


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:120]
