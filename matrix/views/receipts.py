"""A receipt as a page lays it out: items with their answers, and scores as lines that add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matrix.charts import Histogram, agree_word, histogram
from matrix.findings import evidence as findings
from matrix.findings.steps import Disputed
from matrix.findings.words import per_cent
from matrix.scoring import Account, Line, Model, Receipt, median, spread


@dataclass(frozen=True)
class ItemLine:
    """One item: who answered what, and how far they agree.

    `unknown`: sheets without an answer, `skipped`: sheets that were not asked. The tally
    cannot tell who does not know from who has not answered yet.
    """

    code: str
    title: str
    choice: bool
    picture: Histogram
    median: float | None
    n: int
    unknown: int | None
    skipped: int
    value: float | None
    word: str
    agree: str
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReceiptLine:
    """An item's part in one score, in points of that score; a dash when it has no say, and why.

    `instead`: what people said, where `mean` is what touchpoints say; empty where it is people's.
    """

    item: ItemLine
    weight: float
    mean: str
    points: str
    why_not: str | None
    instead: str = ""


@dataclass(frozen=True)
class Group:
    """One score with its lines: the points shown add up to the total shown."""

    kind: str
    code: str
    name: str
    lines: tuple[ReceiptLine, ...]
    total: str
    coverage: int
    note: str


def items_of(
    proof: Receipt, hist: Any, core: Model, evidence: Mapping[str, Sequence[tuple[str, str]]]
) -> list[ItemLine]:
    """Every item that has a say in some score, once, in the order of the questionnaire."""
    lines = {line.item: line for account in proof.accounts for line in account.lines}
    return [_item(lines[code], proof, hist, core, evidence) for code in core.items if code in lines]


def _item(
    line: Line, proof: Receipt, hist: Any, core: Model, evidence: Mapping[str, Sequence[tuple[str, str]]]
) -> ItemLine:
    row = hist[core.positions[line.item]]
    choice = core.positions[line.item] in core.choices
    agreement = spread(row)
    skipped = _skipped(line, proof.raters, hist, core)
    middle = float(median(row[None, :])[0])
    compared = line.n and not choice and line.why_not is None
    return ItemLine(
        code=line.item,
        title=line.title,
        choice=choice,
        picture=histogram(line.counts, 1 if choice else 0),
        median=None if choice or middle != middle else middle,
        n=line.n,
        unknown=None if line.why_not == "not asked" else max(0, proof.raters - skipped - line.n),
        skipped=skipped,
        value=agreement.value if compared else None,
        word=agreement.spread.value if compared else "",
        agree=agree_word(agreement.value) if compared else "",
        evidence=tuple(evidence.get(line.item, ())),
    )


def _skipped(line: Line, raters: int, hist: Any, core: Model) -> int:
    """People to whom a conditional item was not put, because of what they answered before it."""
    condition = core.condition_of.get(core.positions[line.item])
    if condition is None or line.why_not == "not asked":
        return 0
    return max(0, raters - max(line.n, int(hist[condition.on][condition.minimum :].sum())))


def group(account: Account, proof: Receipt, items: Mapping[str, ItemLine]) -> Group:
    places, scale = (1, 100) if account.top == 1 else (2, 1)
    points, total = account.shown(places, scale)
    lines = tuple(
        _line(items[line.item], line, _written(point, places))
        for line, point in zip(account.lines, points, strict=True)
    )
    shown, note = _written(total, places), _note(account, proof)
    return Group(account.kind, account.code, account.name, lines, shown, round(account.coverage * 100), note)


def _written(points: Decimal | None, places: int) -> str:
    return "–" if points is None else f"{points:.{places}f}".replace("-", "−")


def _line(item: ItemLine, line: Line, points: str) -> ReceiptLine:
    """Its mean is what the weight multiplies: 0-4, or the share that chose this architecture."""
    mean = "–"
    if line.mean is not None and line.why_not is None:
        mean = per_cent(line.mean) if item.choice else f"{line.mean:.2f}"
    return ReceiptLine(item, line.weight, mean, points, line.why_not, findings.instead(line))


def _note(account: Account, proof: Receipt) -> str:
    """The gate of a relationship, or the cap of interact, as it was found."""
    if (
        account.kind == "capability"
        and account.code == "N"
        and proof.cap.applied
        and proof.cap.limit is not None
    ):
        return f"held to {proof.cap.limit:.2f}: identify plus its margin"
    gate = next((g for g in proof.gates if g.relationship == account.code), None)
    if account.kind != "relationship" or gate is None:
        return ""
    stands = "unanswered" if gate.mean is None else f"{gate.mean:.2f}"
    return f"gate {gate.item} {stands}, {'met' if gate.met else 'not met'}: needs {gate.minimum:g}"


def more_groups(proof: Receipt, items: Mapping[str, ItemLine]) -> list[tuple[str, str, list[Group]]]:
    """The receipts behind the other figures: (title, unit, groups)."""
    kinds = (
        ("wanted", "What the segment wants", "points of 100"),
        ("architecture", "Architecture", "per cent"),
    )
    found = [
        (title, unit, [group(a, proof, items) for a in proof.accounts if a.kind == kind])
        for kind, title, unit in kinds
    ]
    tasks = [group(a, proof, items) for a in proof.accounts if a.kind == "capability"]
    return [*found, ("Capabilities", "points of 4", tasks)]


def disputed_of(items: Mapping[str, ItemLine]) -> list[Disputed]:
    """Items with a measured agreement, lowest first: the agenda of a discussion."""
    known = [item for item in items.values() if item.value is not None and item.value < 1]
    return [
        Disputed(item.code, item.title, item.word, item.value or 0.0)
        for item in sorted(known, key=lambda each: each.value or 0.0)
    ]
