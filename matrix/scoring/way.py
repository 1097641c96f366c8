"""The way from one receipt to another, step by step: docs/decisions/0008 says why so.

Receipts keep counts, not names. Where the number of sheets changed, as many answers as can be are taken to be
those of people who stayed and said the same; the rest is shared out by nearness (`_stayed`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.agreement import LEVELS
from matrix.scoring.change import (
    ANSWER,
    PEOPLE,
    QUESTIONS,
    RULES,
    TOUCHPOINTS,
    WEIGHTS,
    Change,
    Moved,
    Reason,
    Step,
    Turn,
)
from matrix.scoring.model import Model
from matrix.scoring.outcome import Outcome, outcome
from matrix.scoring.receipt import Receipt, derived_in, tally_in
from matrix.scoring.score import Scores, score
from matrix.scoring.vocabulary import ARCHITECTURES, CAPABILITIES, RELATIONSHIPS

Row = NDArray[np.int64]


def change(before: Receipt, after: Receipt, old: Model, new: Model) -> Change:
    """Split the difference. `old` and `new` are the models of the two receipts; ValueError when they do not
    read the same questionnaire, for then the answers cannot be compared.
    """
    if (old.instrument, old.items) != (new.instrument, new.items):
        raise ValueError("The two placements were answered on different questionnaires.")
    way = _Way(before, after, old, new)
    return Change(before, after, tuple(way.steps), tuple(way.moved()), tuple(way.turned()))


@dataclass(frozen=True)
class _State:
    """What a score is reckoned from, after some of the steps."""

    hist: Row
    raters: int
    asked: NDArray[np.bool_]
    derived: NDArray[np.float64]
    weights: Model
    rules: Model

    def model(self) -> Model:
        if self.weights is self.rules:
            return self.rules
        given = self.weights
        return replace(
            self.rules,
            relationships=given.relationships,
            wanted=given.wanted,
            capabilities=given.capabilities,
            votes=given.votes,
        )


class _Way:
    """The steps between two receipts and every state on the way, in order and in the opposite order."""

    def __init__(self, before: Receipt, after: Receipt, old: Model, new: Model) -> None:
        self.old, self.new = old, new
        self.ends = [_state(before, old), _state(after, new)]
        first, last = self.ends
        self.answers, self.people = _parted(first, last)
        self.rederived = ~np.isclose(first.derived, last.derived, rtol=0, atol=0, equal_nan=True)
        self.steps = [*self._answers(), *self._others()]
        order = range(len(self.steps))
        self.forth = self._scored([set(order[:at]) for at in range(len(order) + 1)])
        self.back = self._scored([set(order[len(order) - at :]) for at in range(len(order) + 1)])

    def _answers(self) -> Iterable[Step]:
        first, _ = self.ends
        for at, item in enumerate(self.old.items):
            if self.answers[at].any():
                was, now = first.hist[at], first.hist[at] + self.answers[at]
                if at in self.old.choices:
                    yield Step(ANSWER, item, chosen=(_favoured(was), _favoured(now)))
                else:
                    yield Step(ANSWER, item, _mean(was), _mean(now))

    def _others(self) -> Iterable[Step]:
        first, last = self.ends
        if first.raters != last.raters or self.people.any():
            yield Step(PEOPLE, None, first.raters, last.raters)
        for at in np.flatnonzero(self.rederived):
            was, now = (_known(float(end.derived[at])) for end in self.ends)
            yield Step(TOUCHPOINTS, self.old.items[at], was, now)
        if (first.asked != last.asked).any():
            yield Step(QUESTIONS)
        if _weights(self.old) != _weights(self.new):
            yield Step(WEIGHTS)
        if _lines(self.old) != _lines(self.new):
            yield Step(RULES)

    def _at(self, done: set[int]) -> _State:
        """The state when just these steps are done."""
        first, last = self.ends
        kinds = {self.steps[at].kind for at in done}
        hist, instead = first.hist.copy(), first.derived.copy()
        for step in (self.steps[at] for at in done):
            if step.item is not None:
                spot = self.old.positions[step.item]
                if step.kind == ANSWER:
                    hist[spot] += self.answers[spot]
                else:
                    instead[spot] = last.derived[spot]
        if PEOPLE in kinds:
            hist += self.people
        return _State(
            hist,
            (last if PEOPLE in kinds else first).raters,
            (last if QUESTIONS in kinds else first).asked,
            instead,
            self.new if WEIGHTS in kinds else self.old,
            self.new if RULES in kinds else self.old,
        )

    def _scored(self, ways: Sequence[set[int]]) -> list[Scores]:
        found = []
        for done in ways:
            state = self._at(done)
            hist = state.hist.astype(np.uint16)[None]
            raters, instead = np.array([state.raters]), state.derived[None]
            found.append(score(hist, state.model(), raters, state.asked, instead))
        return found

    def moved(self) -> Iterable[Moved]:
        forth, back = [_figures(each) for each in self.forth], [_figures(each) for each in self.back]
        for kind, code in forth[0]:
            on = [each[kind, code] for each in forth]
            again = [each[kind, code] for each in back]
            before, after = on[0], on[-1]
            parts: tuple[float, ...] = ()
            if not isnan(before) and not isnan(after):
                one, other = _added(on), _added(again)[::-1]
                parts = tuple((a + b) / 2 for a, b in zip(one, other, strict=True))
            yield Moved(kind, code, _known(before), _known(after), parts)

    def turned(self) -> Iterable[Turn]:
        labels = [_labels(outcome(each)) for each in self.forth]
        for (name, code), was in labels[0].items():
            path = [each[name, code] for each in labels]
            if path[-1] != was:
                step = max(at for at in range(len(self.steps)) if path[at] != path[-1])
                yield Turn(name, code, was, path[-1], step, tuple(self._reasons(name, code)))

    def _reasons(self, name: str, code: str | None) -> Iterable[Reason]:
        if name == "present" and code:
            yield from self._presence(code)
        if name == "primary":
            yield from self._first()
        if name == "architecture":
            yield from self._leading()
        if name == "quadrant":
            cuts = (self.old.quadrant_cut, self.new.quadrant_cut)
            yield from self._crossed("interact", "N", [float(each.interact[0]) for each in self.both], cuts)
            column = list(CAPABILITIES).index("C")
            values = [float(each.capabilities[0, column]) for each in self.both]
            yield from self._crossed("customize", "C", values, cuts)

    @property
    def both(self) -> list[Scores]:
        return [self.forth[0], self.forth[-1]]

    def _presence(self, code: str) -> Iterable[Reason]:
        row = list(RELATIONSHIPS).index(code)
        gates = (self.old.gates[row], self.new.gates[row])
        item = next((gate for gate in gates if gate), None)
        if item:
            met = [bool(each.gate_met[0, row]) for each in self.both]
            means = [float(each.item_mean[0, item.position]) for each in self.both]
            minima = [gate.minimum if gate else 0.0 for gate in gates]
            if met[0] != met[1]:
                yield Reason(
                    "gate", item.item, _known(means[0]), _known(means[1]), minima[0], minima[1], met[1]
                )
        levels = [float(each.relationships[0, row]) for each in self.both]
        yield from self._crossed("level", code, levels, (self.old.present_cut, self.new.present_cut))

    def _first(self) -> Iterable[Reason]:
        """The leading relationship: what is present, or what is near the highest."""
        rows = list(RELATIONSHIPS)
        flags = [each.present[0] for each in self.both]
        for row, code in enumerate(rows):
            if flags[0][row] != flags[1][row]:
                yield Reason("present", code, float(flags[0][row]), float(flags[1][row]), 1, 1, flags[1][row])
        windows = (self.old.primary_window, self.new.primary_window)
        behind = [_behind(each) for each in self.both]
        for row, code in enumerate(rows):
            if flags[0][row] and flags[1][row]:
                values = (-behind[0][row], -behind[1][row])
                yield from self._crossed("window", code, values, (-windows[0], -windows[1]))

    def _leading(self) -> Iterable[Reason]:
        ranked = [np.sort(each.architectures[0]) for each in self.both]
        best = [list(ARCHITECTURES)[int(np.argmax(each.architectures[0]))] for each in self.both]
        code = best[1]
        shares = [float(row[-1]) for row in ranked]
        leads = [float(row[-1] - row[-2]) for row in ranked]
        if best[0] != best[1] and not any(isnan(share) for share in shares):
            column = list(ARCHITECTURES).index(code)
            own = [float(each.architectures[0, column]) for each in self.both]
            other = [float(np.delete(each.architectures[0], column).max()) for each in self.both]
            yield Reason("ahead", code, own[0], own[1], other[0], other[1], True)
        yield from self._crossed("share", code, shares, (self.old.majority, self.new.majority))
        yield from self._crossed("lead", code, leads, (self.old.lead, self.new.lead))

    def _crossed(
        self, what: str, code: str, values: Sequence[float], lines: Sequence[float]
    ) -> Iterable[Reason]:
        """A reason where a value lies on another side of its line than before; unknown lies on neither."""
        sides = [
            None if isnan(value) else value >= line - 1e-6 for value, line in zip(values, lines, strict=True)
        ]
        if sides[0] != sides[1]:
            first, last = (_known(value) for value in values)
            yield Reason(what, code, first, last, lines[0], lines[1], bool(sides[1]))


def _state(proof: Receipt, model: Model) -> _State:
    said = {"tally": proof.tally, "raters": proof.raters, "asked": proof.asked, "derived": proof.derived}
    hist, raters, asked = tally_in(said, model)
    instead = derived_in(said, model)[0]
    return _State(hist[0].astype(np.int64), int(raters[0]), asked, instead, model, model)


def _parted(first: _State, last: _State) -> tuple[Row, Row]:
    """What changed in the counts, as changed answers and as people who joined or left; (items, 5) each."""
    joined = last.raters - first.raters
    answers = np.zeros_like(first.hist)
    for at, (was, now) in enumerate(zip(first.hist, last.hist, strict=True)):
        if joined >= 0:
            answers[at] = _stayed(was, now, joined) - was
        else:
            answers[at] = now - _stayed(now, was, -joined)
    return answers, last.hist - first.hist - answers


def _stayed(was: Row, now: Row, joined: int) -> Row:
    """Of the counts `now`, those of the people who were there before, when `joined` people are new.

    The new ones gave as many of the additional answers as there are new ones. Of the rest, an answer that
    `was` there is taken to be the same one; each other replaces the nearest one gone, lower ones first.
    """
    more = max(0, int(now.sum() - was.sum()))
    room = int(now.sum()) - min(joined, more)
    kept = np.minimum(was, now)
    spare = now - kept
    gone = [level for level in range(LEVELS) for _ in range(int(was[level] - kept[level]))]
    for place in range(room - int(kept.sum())):
        free = [level for level in range(LEVELS) if spare[level]]
        near = gone[place] if place < len(gone) else 0
        taken = min(free, key=lambda level, near=near: (abs(level - near), level))  # type: ignore[misc]
        spare[taken] -= 1
        kept[taken] += 1
    return kept


def _weights(model: Model) -> tuple[object, ...]:
    families = (model.relationships, model.wanted, model.capabilities)
    loads = tuple(
        (dimension.code, load.item, load.whole)
        for family in families
        for dimension in family
        for load in dimension.loads
    )
    return loads, tuple((each.item, tuple(sorted(each.gives.items()))) for each in model.votes)


def _lines(model: Model) -> tuple[object, ...]:
    """Everything else that decides: gates, cuts, windows, bands."""
    return (
        *(model.gates, model.present_cut, model.primary_window, model.order, model.unwanted, model.sensed),
        *(model.unwilling, model.majority, model.lead, model.split, model.quadrant_cut),
        *(model.quadrant_band, model.cap_margin, model.minimum_coverage, model.minimum_raters),
    )


def _figures(scores: Scores) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for kind, codes, values in (
        ("relationship", RELATIONSHIPS, scores.relationships),
        ("wanted", RELATIONSHIPS, scores.wanted),
        ("architecture", ARCHITECTURES, scores.architectures),
        ("capability", CAPABILITIES, scores.capabilities),
    ):
        found |= {(kind, code): float(value) for code, value in zip(codes, values[0], strict=True)}
    found["held", "N"] = float(scores.interact[0])
    found["coverage", ""] = float(scores.coverage[0])
    found["agreement", ""] = float(scores.agreement[0])
    return found


def _labels(found: Outcome) -> dict[tuple[str, str | None], str | bool | None]:
    primary = "baseline" if found.buys_what_we_have else found.primary_relationship
    labels: dict[tuple[str, str | None], str | bool | None] = {
        ("primary", None): primary,
        ("architecture", None): "mixed" if found.mixed else found.primary_architecture,
        ("quadrant", None): found.quadrant,
        ("scheduled_repeat", None): found.scheduled_repeat,
        ("borderline", None): found.borderline,
        ("capped", None): found.capped,
    }
    for code in RELATIONSHIPS:
        labels["present", code] = code in found.present
        labels["intrusive", code] = code in found.intrusive
    return labels


def _behind(scores: Scores) -> list[float]:
    """How far each relationship lies behind the highest present."""
    levels, present = scores.relationships[0], scores.present[0]
    highest = max((float(level) for level, held in zip(levels, present, strict=True) if held), default=0.0)
    return [highest - float(level) for level in levels]


def _added(path: Sequence[float]) -> list[float]:
    """What each step adds. Where a state between is not known, the next known one takes all of it."""
    held = path[0]
    found = []
    for value in path[1:]:
        found.append(0.0 if isnan(value) else value - held)
        held = held if isnan(value) else value
    return found


def _mean(counts: Row) -> float | None:
    n = int(counts.sum())
    return float(sum(level * int(count) for level, count in enumerate(counts))) / n if n else None


def _favoured(counts: Row) -> str | None:
    """The architecture most chose; None when nobody chose, or two were chosen as often."""
    most = [code for code, count in zip(ARCHITECTURES, counts, strict=True) if count == counts.max()]
    return most[0] if len(most) == 1 and counts.max() else None


def _known(value: float) -> float | None:
    return None if isnan(value) else value
