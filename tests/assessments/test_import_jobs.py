"""Large answers files: kept as they arrive, worked off whole or not at all."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models.functions import Now
from django.http import Http404

from assessments import tables
from assessments.models import ImportJob, ImportPart, Sheet
from assessments.permissions import see_import
from assessments.services.imports import (
    ShortFile,
    cancel_import,
    claims,
    confirm_import,
    drop_old_imports,
    import_answers,
    jobs,
    lost_imports,
    spooling,
    start_import,
    work_off,
)
from assessments.tables import TableError
from connected.bulk import stage
from connected.models import Membership, Role
from connected.permissions import Actor
from connected.states import WrongStep
from tests import factories

pytestmark = pytest.mark.django_db
HEADER = b"firm,segment,offering,participant,item,value\n"
GOOD = HEADER + b"".join(b"Acme,Riders,Rides,P%d,R1,3\n" % number for number in range(20))
BAD = GOOD + b"Acme,Riders,Rides,P1,R77,3\nAcme,Riders,Rides,P1,R2,9\n"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a large one, and arrives in many pieces."""
    monkeypatch.setattr(tables, "LARGE", 0)
    monkeypatch.setattr(spooling, "PIECE", 64)


def begun(by: Actor, content: bytes = GOOD, *, writes: bool = True) -> ImportJob:
    return start_import(by=by, name="answers.csv", source=BytesIO(content), size=len(content), writes=writes)


def worked(job: ImportJob) -> ImportJob:
    work_off(workspace_id=job.workspace_id, job_id=job.pk)
    job.refresh_from_db()
    return job


def expire(job: ImportJob) -> None:
    long_ago = Now() - timedelta(hours=2)
    ImportJob.objects.filter(pk=job.pk).update(lease_until=long_ago, published_at=long_ago)


def test_a_file_is_taken_over_and_let_go(owner: Actor) -> None:
    job = begun(owner)
    assert ImportPart.objects.count() > 5
    assert worked(job).state == "done"
    assert (job.share, (job.counts or {})["answers"]) == (1.0, 20)
    assert (Sheet.objects.count(), ImportPart.objects.count()) == (20, 0)


def test_bad_rows_are_told_and_nothing_is_written(owner: Actor) -> None:
    job = worked(begun(owner, BAD))
    assert (job.state, job.problem_count, Sheet.objects.count()) == ("refused", 2, 0)
    assert [(each["row"], each["column"]) for each in job.problems] == [(22, "item"), (23, "value")]


def test_of_many_bad_rows_the_first_are_kept_and_all_counted(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOST_KEPT", 1)
    job = worked(begun(owner, BAD))
    assert (job.problem_count, len(job.problems)) == (2, 1)


def test_a_file_that_is_tried_waits_for_a_word(owner: Actor) -> None:
    job = worked(begun(owner, writes=False))
    assert (job.state, Sheet.objects.count()) == ("checked", 0)
    assert worked(job).state == "checked"
    confirm_import(by=owner, job_id=job.pk)
    assert worked(job).state == "done"
    assert Sheet.objects.count() == 20


def test_what_is_claimed_is_not_worked_off_twice(owner: Actor) -> None:
    job = begun(owner)
    assert claims.claim_import(workspace_id=owner.workspace_id, job_id=job.pk)
    assert worked(job).state == "running"
    assert Sheet.objects.count() == 0


def test_one_whose_worker_died_begins_anew(owner: Actor) -> None:
    job = begun(owner)
    claims.claim_import(workspace_id=owner.workspace_id, job_id=job.pk)
    assert lost_imports() == []
    expire(job)
    assert lost_imports() == [(owner.workspace_id, job.pk)]
    assert worked(job).state == "done"


def test_a_worker_thought_dead_writes_nothing(owner: Actor) -> None:
    job = begun(owner)
    late = claims.claim_import(workspace_id=owner.workspace_id, job_id=job.pk)
    expire(job)
    claims.claim_import(workspace_id=owner.workspace_id, job_id=job.pk)
    assert late is not None
    assert not claims.settle(late, "done")


def test_one_that_ends_its_worker_each_time_has_failed(owner: Actor) -> None:
    job = begun(owner)
    for _ in range(claims.TRIES):
        assert claims.claim_import(workspace_id=owner.workspace_id, job_id=job.pk)
        expire(job)
    assert worked(job).state == "failed"
    assert "3 times" in job.reason


def test_a_cancelled_one_writes_nothing_and_its_file_is_gone(owner: Actor) -> None:
    job = begun(owner)
    cancel_import(by=owner, job_id=job.pk)
    assert worked(job).state == "cancelled"
    assert (Sheet.objects.count(), ImportPart.objects.count()) == (0, 0)
    with pytest.raises(WrongStep):
        cancel_import(by=owner, job_id=job.pk)


def test_one_cancelled_while_it_is_written_leaves_nothing(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(owner)

    def cancelled_meanwhile(**words: Any) -> Any:
        done = import_answers(**words)
        cancel_import(by=owner, job_id=job.pk)
        return done

    monkeypatch.setattr("assessments.services.imports.jobs.import_answers", cancelled_meanwhile)
    assert work_off(workspace_id=owner.workspace_id, job_id=job.pk) == ""
    assert Sheet.objects.count() == 0


def test_one_cancelled_amid_a_copy_is_no_error_of_the_worker(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def cancelling() -> Iterator[tuple[int]]:
        yield (1,)
        connection.connection.cancel()
        yield from ((number,) for number in range(100_000))

    def cancelled_amid_a_copy(*, told: Any, **words: Any) -> None:
        told.__self__.over = True
        stage("staged", {"id": "int"}, cancelling())

    monkeypatch.setattr("assessments.services.imports.jobs.import_answers", cancelled_amid_a_copy)
    assert work_off(workspace_id=owner.workspace_id, job_id=begun(owner).pk) == ""
    assert not caplog.records


def test_what_nobody_confirms_is_let_go(owner: Actor) -> None:
    job = worked(begun(owner, writes=False))
    drop_old_imports()
    expire(job)
    drop_old_imports()
    job.refresh_from_db()
    assert (job.state, ImportPart.objects.count()) == ("cancelled", 0)


def test_whoever_left_meanwhile_imports_nothing(owner: Actor) -> None:
    someone = factories.member(owner)
    job = begun(someone)
    Membership.objects.filter(pk=someone.membership_id or 0).update(role=Role.MANAGER)
    assert worked(job).state == "failed"
    assert Sheet.objects.count() == 0


def test_less_than_was_announced_is_not_taken(owner: Actor) -> None:
    with pytest.raises(ShortFile):
        start_import(by=owner, name="a.csv", source=BytesIO(GOOD), size=len(GOOD) + 1, writes=True)
    assert not ImportJob.objects.exists()


def test_a_workbook_too_large_to_hold_is_refused(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MAX_BYTES", 100)
    with pytest.raises(TableError, match="save it as"):
        begun(owner, b"PK\x03\x04" + b"x" * 200)


def test_not_more_than_a_few_wait_at_once(owner: Actor) -> None:
    for _ in range(jobs.MOST_OPEN):
        begun(owner)
    with pytest.raises(WrongStep, match="under way"):
        begun(owner)


def test_ones_own_and_for_owners_all(owner: Actor) -> None:
    one, other = factories.member(owner), factories.member(owner)
    job = begun(one)
    assert see_import(one, job.pk) == see_import(owner, job.pk) == job
    for blind in (other, factories.member(owner, Role.MANAGER)):
        with pytest.raises(Http404):
            see_import(blind, job.pk)


def test_managers_start_none(owner: Actor) -> None:
    with pytest.raises(PermissionDenied):
        begun(factories.member(owner, Role.MANAGER))


def test_a_file_in_another_encoding_is_refused_with_its_row(owner: Actor) -> None:
    job = worked(begun(owner, GOOD + "Bäckerei,S,O,P,R1,1\n".encode("cp1252")))
    assert job.state == "refused"
    assert (job.problems[0]["row"], "UTF-8" in job.problems[0]["reason"]) == (22, True)
