"""Files in and out: choose, look at what would happen, confirm; and the same files to take along."""

import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from assessments.permissions import visible_imports
from assessments.services.exports import FILES, export_rows, header_of
from assessments.services.imports import (
    Imported,
    New,
    TableImported,
    import_answers,
    import_table,
    news,
    start_import,
)
from assessments.services.imports.columns import ANSWERS, columns_of
from assessments.tables import (
    LARGE,
    LEGACY,
    MAX_BYTES,
    MEGABYTE,
    Problem,
    Table,
    TableError,
    read_table,
    write_csv,
    write_xlsx,
)
from assessments.tasks import publish_import
from assessments.views.counts import Count, counts_of, sentence_of
from assessments.views.import_jobs import Shown
from connected.permissions import Actor, Asked, must_edit
from connected.states import WrongStep
from connected.tenancy import in_workspace

# A file waits this long, in seconds, between the look at it and the confirmation.
KEPT: Final = 3600
FIRST_ROWS, FIRST_NEW, MOST_PROBLEMS = 8, 20, 200
RECENT: Final = 10
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WHAT: Final = {
    "firms": ("Firms", "One row a firm: industry, the need it serves, what it refuses."),
    "segments": (
        "Segments",
        "One row a segment: customers, revenue, consent. Its firm is made when missing.",
    ),
    "touchpoints": ("Touchpoints", "One row a contact of a segment’s journey, in the order of the journey."),
    "answers": ("Answers", "One row an answer. Firms, segments and participants are made when missing."),
}


class UploadForm(forms.Form):
    """A file, or a table pasted from a spreadsheet."""

    kind = forms.ChoiceField(
        label="What is in it",
        choices=[(code, words[0]) for code, words in WHAT.items()],
        widget=forms.RadioSelect(attrs={"class": "choices"}),
    )
    file = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=f"CSV in UTF-8 or XLSX, first sheet, up to {MAX_BYTES // MEGABYTE} MB; answers as CSV "
        f"up to {settings.IMPORT_BYTES // MEGABYTE} MB. The first row names the columns.",
    )
    paste = forms.CharField(
        label="Or paste the table",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="Copied from a spreadsheet, with its first row.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        file: UploadedFile[Any] | None = cleaned.get("file")
        if file is None and not cleaned.get("paste") and "file" not in self.errors:
            raise ValidationError("Choose a file, or paste a table.")
        most = settings.IMPORT_BYTES if cleaned.get("kind") == ANSWERS else MAX_BYTES
        if file is not None and (file.size or 0) > most:
            self.add_error("file", f"This file is larger than {most // MEGABYTE} MB. Split it.")
        return cleaned

    @property
    def is_large(self) -> bool:
        """Whether a worker has to look at it: answers, more than a page can wait for."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        return self.cleaned_data["kind"] == ANSWERS and file is not None and (file.size or 0) > LARGE

    def content(self) -> tuple[str, bytes]:
        """Name and bytes of what was given."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None:
            return file.name or "file", file.read()
        return "pasted table", self.cleaned_data["paste"].encode()


@dataclass(frozen=True)
class Upload:
    """A file between the look and the confirmation."""

    token: str
    kind: str
    name: str
    packed: bytes

    def table(self) -> Table:
        # Someone sees the first rows before anything is written: older encodings may pass here.
        return read_table(zlib.decompress(self.packed), legacy=True)


def imports(request: Asked, workspace: str) -> HttpResponse:
    """Choose a file; take templates and exports along."""
    must_edit(request.actor)
    recent = [Shown(job) for job in visible_imports(request.actor)[:RECENT]]
    context = {"recent": recent, "goes_on": any(row.waits for row in recent), "section": "imports"}
    if request.method == "GET" and request.htmx:
        return render(request, "assessments/parts/imports_live.html", context)
    initial = {"kind": request.GET.get("kind") if request.GET.get("kind") in WHAT else ANSWERS}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.is_large:
        try:
            return _later(request, form.cleaned_data["file"])
        except TableError as error:
            form.add_error("file", f"{error.problems[0].reason.capitalize()}.")
        except WrongStep as error:
            form.add_error(None, str(error))
    elif request.method == "POST" and form.is_valid():
        upload = Upload(secrets.token_urlsafe(16), form.cleaned_data["kind"], *_packed(*form.content()))
        if _keep(request.actor, upload):
            return redirect("import-preview", workspace, upload.token)
        form.add_error(None, "The file cannot be kept for a look just now. Try again in a minute.")
    files = [(code, *words, columns_of(code)) for code, words in WHAT.items()]
    context |= {"form": form, "files": files}
    return render(request, "assessments/imports.html", context, status=422 if form.errors else 200)


def _later(request: Asked, file: "UploadedFile[Any]") -> HttpResponse:
    """A large file goes to a worker, which tries it; its page says what came of that."""
    size = file.size or 0
    name = file.name or "file"
    job = start_import(by=request.actor, name=name, source=file, size=size, writes=False)
    publish_import(job)
    return redirect("import-job", request.actor.workspace_slug, job.pk)


def _packed(name: str, content: bytes) -> tuple[str, bytes]:
    return name, zlib.compress(content, 1)


def _place(actor: Actor) -> str:
    """Where a person's upload waits: one a person and workspace, so that nothing piles up."""
    return f"upload:{actor.workspace_id}:{actor.user_id}"


def _keep(actor: Actor, upload: Upload) -> bool:
    try:
        cache.set(_place(actor), upload, KEPT)
    except RedisError:
        return False
    return True


def _kept(actor: Actor, token: str) -> Upload | None:
    try:
        upload: Upload | None = cache.get(_place(actor))
    except RedisError:
        return None
    return upload if upload is not None and upload.token == token else None


def preview(request: Asked, workspace: str, token: str) -> HttpResponse:
    """What the file would do, and every row that stands in its way; a POST does it."""
    actor = must_edit(request.actor)
    upload = _kept(actor, token)
    if upload is None:
        messages.error(
            request, "That file is no longer kept, or you chose another one since. Choose it again."
        )
        return redirect("imports", workspace)
    writing = request.method == "POST"
    table: Table | None = None
    problems: tuple[Problem, ...] = ()
    counts: list[Count] = []
    new: list[New] = []
    try:
        table = upload.table()
        counts = counts_of(_take(actor, upload.kind, table, dry_run=not writing), upload.kind)
        names = [column.name for column in columns_of(upload.kind)]
        new = [] if writing else news(table, table.take([], names))
    except TableError as error:
        problems = error.problems
    if writing and not problems:
        cache.delete(_place(actor))
        messages.success(request, f"{upload.name} is imported: {sentence_of(counts)}.")
        return redirect("imports", workspace)
    return render(
        request,
        "assessments/import_preview.html",
        {
            "upload": upload,
            "what": WHAT[upload.kind][0],
            "counts": counts,
            "changes": any(count.new or count.changed for count in counts),
            "sentence": sentence_of(counts),
            "news": _shown(new),
            "alike": sum(bool(each.like) for each in new),
            "problems": problems[:MOST_PROBLEMS],
            "more": max(0, len(problems) - MOST_PROBLEMS),
            "number": len(problems),
            "table": table,
            "first": table.rows[:FIRST_ROWS] if table else [],
            "legacy": table is not None and table.encoding == LEGACY,
            "section": "imports",
        },
        status=422 if problems and writing else 200,
    )


def _shown(new: list[New]) -> list[tuple[str, int, list[New]]]:
    """The first of each kind with how many there are; those that may be slips of the pen come first."""
    kinds = dict.fromkeys(each.kind for each in new)
    by_kind = {kind: [each for each in new if each.kind == kind] for kind in kinds}
    return [
        (kind, len(found), sorted(found, key=lambda each: (not each.like, each.row))[:FIRST_NEW])
        for kind, found in by_kind.items()
    ]


def _take(actor: Actor, kind: str, table: Table, *, dry_run: bool) -> Imported | TableImported:
    if kind == ANSWERS:
        return import_answers(by=actor, table=table, dry_run=dry_run)
    return import_table(by=actor, kind=kind, table=table, dry_run=dry_run)


@require_GET
def template(request: Asked, workspace: str, what: str, form: str) -> HttpResponseBase:
    """An empty file with the right first row."""
    return _file(request.actor, what, form, rows=False)


@require_GET
def export(request: Asked, workspace: str, what: str, form: str) -> HttpResponseBase:
    """All firms, segments, touchpoints or answers the actor may see, as a file an import takes."""
    try:
        return _file(request.actor, what, form, rows=True)
    except TableError as error:
        messages.error(request, f"{what}.{form}: {error.problems[0].reason}.")
        return redirect("portfolio", workspace)


def _file(actor: Actor, what: str, form: str, *, rows: bool) -> HttpResponseBase:
    if what not in FILES or form not in TYPES:
        raise Http404("No such file.")
    name = f"{actor.workspace_slug}-{what}.{form}" if rows else f"{what}-template.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if form == "csv":
        return StreamingHttpResponse(_csv(actor, what, rows=rows), content_type=TYPES[form], headers=headers)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it when it has been sent
    write_xlsx(header_of(what), export_rows(by=actor, what=what) if rows else (), file)
    file.seek(0)
    return FileResponse(file, content_type=TYPES[form], headers=headers)


def _csv(actor: Actor, what: str, *, rows: bool) -> Iterator[str]:
    """The text in blocks. It is sent after the request's own transaction has ended, so it opens another."""
    # The mark tells spreadsheets that the text is UTF-8.
    yield "\ufeff"
    with in_workspace(actor.workspace_id, user_id=actor.user_id):
        yield from write_csv(header_of(what), export_rows(by=actor, what=what) if rows else ())
