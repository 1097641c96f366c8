"""A stranger's own reckoning: from a receipt as JSON, by the rules of docs/scoring.md, with nothing else.

Imports nothing of the product on purpose: whole numbers and fractions only.
"""

from fractions import Fraction
from hashlib import sha256
from math import log2
from struct import pack
from typing import Any

ROWS, COLUMNS, TASKS = ("RD", "CO", "CB", "AE"), ("PR", "RT", "MM", "CW", "PP"), ("I", "D", "N", "C")
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
