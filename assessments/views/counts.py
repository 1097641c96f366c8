"""What an import did, or would do, in counts and in one sentence."""

from dataclasses import dataclass

from django.utils.text import get_text_list

from assessments.services.imports import Imported, TableImported


@dataclass(frozen=True)
class Count:
    """What happens to one kind of thing. None: that does not apply to it."""

    one: str
    many: str
    new: int
    changed: int | None = None
    unchanged: int | None = None

    def words(self, number: int) -> str:
        return f"{number:,} {self.one if number == 1 else self.many}"


def counts_of(done: Imported | TableImported, kind: str) -> list[Count]:
    if isinstance(done, TableImported):
        firms = [Count("firm", "firms", done.firms_created)] if kind == "segments" else []
        return [*firms, Count(kind.removesuffix("s"), kind, done.created, done.changed, done.unchanged)]
    return [
        Count("firm", "firms", done.firms_created),
        Count("segment", "segments", done.segments_created),
        Count("workshop", "workshops", done.workshops_created),
        Count("participant", "participants", done.participants_created),
        Count("answer", "answers", done.answers - done.changed, done.changed, done.unchanged),
    ]


def sentence_of(counts: list[Count]) -> str:
    """The counts that are not nothing, in words: “2 firms and 30 answers new, 4 answers changed”."""
    new = [count.words(count.new) for count in counts if count.new]
    changed = [count.words(count.changed) for count in counts if count.changed]
    parts = [f"{get_text_list(new, 'and')} new"] if new else []
    parts += [f"{get_text_list(changed, 'and')} changed"] if changed else []
    return ", ".join(parts) or "nothing changes"
