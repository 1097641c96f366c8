"""What ten million and a thousand million placements cost, by the figures of the last `make bench`.

    python -m benchmarks.cost_model            the table, as docs/scaling.md shows it
    python -m benchmarks.cost_model --write    put it there

Assumptions, said in docs/scaling.md too: a segment costs what it cost in the largest workspace measured;
workers share nothing but PostgreSQL, which takes rows no faster than bare COPY does; the end of a run is one
process's work a workspace; a workspace holds at most `WORKSPACE` segments, so more segments are more
workspaces; `KEPT` generations of each are kept.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).with_name("results.jsonl")
DOC: Final = Path(__file__).parents[1] / "docs" / "scaling.md"
BEGIN, END = "<!-- cost model -->", "<!-- end of cost model -->"
SIZES: Final = (1_000_000, 10_000_000, 1_000_000_000)
WORKSPACE: Final = 1_000_000
KEPT: Final = 10
WORKERS: Final = (1, 2, 8, 32)
RATERS: Final = 3


@dataclass(frozen=True)
class Measured:
    """Seconds a segment of a run's chunks in one process, of PostgreSQL's part of them, and of a run's end;
    bytes kept of a placement, a sheet and a segment, keys included; `n` segments they were measured on."""

    chunk: float
    copied: float
    end: float
    placement: float
    sheet: float
    segment: float
    n: int


@dataclass(frozen=True)
class Cost:
    """`hours` of a run by number of workers; `end_hours` of one process; bytes of all that is kept."""

    placements: int
    workspaces: int
    hours: dict[int, float]
    end_hours: float
    generation: float
    kept: float
    answers: float


def measured(lines: list[dict[str, Any]]) -> Measured:
    """From lines of results.jsonl. KeyError names a figure that is missing."""
    largest: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line["value"] is not None and line["n"] >= largest.get(line["name"], line)["n"]:
            largest[line["name"]] = line
    chunks = next(line for line in lines if line["name"] == "chunks of a run, one worker: read, score, write")
    end = largest["end of a run in one process"]
    return Measured(
        chunk=1 / chunks["value"],
        copied=1 / chunks["value"] / chunks["ratio"],
        end=end["value"] / end["n"],
        placement=largest["kept of one placement"]["value"],
        sheet=largest["kept of one sheet"]["value"],
        segment=largest["kept of one segment"]["value"],
        n=end["n"],
    )


def cost(placements: int, by: Measured) -> Cost:
    """What so many segments cost: one run over all of them, and what is kept."""
    hours = {
        workers: max(placements * by.chunk / workers, placements * by.copied) / 3600 for workers in WORKERS
    }
    generation = placements * by.placement
    return Cost(
        placements=placements,
        workspaces=-(-placements // WORKSPACE),
        hours=hours,
        end_hours=placements * by.end / 3600,
        generation=generation,
        kept=generation * KEPT,
        answers=placements * (RATERS * by.sheet + by.segment),
    )


def table(by: Measured) -> str:
    """Markdown, one column a size."""
    costs = [cost(size, by) for size in SIZES]
    rows = [("Placements", [f"{each.placements:,}" for each in costs])]
    rows.append((f"Workspaces of {WORKSPACE:,}", [f"{each.workspaces:,}" for each in costs]))
    for workers in WORKERS:
        who = "1 worker process" if workers == 1 else f"{workers} worker processes"
        rows.append((f"A run's chunks, {who}", [_time(each.hours[workers]) for each in costs]))
    rows.append(("Ends of the runs, one after another", [_time(each.end_hours) for each in costs]))
    rows.append(("One generation of placements", [_size(each.generation) for each in costs]))
    rows.append((f"{KEPT} generations", [_size(each.kept) for each in costs]))
    rows.append((f"Segments with {RATERS} sheets each", [_size(each.answers) for each in costs]))
    (head, sizes), *rest = rows
    lines = [f"| {head} | " + " | ".join(sizes) + " |", "|---|" + "---:|" * len(sizes)]
    return "\n".join([*lines, *(f"| {name} | " + " | ".join(values) + " |" for name, values in rest)])


def _time(hours: float) -> str:
    if hours < 2 / 60:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.1f} h"


def _size(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def written(text: str, found: str) -> str:
    """The document with the table put between its marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{found}\n{END}{after}"


def last_results() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RESULTS.read_text().splitlines()]


def main(words: Sequence[str]) -> None:
    found = table(measured(last_results()))
    if "--write" in words:
        DOC.write_text(written(DOC.read_text(), found))
    else:
        print(found)


if __name__ == "__main__":
    main(sys.argv[1:])
