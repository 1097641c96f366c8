"""The file of an import between its arrival and its end: pieces as rows, which every machine can read."""

import zlib
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO, Final, Protocol

from assessments.models import ImportJob, ImportPart
from assessments.tables import MAX_BYTES, MEGABYTE, Problem, TableError

PIECE: Final = MEGABYTE
_WORKBOOK: Final = b"PK\x03\x04"


class Source(Protocol):
    """Whatever a file arrives by: a request, an upload, a file."""

    def read(self, size: int, /) -> bytes: ...


def spool(job: ImportJob, source: Source) -> int:
    """Keep a file as it arrives, a piece at a time in memory; returns its length. Raises TableError."""
    size = index = 0
    workbook = False
    while piece := source.read(PIECE):
        workbook = workbook or (index == 0 and piece.startswith(_WORKBOOK))
        size += len(piece)
        if workbook and size > MAX_BYTES:
            reason = f"a workbook may have {MAX_BYTES // MEGABYTE} MB; save it as “CSV UTF-8”"
            raise TableError([Problem(1, "", reason)])
        packed = zlib.compress(piece, 1)
        ImportPart.objects.create(workspace_id=job.workspace_id, job=job, index=index, data=packed)
        index += 1
    return size


def drop_spooled(job: ImportJob) -> None:
    ImportPart.objects.filter(job=job).delete()


def spooled(job_id: int) -> BinaryIO:
    """The file from its beginning, inside the workspace; read as often as wanted."""
    return BufferedReader(_Pieces(job_id))


class _Pieces(RawIOBase):
    """Reads forward, one piece in memory. ``tell`` is how far."""

    def __init__(self, job_id: int) -> None:
        self._parts = ImportPart.objects.filter(job_id=job_id)
        self._index = self._told = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._told

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            found = self._parts.filter(index=self._index).values_list("data", flat=True).first()
            self._rest = memoryview(zlib.decompress(found) if found is not None else b"")
            self._index += 1
        given = self._rest[: len(buffer)]
        buffer[: len(given)] = given
        self._rest = self._rest[len(given) :]
        self._told += len(given)
        return len(given)
