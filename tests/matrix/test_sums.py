"""A run is summed chunk by chunk; what happens to segments before its end, or long after, is in the sums."""

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from assessments.models import Sheet
from connected.models import Segment
from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix.frames import cube
from matrix.models import Departed, Resize, Run, StandingPlacement, Sums
from matrix.services import (
    approve_run,
    cancel_run,
    fold_changes,
    reap,
    resume_run,
    roll_back,
    runs,
    start_run,
)
from matrix.services.runs import claim_chunk, score_claimed
from tests import factories
from tests.matrix.test_cube import in_step, portfolio
from tests.matrix.test_generations import live
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, another_connection, assessed

OLD, NEW = "cs-1.v1", "cs-1.v2"


@pytest.fixture(autouse=True)
def every_segment_is_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "GENERATION_FROM", 1)
    monkeypatch.setattr("matrix.services.resuming.GENERATION_FROM", 1)
    monkeypatch.setattr(runs, "CHUNK_SIZE", 2)


def before_the_end(run: Run, deed: Callable[[], object]) -> Run:
    """All chunks scored; the deed; the end."""
    ids = list(run.chunks.values_list("pk", flat=True))
    claims = [claim_chunk(workspace_id=run.workspace_id, chunk_id=pk) for pk in ids]
    for claim in claims[:-1]:
        assert claim is not None
        score_claimed(claim=claim)
    deed()
    assert claims[-1] is not None
    score_claimed(claim=claims[-1])
    run.refresh_from_db()
    assert run.state == "finished"
    return run


def resized(segment: Segment) -> None:
    Segment.objects.filter(pk=segment.pk).update(customers=77, revenue=Decimal("8.25"), currency="GBP")


def told_otherwise(segment: Segment, other: Segment) -> None:
    Sheet.objects.filter(segment=segment).update(answers=Sheet.objects.filter(segment=other)[0].answers)


def without_full_count(in_force: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cube, "counted", lambda: pytest.fail("everything was counted"))
        in_force()
    in_step()


def nothing(by: Actor, segments: list[Segment]) -> None:
    pass


def size_edited(by: Actor, segments: list[Segment]) -> None:
    resized(segments[0])


def sizes_edited_twice(by: Actor, segments: list[Segment]) -> None:
    resized(segments[0])
    Segment.objects.update(customers=3)


def size_taken_away(by: Actor, segments: list[Segment]) -> None:
    Segment.objects.update(revenue=None, customers=None)


def segment_deleted(by: Actor, segments: list[Segment]) -> None:
    segments[0].delete()


def size_edited_then_deleted(by: Actor, segments: list[Segment]) -> None:
    resized(segments[1])
    segments[1].delete()


def answer_saved(by: Actor, segments: list[Segment]) -> None:
    told_otherwise(segments[0], segments[2])
    live(by, segments[0].pk)


def answers_withdrawn(by: Actor, segments: list[Segment]) -> None:
    Sheet.objects.filter(segment=segments[0]).delete()
    live(by, segments[0].pk)


def answered_and_resized(by: Actor, segments: list[Segment]) -> None:
    live(by, segments[1].pk)
    resized(segments[1])


def answered_and_deleted(by: Actor, segments: list[Segment]) -> None:
    live(by, segments[1].pk)
    segments[1].delete()


def segment_added(by: Actor, segments: list[Segment]) -> None:
    assessed(by, [GUEST])


DEEDS = (
    nothing, size_edited, sizes_edited_twice, size_taken_away, segment_deleted, size_edited_then_deleted,
    answer_saved, answers_withdrawn, answered_and_resized, answered_and_deleted, segment_added,
)  # fmt: skip
Deed = Callable[[Actor, list[Segment]], None]


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("first", [True, False], ids=["first run", "second run"])
def test_what_happens_before_the_end_is_in_the_sums(
    owner: Actor, deed: Deed, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = portfolio(owner)
    if not first:
        work_off(start_run(by=owner))
    run = start_run(by=owner)
    without_full_count(lambda: before_the_end(run, lambda: deed(owner, segments)), monkeypatch)


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS)
def test_what_happens_to_a_candidate_is_in_the_sums_when_it_is_approved(
    owner: Actor, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = portfolio(owner)
    work_off(start_run(by=owner, model_code=OLD))
    candidate = work_off(start_run(by=owner, model_code=NEW))
    deed(owner, segments)
    in_step()
    without_full_count(lambda: approve_run(by=owner, run_id=candidate.pk), monkeypatch)


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("folded", [False, True])
def test_what_happens_meanwhile_is_in_the_sums_of_an_earlier_run(
    owner: Actor, deed: Deed, folded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = portfolio(owner)
    earlier = work_off(start_run(by=owner))
    work_off(start_run(by=owner))
    deed(owner, segments)
    if folded:
        fold_changes(workspace_id=owner.workspace_id)
        assert not Resize.objects.exists()
        assert not Departed.objects.exists()
    without_full_count(lambda: roll_back(by=owner, run_id=earlier.pk), monkeypatch)


@pytest.mark.django_db
def test_without_the_log_the_sums_are_wrong(owner: Actor) -> None:
    """What the log is for: emptied before the end, an edit is missing."""
    segments = portfolio(owner)

    def unlogged() -> None:
        resized(segments[0])
        Resize.objects.all().delete()

    before_the_end(start_run(by=owner), unlogged)
    with pytest.raises(AssertionError):
        in_step()


@pytest.mark.django_db
def test_the_log_is_kept_while_a_run_goes_on(owner: Actor) -> None:
    segments = portfolio(owner)

    def folded() -> None:
        resized(segments[0])
        fold_changes(workspace_id=owner.workspace_id)
        assert Resize.objects.exists()

    before_the_end(start_run(by=owner), folded)
    in_step()


@pytest.mark.django_db
def test_the_reaper_finds_a_long_log_where_no_cube_is(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "FOLD_FROM", 1)
    for segment in portfolio(owner):
        resized(segment)
    assert [lost.unfolded for lost in reap() if lost.workspace_id == owner.workspace_id] == [True]
    assert not fold_changes(workspace_id=owner.workspace_id)
    assert not Resize.objects.exists()


@pytest.mark.django_db
def test_a_run_that_lacks_the_sums_of_a_chunk_is_counted(owner: Actor) -> None:
    portfolio(owner)
    before_the_end(start_run(by=owner), lambda: Sums.objects.all()[:1].get().delete())
    assert not Sums.objects.exists()
    in_step()


@pytest.mark.django_db
def test_a_resumed_run_has_the_sums_of_what_it_had_done(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = portfolio(owner)
    run = start_run(by=owner)
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=run.chunks.first().pk)  # type: ignore[union-attr]
    assert claim is not None
    score_claimed(claim=claim)
    cancel_run(by=owner, run_id=run.pk)
    resized(segments[0])
    fold_changes(workspace_id=owner.workspace_id)
    resume_run(by=owner, run_id=run.pk)
    without_full_count(lambda: work_off(run), monkeypatch)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_the_sums_stay_in_step(owner: Actor, seed: int) -> None:
    draw, segments = random.Random(seed), portfolio(owner)
    work_off(start_run(by=owner, model_code=OLD))
    ended: list[Run] = []

    def back() -> None:
        others = [run for run in ended if run.decision != "candidate" and run.pk != cube_run()]
        if others:
            roll_back(by=owner, run_id=draw.choice(others).pk)

    def cube_run() -> int | None:
        newest = StandingPlacement.objects.exclude(generation=0).first()
        return newest.run_id if newest else ended[-1].pk if ended else None

    def decide() -> None:
        run = work_off(start_run(by=owner, model_code=draw.choice([OLD, NEW])))
        deeds[draw.choice(["live", "size", "gone", "new"])]()
        if run.decision == "candidate":
            run = approve_run(by=owner, run_id=run.pk)
        ended.append(run)

    deeds: dict[str, Callable[[], object]] = {
        "live": lambda: live(owner, draw.choice(segments).pk),
        "size": lambda: Segment.objects.filter(pk=draw.choice(segments).pk).update(
            customers=draw.randint(0, 9)
        ),
        "gone": lambda: segments.pop(draw.randrange(len(segments))).delete() if len(segments) > 2 else None,
        "new": lambda: segments.append(assessed(owner, [GUEST])),
        "fold": lambda: fold_changes(workspace_id=owner.workspace_id),
        "decide": decide,
        "back": back,
    }
    for _ in range(12):
        deeds[draw.choice(list(deeds))]()
        in_step()


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE connected_segment SET customers = 55 WHERE id = %(pk)s",
        "DELETE FROM assessments_sheet WHERE segment_id = %(pk)s; "
        "DELETE FROM connected_segment WHERE id = %(pk)s",
    ],
)
def test_an_edit_under_way_while_a_chunk_reads_is_in_the_sums(committed: None, deed: str) -> None:
    """Its transaction began before the chunk and ends after: no clock and no number says which came first."""
    owner = factories.workspace()
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        segment = portfolio(owner)[0]
        run = start_run(by=owner)
        first, last = run.chunks.order_by("low").values_list("pk", flat=True)
    with another_connection(owner.workspace_id) as cursor:
        cursor.execute(deed, {"pk": segment.pk})
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=first)
        assert claim is not None
        assert score_claimed(claim=claim) == 2
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=last)
    assert claim is not None
    score_claimed(claim=claim)
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        assert Resize.objects.exists()
        in_step()
