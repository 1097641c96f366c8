"""The sample workspace as written by hand in `data/sample/`: one TOML file per firm.

Reads and checks files, nothing else: no database, no clock. The format is told in
`data/sample/README.md`; where the facts come from stands in the files' `source` lines.
"""

import datetime
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

SAMPLE_FOLDER = Path(__file__).parent / "data" / "sample"

# Marks for an answer without a value: the first is an answer, the second a question still open.
DO_NOT_KNOW = "-"
NOT_GIVEN = ""

# Choice answers are kept by their column in the matrix, counted from 1.
ARCHITECTURE_ORDER: Mapping[str, int] = MappingProxyType({"PR": 1, "RT": 2, "MM": 3, "CW": 4, "PP": 5})
CHOICE_ITEMS = frozenset({"A1", "A2", "A3", "A4"})
SCALE_ITEMS = frozenset(
    {*(f"R{n}" for n in range(1, 13)), *(f"P{n}" for n in range(1, 7)), "A5", "A6"}
    | {f"{task}{n}" for task in "IDNC" for n in range(1, 4)}
)

Text = Annotated[str, Field(min_length=1)]
Scale = Annotated[StrictInt, Field(ge=0, le=4)]
Choice = Literal["PR", "RT", "MM", "CW", "PP"]
Answer = Scale | Choice | Literal["-", ""]

closed = ConfigDict(extra="forbid")


class SampleError(ValueError):
    """A sample file is wrong: the message has one line per fault, with file, place and reason."""


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleTouchpoint:
    """One contact in a segment's journey; their order in the file is the order of the journey."""

    step: Literal["recognize", "request", "respond", "repeat"]
    phase: Literal["awareness", "sell", "use", "extend"]
    name: Text
    description: Text
    initiator: Literal["customer", "firm", "system", "peer"]
    trigger: Literal["customer_act", "calendar", "campaign", "sensed"]
    decides: Literal["customer", "shortlist", "consent"]
    direction: Literal["one_way", "two_way"]
    identified: StrictBool
    carries_context: StrictBool
    content: Literal["same", "segment", "individual"]
    supplier: Literal["own", "partner", "individual", "member"]
    data_captured: str
    consent_basis: str
    latency: Literal["instant", "minutes", "hours", "days", "weeks"]
    medium: Literal["personal", "physical", "digital"]
    part: Literal["product", "transaction", "interaction"]
    signature: StrictBool
    owner: str
    metric: str
    metric_value: str
    importance: Scale | None = None
    pain: Scale | None = None
    cost: str | None = None
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleRater:
    """Who fills in a sheet: a role, never a person."""

    name: Text
    group: Literal["board", "front_line", "customers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSheet:
    """One rater's answers for one segment.

    `answers` holds the items this rater has answered: 0-4, for A1-A4 the architecture's order 1-5,
    None for "do not know". An item that is absent has not been answered.
    """

    rater: SampleRater
    answers: Mapping[str, int | None]
    evidence: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleSegment:
    """One offering for one group of customers, with its journey and its raters' answers.

    `customers` is a head count and `revenue` an amount a year in `currency`, both orders of magnitude,
    None where nothing is published. `answers` and `evidence` are columns: one value per rater, in the
    raters' order; `sheets()` turns them into one sheet per rater.
    """

    offering: Text
    name: Text
    consent: Literal["yes", "no", "unsure"]
    source: Text
    situation: str = ""
    customers: Annotated[StrictInt, Field(gt=0)] | None = None
    revenue: Annotated[StrictInt, Field(gt=0)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    raters: tuple[SampleRater, ...] = ()
    touchpoints: tuple[SampleTouchpoint, ...] = ()
    answers: dict[str, tuple[Answer, ...]] = Field(default_factory=dict)
    evidence: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _answers_fit(self) -> Self:
        for item, column in self.answers.items():
            _check_column(item, column, len(self.raters))
            _check_kinds(item, column)
        for item, notes in self.evidence.items():
            _check_column(item, notes, len(self.raters))
        if self.revenue is not None and self.currency is None:
            raise ValueError("revenue needs a currency")
        return self

    def sheets(self) -> tuple[SampleSheet, ...]:
        """One sheet per rater, in the raters' order."""
        return tuple(self._sheet(index, rater) for index, rater in enumerate(self.raters))

    def _sheet(self, index: int, rater: SampleRater) -> SampleSheet:
        given = {item: column[index] for item, column in self.answers.items() if column[index] != NOT_GIVEN}
        notes = {item: column[index] for item, column in self.evidence.items() if column[index]}
        return SampleSheet(
            rater=rater,
            answers=MappingProxyType({item: _stored(answer) for item, answer in given.items()}),
            evidence=MappingProxyType(notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleFirm:
    """A firm with its segments: the content of one file."""

    name: Text
    industry: Text
    need: Text
    refuses: str
    segments: tuple[SampleSegment, ...]


def read_sample(folder: Path = SAMPLE_FOLDER) -> tuple[SampleFirm, ...]:
    """Every firm of the sample, in the order of the file names. SampleError names file and place."""
    return tuple(read_firm(path) for path in sorted(folder.glob("*.toml")))


def read_firm(path: Path) -> SampleFirm:
    """The firm in one TOML file. SampleError names file and place."""
    try:
        return TypeAdapter(SampleFirm).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise SampleError(f"{path.name}: {error}") from error
    except ValidationError as error:
        faults = (f"{path.name}: {_place(fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise SampleError("\n".join(faults)) from error


def _place(loc: tuple[int | str, ...]) -> str:
    """`segments 2, touchpoints 5, step`: tables are counted from 1, as a reader of the file counts."""
    words: list[str] = []
    for part in loc:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words) or "file"


def _check_column(item: str, column: tuple[Answer, ...] | tuple[str, ...], raters: int) -> None:
    if item not in CHOICE_ITEMS | SCALE_ITEMS:
        raise ValueError(f"{item}: there is no such item")
    if len(column) != raters:
        raise ValueError(f"{item}: {len(column)} values for {raters} raters")


def _check_kinds(item: str, column: tuple[Answer, ...]) -> None:
    for answer in column:
        if answer in (DO_NOT_KNOW, NOT_GIVEN):
            continue
        if (item in CHOICE_ITEMS) != (answer in ARCHITECTURE_ORDER):
            raise ValueError(f"{item}: {answer!r} is not an answer to it")


def _stored(answer: Answer) -> int | None:
    if isinstance(answer, int):
        return answer
    return None if answer == DO_NOT_KNOW else ARCHITECTURE_ORDER[answer]
