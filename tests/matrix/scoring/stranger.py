"""A stranger's own reckoning: from a receipt as JSON, by the rules of docs/scoring.md, with nothing else.

Imports nothing of the product on purpose: whole numbers and fractions only.
"""

from fractions import Fraction
from hashlib import sha256
from math import log2, sqrt
from struct import pack
from typing import Any

ROWS, COLUMNS, TASKS = ("RD", "CO", "CB", "AE"), ("PR", "RT", "MM", "CW", "PP"), ("I", "D", "N", "C")
Levels = dict[str, Fraction | None]
QUADRANTS = {(False, False): "Q1", (False, True): "Q2", (True, False): "Q3", (True, True): "Q4"}


class Stranger:
    """Reckons scores and labels of one receipt."""

    def __init__(self, proof: dict[str, Any]) -> None:
        self.proof, self.rules, self.tally = proof, proof["rules"], proof["tally"]
        self.small = Fraction(str(self.rules["tolerance"]))
        self.n = {item: sum(counts) for item, counts in self.tally.items()}
        self.means = {
            item: Fraction(sum(level * count for level, count in enumerate(counts)), self.n[item])
            if self.n[item]
            else None
            for item, counts in self.tally.items()
        }
        self.answered = dict(self.means)
        # What touchpoints say in place of answers is used as it is.
        self.means |= {item: Fraction(value) for item, value in proof["derived"].items()}
        self.held = {each["item"]: each for each in self.rules["conditions"]}

    def applies(self, item: str) -> bool:
        """Whether the item counts: those with a condition only where the other's mean reaches it."""
        condition = self.held.get(item)
        return condition is None or self.reaches(self.means[condition["on"]], condition["minimum"])

    def known(self, item: str) -> bool:
        return (self.n[item] > 0 or item in self.proof["derived"]) and self.applies(item)

    def asked(self, item: str) -> bool:
        return self.known(item) or (item in self.proof["asked"] and self.applies(item))

    def reaches(self, value: Fraction | None, least: float) -> bool:
        return value is not None and value >= Fraction(str(least)) - self.small

    def covered(self, answered: Fraction, possible: Fraction) -> bool:
        least = Fraction(str(self.rules["minimum_coverage"])) - self.small
        return answered > 0 and answered >= least * possible

    def lines(self, kind: str, code: str) -> dict[str, Fraction]:
        """Weights by item, as they stand beside the lines."""
        account = next(a for a in self.proof["accounts"] if (a["kind"], a["code"]) == (kind, code))
        return {line["item"]: Fraction(str(line["weight"])) for line in account["lines"]}

    def mean(self, kind: str, code: str) -> Fraction | None:
        """Weighted mean 0-4; a negative weight counts from the far end."""
        points = answered = possible = Fraction(0)
        for item, weight in self.lines(kind, code).items():
            possible += abs(weight) if self.asked(item) else 0
            mean = self.means[item]
            if self.known(item) and mean is not None:
                points += abs(weight) * (mean if weight > 0 else 4 - mean)
                answered += abs(weight)
        return points / answered if self.covered(answered, possible) else None

    def grid(self, value: Fraction | None, bits: int) -> Fraction | None:
        return None if value is None else Fraction(round(value * 2**bits), 2**bits)

    def level(self, kind: str, code: str) -> Fraction | None:
        mean = self.mean(kind, code)
        return self.grid(None if mean is None else mean / 4, self.rules["grid"]["levels"])

    def task(self, code: str) -> Fraction | None:
        return self.grid(self.mean("capability", code), self.rules["grid"]["tasks"])

    def shares(self) -> dict[str, Fraction | None]:
        given, less = dict.fromkeys(COLUMNS, Fraction(0)), dict.fromkeys(COLUMNS, Fraction(0))
        answered = possible = Fraction(0)
        for votes in self.rules["architecture"]["votes"]:
            item = votes["item"]
            gives = {code: Fraction(str(weight)) for code, weight in votes["gives"].items()}
            possible += max(gives.values()) if self.asked(item) else 0
            mean = self.means[item]
            if not self.known(item) or mean is None:
                continue
            answered += max(gives.values())
            for code, weight in gives.items():
                share = self.chosen(item, code) if item in self.rules["choices"] else mean / 4
                (given if weight > 0 else less)[code] += abs(weight) * share
        votes_of = {code: max(given[code] - less[code], Fraction(0)) for code in COLUMNS}
        cast = sum(votes_of.values())
        if not cast or not self.covered(answered, possible):
            return dict.fromkeys(COLUMNS)
        return {code: self.grid(part / cast, self.rules["grid"]["levels"]) for code, part in votes_of.items()}

    def chosen(self, item: str, code: str) -> Fraction:
        """The part of those who answered that chose this."""
        return Fraction(self.tally[item][COLUMNS.index(code)], self.n[item])

    def gate(self, code: str) -> str:
        """met, partly, failed or unknown; met where there is none."""
        gate = next((each for each in self.rules["gates"] if each["relationship"] == code), None)
        if gate is None:
            return "met"
        if not self.known(gate["item"]):
            return "unknown"
        mean = self.means[gate["item"]]
        if self.reaches(mean, gate["minimum"]):
            return "met"
        return "partly" if gate["partial"] is not None and self.reaches(mean, gate["partial"]) else "failed"

    def primary(self, levels: dict[str, Fraction | None]) -> tuple[list[str], str | None, bool]:
        """Present ones, the leading one, and whether it is known that none is."""
        rule = self.rules["presence"]
        present = [c for c in ROWS if self.gate(c) == "met" and self.reaches(levels[c], rule["cut"])]
        if not present:
            could = [
                c
                for c in ROWS
                if self.gate(c) in ("met", "unknown")
                and (levels[c] is None or self.reaches(levels[c], rule["cut"]))
            ]
            return [], None, not could
        highest = max(level for code in present if (level := levels[code]) is not None)
        window = Fraction(str(rule["window"]))
        near = [
            c for c in present if (level := levels[c]) is not None and level >= highest - window - self.small
        ]
        return present, min(near, key=rule["order"].index), False

    def leading(self, shares: dict[str, Fraction | None]) -> tuple[str | None, bool]:
        """The leading architecture, and whether supply is mixed."""
        known = {code: share for code, share in shares.items() if share is not None}
        if not known:
            return None, False
        rule, ranked = self.rules["architecture"], sorted(known.values())
        clear = self.reaches(ranked[-1], rule["majority"]) and self.reaches(
            ranked[-1] - ranked[-2], rule["lead"]
        )
        return (max(known, key=lambda code: known[code]), False) if clear else (None, True)

    def quadrant(self) -> tuple[Fraction | None, str | None, bool]:
        """Interact after the cap, the quadrant, and whether it is borderline."""
        identify, interact, customize = self.task("I"), self.task("N"), self.task("C")
        rule = self.rules["quadrant"]
        if interact is None or identify is None:
            return None, None, False
        held = min(interact, identify + Fraction(str(rule["cap_margin"])))
        if customize is None:
            return held, None, False
        cut, band = Fraction(str(rule["cut"])), Fraction(str(rule["band"])) + self.small
        near = abs(held - cut) <= band or abs(customize - cut) <= band
        named = QUADRANTS[self.reaches(held, rule["cut"]), self.reaches(customize, rule["cut"])]
        return held, named, near

    def intrusive(self, levels: dict[str, Any], wanted: dict[str, Any], present: list[str]) -> list[str]:
        rule, found = self.rules["intrusion"], set()
        for code in rule["unwanted"]:
            if code in present and wanted[code] is not None and levels[code] > wanted[code] + self.small:
                found.add(code)
        item, most = rule["unwilling"]["item"], Fraction(str(rule["unwilling"]["maximum"]))
        mean = self.means[item]
        if self.known(item) and mean is not None and mean <= most + self.small:
            for sensed in rule["sensed"]:
                if self.known(sensed["item"]) and self.reaches(self.means[sensed["item"]], sensed["minimum"]):
                    found |= set(sensed["relationships"])
        return [code for code in ROWS if code in found]

    def coverage(self) -> Fraction:
        """Answers given of those asked for; four parts alike, each dimension in them, each item by load."""
        answered = possible = Fraction(0)
        for item, weight in self.item_weights().items():
            expected = self.proof["raters"] if self.asked(item) else 0
            if self.asked(item) and item in self.held:
                condition = self.held[item]
                expected = sum(self.tally[condition["on"]][condition["minimum"] :])
            given = self.n[item] if self.known(item) else 0
            expected = max(expected, given)
            given = expected if self.known(item) and item in self.proof["derived"] else given
            possible += weight * expected
            answered += weight * given
        return answered / possible if possible else Fraction(0)

    def item_weights(self) -> dict[str, Fraction]:
        found = dict.fromkeys(self.tally, Fraction(0))
        for kind, codes in (("relationship", ROWS), ("wanted", ROWS), ("capability", TASKS)):
            for code in codes:
                loads = self.lines(kind, code)
                top = sum(abs(weight) for weight in loads.values())
                for item, weight in loads.items():
                    found[item] += abs(weight) / top / len(codes) / 4
        most = {
            votes["item"]: Fraction(str(max(votes["gives"].values())))
            for votes in self.rules["architecture"]["votes"]
        }
        for item, weight in most.items():
            found[item] += weight / sum(most.values()) / 4
        return found

    def agreement(self) -> float | None:
        """Mean over the scale items of Tastle and Wierman's consensus, from enough raters on."""
        found = []
        for item, counts in self.tally.items():
            enough = self.n[item] >= self.rules["minimum_raters"]
            if item in self.rules["choices"] or not self.known(item) or not enough:
                continue
            mean = self.answered[item]
            assert mean is not None
            found.append(
                1
                + sum(
                    count / self.n[item] * log2(1 - abs(level - mean) / 4)
                    for level, count in enumerate(counts)
                    if count
                )
            )
        return sum(found) / len(found) if found else None

    def fingerprint(self) -> str:
        """Model, counts as two bytes each, raters as eight, and one bit an item that was asked."""
        digest = sha256(self.proof["model"]["fingerprint"].encode())
        for counts in self.tally.values():
            for count in counts:
                digest.update(count.to_bytes(2, "little"))
        digest.update(self.proof["raters"].to_bytes(8, "little"))
        bits = "".join("1" if item in self.proof["asked"] else "0" for item in self.tally)
        bits += "0" * (-len(bits) % 8)
        digest.update(bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)))
        if self.proof["derived"]:
            for item in self.tally:
                digest.update(pack("<f", self.proof["derived"].get(item, float("nan"))))
        return digest.hexdigest()[:16]

    def confidence(
        self, levels: Levels, primary: str | None, none: bool
    ) -> tuple[float | None, float | None]:
        """In the cell and in the quadrant, in floating point; both None without a calibration."""
        rule = self.rules["confidence"]
        if rule is None:
            return None, None
        errors = _Errors(self, rule)
        answers = [n for n in self.n.values() if n]
        per_item = sum(answers) / len(answers) if answers else 1.0
        led, mixed = self.leading(self.shares())
        cell = quadrant = None
        if (primary or none) and (led or mixed):
            reckoned = errors.relationship(levels, primary) * errors.architecture(led)
            cell = _read(rule["cell"], reckoned, per_item)
        if self.quadrant()[1] is not None:
            quadrant = _read(rule["quadrant"], errors.quadrant(), per_item)
        return cell, quadrant


class _Errors:
    """Squared errors of what the tally says, and probabilities of the sides it stands on."""

    def __init__(self, stranger: Stranger, rule: dict[str, Any]) -> None:
        self.stranger, self.scales, self.choices = stranger, rule["scales"], rule["choices"]
        asked = stranger.rules["choices"]
        kinds = ((self.scales, [i for i in stranger.tally if i not in asked]), (self.choices, asked))
        self.square: dict[str, float] = {}
        for noise, items in kinds:
            scatter = {item: self.scatter(item) for item in items}
            held = {item: max(stranger.n[item], 1) for item in items}
            total = noise["pooling"] * noise["variance"] + sum(scatter.values())
            own = total / (noise["pooling"] + sum(held.values()) - len(items))
            for item in items:
                prior = scatter[item] + noise["item_pooling"] * own
                spare = held[item] - 1 + noise["item_pooling"]
                self.square[item] = prior / spare / held[item] if stranger.known(item) else 0.0

    def scatter(self, item: str) -> float:
        """Squares around the mean of the answers; of a choice, n less the squared counts by n."""
        counts, n = self.stranger.tally[item], max(self.stranger.n[item], 1)
        if item in self.stranger.rules["choices"]:
            return float(self.stranger.n[item] - sum(count * count for count in counts) / n)
        total = sum(level * count for level, count in enumerate(counts))
        return float(sum(level * level * count for level, count in enumerate(counts)) - total * total / n)

    def joined(self, weights: dict[str, float], worth: float, square: dict[str, float], noise: Any) -> float:
        """Of a weighted mean; `worth`: what the weights of the known sum to."""
        alike = sum(weight * square[item] for item, weight in weights.items())
        apart = sum(weight * weight * square[item] for item, weight in weights.items())
        whole = worth or 1.0
        return float((noise["together"] * alike + (1 - noise["together"]) * apart / whole) / whole)

    def missing(self, weights: dict[str, float], noise: Any) -> float:
        answered = sum(weight for item, weight in weights.items() if self.stranger.known(item))
        asked = sum(weight for item, weight in weights.items() if self.stranger.asked(item))
        share = 1 - answered / asked if answered else 1.0
        return float((noise["spread"] * share) ** 2)

    def dimension(self, kind: str, code: str) -> float:
        weights = {item: float(abs(weight)) for item, weight in self.stranger.lines(kind, code).items()}
        worth = sum(weight for item, weight in weights.items() if self.stranger.known(item))
        return self.joined(weights, worth, self.square, self.scales) + self.missing(weights, self.scales)

    def relationship(self, levels: Levels, primary: str | None) -> float:
        rule = self.stranger.rules["presence"]
        at = {c: self.scales["centre"] if levels[c] is None else float(levels[c] or 0) * 4 for c in ROWS}
        off = {
            c: self.scales["spread"] ** 2 if levels[c] is None else self.dimension("relationship", c)
            for c in ROWS
        }
        present = self.stranger.primary(levels)[0]
        highest, window = max([at[c] for c in present], default=0.0), rule["window"] * 4
        found = 1.0
        for code in ROWS:
            opened, reached = self.opened(code), _beyond(at[code] - rule["cut"] * 4, off[code])
            if code == primary:
                found *= opened * reached
                continue
            rival = reached
            if primary:
                sooner = rule["order"].index(code) < rule["order"].index(primary)
                line = highest - window if sooner else at[primary] + window
                rival = min(reached, _beyond(at[code] - line, off[code] + off[primary]))
            found *= 1 - opened * rival
        return found

    def opened(self, code: str) -> float:
        gate = next((each for each in self.stranger.rules["gates"] if each["relationship"] == code), None)
        if gate is None:
            return 1.0
        if not self.stranger.known(gate["item"]):
            return _beyond(self.scales["centre"] - gate["minimum"], self.scales["spread"] ** 2)
        mean = self.stranger.means[gate["item"]]
        assert mean is not None
        return _beyond(float(mean) - gate["minimum"], self.square[gate["item"]])

    def architecture(self, led: str | None) -> float:
        rule, choices = self.stranger.rules["architecture"], self.stranger.rules["choices"]
        most = {votes["item"]: float(max(votes["gives"].values())) for votes in rule["votes"]}
        weights = {item: weight / (1 if item in choices else 4) for item, weight in most.items()}
        worth = sum(
            weight * (1.0 if item in choices else float(self.stranger.means[item] or 0))
            for item, weight in weights.items()
            if self.stranger.known(item)
        )
        halved = {item: self.square[item] * (0.5 if item in choices else 1.0) for item in most}
        square = self.joined(weights, worth, halved, self.choices) + self.missing(most, self.choices)
        shares = sorted((float(share or 0) for share in self.stranger.shares().values()), reverse=True)
        ahead = _beyond(shares[0] - shares[1] - rule["lead"], 4 * square)
        clear = min(_beyond(shares[0] - rule["majority"], square), ahead)
        return clear if led else 1 - clear

    def quadrant(self) -> float:
        rule = self.stranger.rules["quadrant"]
        tasks = {code: float(self.stranger.task(code) or 0) for code in "INC"}
        far = {"N": rule["cut"], "I": rule["cut"] - rule["cap_margin"], "C": rule["cut"]}
        side = {
            code: _beyond(tasks[code] - line, self.dimension("capability", code))
            for code, line in far.items()
        }
        high = side["N"] * side["I"]
        talks = min(tasks["N"], tasks["I"] + rule["cap_margin"]) >= rule["cut"]
        tailors = tasks["C"] >= rule["cut"]
        return (high if talks else 1 - high) * (side["C"] if tailors else 1 - side["C"])


def _beyond(distance: float, square: float) -> float:
    """Student's t with four degrees of freedom."""
    sine = distance / sqrt(max(4 * square + distance * distance, 1e-300))
    return float(0.5 + sine * (0.75 - 0.25 * sine * sine))


def _read(curve: dict[str, list[float]], reckoned: float, answers: float) -> float:
    """Off the curve: straight between its points, from one answer an item to many."""
    at = curve["reckoned"]
    right = next((order for order in range(1, len(at)) if at[order] >= reckoned), len(at) - 1)
    share = (reckoned - at[right - 1]) / (at[right] - at[right - 1])
    one, many = (
        curve[name][right - 1] + share * (curve[name][right] - curve[name][right - 1])
        for name in ("one", "many")
    )
    return many + (one - many) / max(answers, 1.0)
