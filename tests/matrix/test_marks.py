"""A segment that cannot be scored holds up no other: set aside with its reason, it is tried again later."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from connected.models import Segment
from connected.permissions import Actor
from matrix.frames import Scope
from matrix.models import Stale, StandingPlacement
from matrix.queries.placements import Mark, mark_of, waiting
from matrix.services import mark_stale, placements, reap, rescore_stale
from tests.matrix.test_pages import page
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def segments(owner: Actor) -> list[Segment]:
    return [assessed(owner, [GUEST]) for _ in range(9)]


@contextmanager
def poisoned(*segments: Segment, error: type[BaseException] = ValueError) -> Iterator[list[int]]:
    """Inside, whatever reads these segments' answers stumbles; how many were read each time."""
    with pytest.MonkeyPatch.context() as patch:
        place, sizes = placements.place, []

        def stumbling(*, scope: Scope, **words: object) -> placements.Placed:
            assert scope.ids is not None
            sizes.append(len(scope.ids))
            if {each.pk for each in segments} & set(scope.ids):
                raise error("poison")
            return place(scope=scope, **words)  # type: ignore[arg-type]

        patch.setattr(placements, "place", stumbling)
        yield sizes


def rescore(by: Actor, *, careful: bool = False) -> int:
    return rescore_stale(workspace_id=by.workspace_id, careful=careful)


def later() -> None:
    Stale.objects.update(retry_at=timezone.now() - timedelta(seconds=1))


def placed() -> set[int]:
    return set(StandingPlacement.objects.values_list("segment_id", flat=True))


def test_one_poisoned_segment_is_set_aside_and_the_others_are_scored(
    owner: Actor, segments: list[Segment]
) -> None:
    with poisoned(segments[4]):
        assert rescore(owner) == 8
    assert placed() == {each.pk for each in segments} - {segments[4].pk}
    mark = Stale.objects.get()
    assert (mark.segment_id, mark.attempts, mark.reason) == (segments[4].pk, 1, "ValueError: poison")


def test_two_poisoned_segments_are_found_in_halves(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[0], segments[8]) as sizes:
        assert rescore(owner) == 7
    assert sizes[0] == 9
    assert len(sizes) < 14
    assert placed() == {each.pk for each in segments[1:8]}


def test_more_poison_than_a_batch_takes_leaves_nobody_unscored(
    owner: Actor, segments: list[Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placements, "BATCH", 2)
    with poisoned(*segments[:4]):
        assert rescore(owner) == 5


def test_what_was_set_aside_waits_its_turn_and_then_no_one_waits_for_it(
    owner: Actor, segments: list[Segment]
) -> None:
    with poisoned(segments[4]):
        rescore(owner)
        assert rescore(owner) == 0
        assert Stale.objects.get().attempts == 1
        later()
        mark_stale(workspace_id=owner.workspace_id, segment_ids=[segments[5].pk])
        assert rescore(owner) == 1
    mark = Stale.objects.get()
    assert mark.attempts == 2
    assert mark.retry_at is not None
    assert timedelta(seconds=6) < mark.retry_at - timezone.now() < timedelta(seconds=9)


def test_it_is_scored_once_it_can_be(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[4]):
        rescore(owner)
    later()
    assert rescore(owner) == 1
    assert not Stale.objects.exists()
    assert segments[4].pk in placed()


def test_a_new_answer_has_it_tried_at_once(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[4]):
        rescore(owner)
    mark_stale(workspace_id=owner.workspace_id, segment_ids=[segments[4].pk])
    assert rescore(owner) == 1


def test_the_reaper_comes_back_to_it_only_when_it_is_due(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[4]):
        rescore(owner)
    Stale.objects.update(marked_at=timezone.now() - timedelta(minutes=1))
    assert not any(lost.stale for lost in reap() if lost.workspace_id == owner.workspace_id)
    later()
    assert [lost.stale for lost in reap() if lost.workspace_id == owner.workspace_id] == [True]


def test_what_passes_is_nobodys_fault(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[4], error=OperationalError), pytest.raises(OperationalError):
        rescore(owner)
    assert list(Stale.objects.values_list("attempts", flat=True)) == [0] * 9
    assert rescore(owner) == 9


def test_what_kills_its_worker_kills_the_next_one_once_and_then_nobody(
    owner: Actor, segments: list[Segment]
) -> None:
    with poisoned(segments[4], error=KeyboardInterrupt):
        for careful in (False, True):
            with pytest.raises(KeyboardInterrupt):
                rescore(owner, careful=careful)
        assert rescore(owner, careful=True) == 4
    assert placed() == {each.pk for each in segments} - {segments[4].pk}
    assert Stale.objects.get().reason == "Its worker ended without a result."


def test_it_no_longer_counts_as_being_scored(owner: Actor, segments: list[Segment]) -> None:
    ids = [each.pk for each in segments]
    assert waiting(ids) == set(ids)
    assert mark_of(ids[4]) == Mark("", None)
    with poisoned(segments[4]):
        rescore(owner)
    assert waiting(ids) == set()
    assert mark_of(ids[3]) is None


def test_its_page_says_why(owner: Actor, segments: list[Segment]) -> None:
    with poisoned(segments[4]):
        rescore(owner)
    text = page(owner, "segment", segments[4].pk)
    assert "could not be scored: ValueError: poison" in text
    assert "Answers are being scored" not in text
