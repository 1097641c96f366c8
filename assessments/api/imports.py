"""The answers file, as the page takes it: all or nothing, every bad row named; a large one by a worker."""

from dataclasses import asdict
from io import BytesIO
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.models import IMPORT_STATES, ImportJob
from assessments.permissions import see_import
from assessments.services.imports import (
    Imported,
    ShortFile,
    cancel_import,
    import_answers,
    start_import,
)
from assessments.tables import LARGE, MAX_BYTES, MEGABYTE, TableError, read_table
from assessments.tasks import publish_import
from connected.api.access import actor_of
from connected.api.bodies import CsvParser, SpreadsheetParser, length_of, must_fit
from connected.api.problems import Problem
from connected.api.replays import HEADER
from connected.api.resources import Checked

MOST_ERRORS = 10_000

COUNTS = inline_serializer(
    "Imported", {name: serializers.IntegerField() for name in Imported.__dataclass_fields__}
)


class BadRow(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="As a spreadsheet counts: the header is row 1.")
    column = serializers.CharField()
    reason = serializers.CharField()
    value = serializers.CharField()


class ImportBody(serializers.ModelSerializer[ImportJob]):
    state = serializers.ChoiceField(
        [(state, state) for state in IMPORT_STATES.table],
        help_text="`checked`: tried, nothing written; `refused`: bad rows, nothing written.",
    )
    share = serializers.FloatField(min_value=0, max_value=1, help_text="How much of it is done.")
    counts = inline_serializer(
        "ImportedOrNull",
        {name: serializers.IntegerField() for name in Imported.__dataclass_fields__},
        allow_null=True,
    )
    problems = BadRow(many=True, help_text="The first 1,000 of them.")

    class Meta:
        model = ImportJob
        fields = [
            *("id", "state", "name", "size", "writes", "share", "counts", "problem_count", "problems"),
            *("reason", "created_at", "ended_at"),
        ]
        read_only_fields = fields


class ImportAnswers(Checked):
    parser_classes = (CsvParser, SpreadsheetParser)
    parameters = ("dry_run",)
    body_limit = settings.IMPORT_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.content_type.startswith(SpreadsheetParser.media_type):
            must_fit(request, MAX_BYTES)
        if HEADER in request.headers and length_of(request) > MAX_BYTES:
            words = f"With an {HEADER} at most {MAX_BYTES // MEGABYTE} MB are taken. Leave it out: the same"
            raise Problem(f"{words} file again changes nothing.", status_code=413)

    @extend_schema(
        tags=["Workshops"],
        summary="Import an answers file",
        description="Columns `firm,segment,offering,participant,item,value`, and if wanted "
        "`situation,evidence`. An empty value is “do not know”; choice items take the architecture’s code "
        "or its order. What is named and missing is made. All or nothing: 422 lists every bad row. The "
        "same file again changes nothing.\n\nA file of more than 5 MB is taken over after the answer: 202, "
        "and `Location` says where to ask how far it is.",
        parameters=[
            OpenApiParameter(
                "dry_run", str, enum=["true", "false"], description="Check and count; write nothing."
            )
        ],
        request={parser.media_type: OpenApiTypes.BINARY for parser in parser_classes},
        responses={200: COUNTS, 201: COUNTS, 202: ImportBody, 422: None},
    )
    def post(self, request: Request) -> Response:
        dry_run = _yes_or_no(request, "dry_run")
        source = request.data if hasattr(request.data, "read") else BytesIO()
        try:
            if length_of(request) > LARGE:
                return self._later(request, source, writes=not dry_run)
            table = read_table(source.read())
            done = import_answers(by=actor_of(request), table=table, dry_run=dry_run)
        except TableError as error:
            raise _refused(error) from error
        return Response(asdict(done), status=status.HTTP_200_OK if dry_run else status.HTTP_201_CREATED)

    def _later(self, request: Request, source: Any, *, writes: bool) -> Response:
        size = length_of(request)
        try:
            job = start_import(by=actor_of(request), name="answers", source=source, size=size, writes=writes)
        except ShortFile as short:
            raise exceptions.ParseError(str(short)) from short
        publish_import(job)
        location = request.build_absolute_uri(f"../{job.pk}/")
        body = ImportBody(see_import(actor_of(request), job.pk)).data
        return Response(body, status=status.HTTP_202_ACCEPTED, headers={"Location": location})


class ImportView(Checked):
    @extend_schema(
        tags=["Workshops"],
        summary="Read how far a large import is",
        description="`done` with counts, `refused` with its first bad rows, `cancelled`, or `failed` with "
        "the reason. One’s own; an owner’s token reads all.",
        responses=ImportBody,
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(ImportBody(see_import(actor_of(request), pk)).data)

    @extend_schema(
        tags=["Workshops"],
        summary="Cancel a large import",
        description="Nothing of it is written. 409 when it is over already.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        cancel_import(by=actor_of(request), job_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refused(error: TableError) -> Problem:
    """422 with one entry a bad place: row as a spreadsheet counts, column, reason, value."""
    number = len(error.problems)
    shown = [asdict(problem) for problem in error.problems[:MOST_ERRORS]]
    said = "1 problem" if number == 1 else f"{number} problems"
    return Problem(f"Nothing was imported: {said}.", status_code=422, count=number, errors=shown)


def _yes_or_no(request: Request, name: str) -> bool:
    word = request.query_params.get(name, "false")
    if word not in ("true", "false"):
        raise exceptions.ValidationError({name: "Give true or false."})
    return word == "true"
