"""The answers file, as the page takes it: all or nothing, every bad row named."""

from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.services.imports import Imported, import_answers
from assessments.tables import MAX_BYTES, TableError, read_table
from connected.api.access import actor_of
from connected.api.bodies import CsvParser, SpreadsheetParser
from connected.api.problems import Problem
from connected.api.resources import Checked

MOST_ERRORS = 10_000

COUNTS = inline_serializer(
    "Imported", {name: serializers.IntegerField() for name in Imported.__dataclass_fields__}
)


class ImportAnswers(Checked):
    parser_classes = (CsvParser, SpreadsheetParser)
    parameters = ("dry_run",)
    body_limit = MAX_BYTES

    @extend_schema(
        tags=["Workshops"],
        summary="Import an answers file",
        description="Columns `firm,segment,offering,participant,item,value`, and if wanted "
        "`situation,evidence`. An empty value is “do not know”; choice items take the architecture’s code "
        "or its order. What is named and missing is made. All or nothing: 422 lists every bad row. The "
        "same file again changes nothing.",
        parameters=[
            OpenApiParameter(
                "dry_run", str, enum=["true", "false"], description="Check and count; write nothing."
            )
        ],
        request={parser.media_type: OpenApiTypes.BINARY for parser in parser_classes},
        responses={200: COUNTS, 201: COUNTS, 422: None},
    )
    def post(self, request: Request) -> Response:
        dry_run = _yes_or_no(request, "dry_run")
        content = request.data if isinstance(request.data, bytes) else b""
        try:
            done = import_answers(by=actor_of(request), table=read_table(content), dry_run=dry_run)
        except TableError as error:
            raise _refused(error) from error
        return Response(asdict(done), status=status.HTTP_200_OK if dry_run else status.HTTP_201_CREATED)


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
