"""The sample workspace as written by hand in `data/sample/`: one TOML file per firm.

Reads and checks files, nothing else: no database, no clock. The format is told in
`data/sample/README.md`; where the facts come from stands in the files' `source` lines.
"""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.dataclasses import dataclass

from assessments.instrument import Instrument, Item, asks

SAMPLE_FOLDER = Path(__file__).parent / "data" / "sample"
INSTRUMENT_FILE = Path(__file__).parent / "data" / "instruments" / "cs-1.v1.json"

# Marks for an answer without a value: the first is an answer, the second a question still open.
DO_NOT_KNOW = "-"
NOT_GIVEN = ""

Text = Annotated[str, Field(min_length=1)]
Scale = Annotated[StrictInt, Field(ge=0, le=4)]

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

    `answers` holds what this rater was asked and has answered, by item code, as sheets store it: 0-4, for
    a choice its order from 1, None for "do not know". An item that is absent has not been answered.
    """

    rater: SampleRater
    answers: Mapping[str, int | None]
    evidence: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleEarlier:
    """What some of today's raters, by name, answered half a year before: where it differs from today.

    `answers` are columns in the order of these `raters`.
    """

    raters: tuple[Text, ...]
    answers: dict[str, tuple[StrictInt | StrictStr, ...]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleSegment:
    """One offering for one group of customers, with its journey and its raters' answers.

    `customers` is a head count and `revenue` an amount a year in `currency`, both orders of magnitude,
    None where nothing is published. `answers` and `evidence` are columns: one value per rater, in the
    raters' order; `sheets` turns them into one sheet per rater.
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
    answers: dict[str, tuple[StrictInt | StrictStr, ...]] = Field(default_factory=dict)
    evidence: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    earlier: SampleEarlier | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for item, column in (*self.answers.items(), *self.evidence.items()):
            if len(column) != len(self.raters):
                raise ValueError(f"{item}: {len(column)} values for {len(self.raters)} raters")
        if self.earlier:
            self._goes_back(self.earlier)
        if self.revenue is not None and self.currency is None:
            raise ValueError("revenue needs a currency")
        return self

    def _goes_back(self, earlier: SampleEarlier) -> None:
        strangers = set(earlier.raters) - {rater.name for rater in self.raters}
        if strangers:
            raise ValueError(f"earlier: nobody is called {', '.join(sorted(strangers))}")
        for item, column in earlier.answers.items():
            if len(column) != len(earlier.raters):
                raise ValueError(f"earlier: {item}: {len(column)} values for {len(earlier.raters)} raters")

    def before(self) -> Self:
        """The segment as those of then saw it: without notes, and as today where nothing else was said."""
        if self.earlier is None:
            return self
        then, kept = (
            self.earlier,
            [[rater.name for rater in self.raters].index(n) for n in self.earlier.raters],
        )
        answers = {item: tuple(column[index] for index in kept) for item, column in self.answers.items()}
        raters = tuple(self.raters[index] for index in kept)
        return replace(self, raters=raters, answers=answers | then.answers, evidence={}, earlier=None)

    def sheets(self, instrument: Instrument) -> tuple[SampleSheet, ...]:
        """One sheet per rater, in the raters' order. ValueError names an item or answer it does not have."""
        items = {item.code: item for item in (*instrument.items, *instrument.situated)}
        unknown = (self.answers.keys() | self.evidence.keys()) - items.keys()
        if unknown:
            raise ValueError(f"there is no item {', '.join(sorted(unknown))}")
        return tuple(self._sheet(index, items) for index in range(len(self.raters)))

    def _sheet(self, index: int, items: Mapping[str, Item]) -> SampleSheet:
        written = {item: str(column[index]) for item, column in self.answers.items()}
        given = {
            item: None if word == DO_NOT_KNOW else items[item].value_of(word)
            for item, word in written.items()
            if word != NOT_GIVEN
        }
        asked = {item: value for item, value in given.items() if asks(items[item], given)}
        notes = {item: column[index] for item, column in self.evidence.items() if column[index]}
        return SampleSheet(
            rater=self.raters[index], answers=MappingProxyType(asked), evidence=MappingProxyType(notes)
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=closed)
class SampleFirm:
    """A firm with its segments: the content of one file. ``discussed``: its workshop is being discussed.

    ``recent``: it was assessed for the first time just now, and not half a year before.
    """

    name: Text
    industry: Text
    need: Text
    refuses: str
    discussed: StrictBool = False
    recent: StrictBool = False
    segments: tuple[SampleSegment, ...]


def read_instrument() -> Instrument:
    """The questionnaire that the sample answers."""
    return Instrument.from_json(INSTRUMENT_FILE.read_bytes())


def read_sample(folder: Path = SAMPLE_FOLDER) -> tuple[SampleFirm, ...]:
    """Every firm of the sample, in the order of the file names. SampleError names file and place."""
    instrument = read_instrument()
    return tuple(read_firm(path, instrument) for path in sorted(folder.glob("*.toml")))


def read_firm(path: Path, instrument: Instrument) -> SampleFirm:
    """The firm in one TOML file. SampleError names file and place."""
    try:
        firm = TypeAdapter(SampleFirm).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise SampleError(f"{path.name}: {error}") from error
    except ValidationError as error:
        faults = (f"{path.name}: {_place(fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise SampleError("\n".join(faults)) from error
    for order, segment in enumerate(firm.segments, 1):
        try:
            segment.sheets(instrument)
            segment.before().sheets(instrument)
        except ValueError as error:
            raise SampleError(f"{path.name}: segments {order}, answers: {error}") from error
    return firm


def _place(loc: tuple[int | str, ...]) -> str:
    """`segments 2, touchpoints 5, step`: tables are counted from 1, as a reader of the file counts."""
    words: list[str] = []
    for part in loc:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words) or "file"
