"""Runs: start a batch re-scoring, watch it, cancel it, resume it, decide on what it proposes."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from connected.api.access import actor_of
from connected.api.lists import CursorPages
from connected.api.resources import IdField, Listed, example
from connected.celery import publish
from connected.permissions import Actor
from matrix import services, tasks
from matrix.api.shapes import RunBody, RunDetail
from matrix.models import Run
from matrix.permissions import see_run, visible_runs
from matrix.queries import proposals
from matrix.queries.runs import Progress, progress, progress_of, set_aside


class RunStart(serializers.Serializer[Run]):
    firm = IdField(required=False, allow_null=True, help_text="Only this firm; without it, everything.")
    model = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=40,
        help_text="Such as cs-1.v1; without it, the one in force.",
    )


def run_body(run: Run, done: Progress, in_force: bool) -> dict[str, Any]:
    return {
        "id": run.pk,
        "state": run.state,
        "model": f"{run.model.code}.v{run.model.version}",
        "firm": run.firm_id,
        "total": done.total,
        "done": done.done,
        "failed": done.failed,
        "remaining": done.remaining,
        "placed": done.placed,
        "other_questionnaire": done.elsewhere,
        "percent": done.percent,
        "rate": round(done.rate, 1) if done.rate else None,
        "seconds_left": done.left.total_seconds() if done.left else None,
        "reasons": [*done.reasons, *([run.reason] if run.reason else [])],
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "decision": run.decision,
        "in_force": in_force,
    }


def run_detail(run: Run) -> dict[str, Any]:
    failures = [{"segment": each.segment.pk, "reason": each.reason} for each in set_aside(run)]
    body = run_body(run, progress(run), proposals.is_in_force(run))
    return {**body, "failures": failures, "changes": run.changes}


class NewestFirst(CursorPages):
    ordering = "-id"


@extend_schema_view(
    list=extend_schema(tags=["Runs"], summary="List runs, newest first", responses=RunBody(many=True)),
    retrieve=extend_schema(
        tags=["Runs"],
        summary="Read how far a run has come",
        description="With the first hundred segments that could not be scored, each with its reason, and "
        "what a candidate would change: flows, largest movers, firms.",
        responses=RunDetail,
    ),
    create=extend_schema(
        tags=["Runs"],
        summary="Start a batch re-scoring",
        description="The work goes on after the answer; placements in force change when it has finished, or, "
        "under another model than theirs, when it is approved.",
        examples=example(firm=1),
        request=RunStart,
        responses={202: RunBody},
    ),
)
class RunViews(Listed):
    model = Run
    serializer_class = RunBody
    pagination_class = NewestFirst
    filter_backends = ()

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_runs(actor)

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        done = progress_of([run.pk for run in page])
        current = proposals.run_in_force()
        return self.get_paginated_response([run_body(run, done(run), run.pk == current) for run in page])

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(run_detail(see_run(actor_of(request), pk)))

    def create(self, request: Request) -> Response:
        values = self.read(RunStart(data=request.data))
        try:
            with self.parent_named("firm"):
                run = services.start_run(
                    by=actor_of(request), model_code=values.get("model"), firm_id=values.get("firm")
                )
        except LookupError as error:
            raise exceptions.ValidationError({"model": str(error)}) from error
        tasks.publish_run(run)
        location = request.build_absolute_uri(f"{request.path}{run.pk}/")
        return self._said(run, status.HTTP_202_ACCEPTED, {"Location": location})

    @extend_schema(
        tags=["Runs"],
        summary="Cancel a run",
        description="What it has placed is never put in force. 409 when it is over already.",
        request=None,
        responses={200: RunBody},
    )
    def cancel(self, request: Request, pk: int) -> Response:
        return self._said(services.cancel_run(by=actor_of(request), run_id=pk))

    @extend_schema(
        tags=["Runs"],
        summary="Resume a run",
        description="Scores what a partial, failed or cancelled run has left. 409 when it goes on or has "
        "everything, and when another run came in force since it began.",
        request=None,
        responses={202: RunBody},
    )
    def resume(self, request: Request, pk: int) -> Response:
        run = services.resume_run(by=actor_of(request), run_id=pk)
        tasks.publish_run(run)
        return self._said(run, status.HTTP_202_ACCEPTED)

    @extend_schema(
        tags=["Runs"],
        summary="Approve a candidate",
        description="Its placements come in force. Answers saved since it began stay, and are scored again "
        "under its model. 409 when it is no candidate.",
        request=None,
        responses={200: RunDetail},
    )
    def approve(self, request: Request, pk: int) -> Response:
        return self._decided(request, services.approve_run(by=actor_of(request), run_id=pk))

    @extend_schema(
        tags=["Runs"],
        summary="Discard a candidate",
        description="Its placements go; the run and its changes are kept. 409 when it is no candidate.",
        request=None,
        responses={200: RunDetail},
    )
    def discard(self, request: Request, pk: int) -> Response:
        return self._decided(request, services.discard_run(by=actor_of(request), run_id=pk))

    @extend_schema(
        tags=["Runs"],
        summary="Put an earlier run in force again",
        description="A run over everything, with its model. What was answered since it began is scored "
        "again. 409 when it never was in force, or is.",
        request=None,
        responses={200: RunDetail},
    )
    def rollback(self, request: Request, pk: int) -> Response:
        return self._decided(request, services.roll_back(by=actor_of(request), run_id=pk))

    def _decided(self, request: Request, run: Run) -> Response:
        workspace_id = actor_of(request).workspace_id
        transaction.on_commit(partial(publish, tasks.rescore, workspace_id))
        return Response(run_detail(run))

    def _said(self, run: Run, code: int = status.HTTP_200_OK, headers: Any = None) -> Response:
        body = run_body(run, progress(run), proposals.is_in_force(run))
        return Response(body, status=code, headers=headers)
