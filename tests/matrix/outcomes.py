"""Outcomes and standings in plain values, for tests of findings and pictures."""

from dataclasses import replace
from typing import Any

from matrix.findings.facts import Standing
from matrix.scoring import Outcome

# A theme park's guest: three relationships at once inside one architecture.
GUEST = Outcome(
    relationships={"RD": 0.8, "CO": 0.71, "CB": 0.56, "AE": 0.35},
    present=("RD", "CO", "CB"),
    scheduled_repeat=False,
    primary_relationship="CO",
    buys_what_we_have=False,
    architectures={"PR": 0.82, "RT": 0.09, "MM": 0.04, "CW": 0.0, "PP": 0.05},
    primary_architecture="PR",
    mixed=False,
    split=False,
    cells=(("CO", "PR"), ("RD", "PR"), ("CB", "PR")),
    identify=3.2,
    differentiate=2.4,
    interact=3.1,
    customize=2.9,
    capped=False,
    quadrant="Q4",
    borderline=False,
    wanted={"RD": 0.61, "CO": 0.8, "CB": 0.72, "AE": 0.3},
    gap={"RD": -0.19, "CO": 0.09, "CB": 0.16, "AE": -0.05},
    intrusive=(),
    coverage=0.92,
    agreement=0.81,
    raters=14,
)


def outcome(**changed: Any) -> Outcome:
    return replace(GUEST, **changed)


def baseline(**changed: Any) -> Outcome:
    """Nothing present, and known to be so."""
    return replace(GUEST, present=(), primary_relationship=None, buys_what_we_have=True, cells=(), **changed)


def mixed(**changed: Any) -> Outcome:
    shares = {"PR": 0.05, "RT": 0.31, "MM": 0.54, "CW": 0.1, "PP": 0.0}
    values = {
        "primary_architecture": None,
        "mixed": True,
        "split": True,
        "cells": (),
        "architectures": shares,
    }
    return replace(GUEST, **{**values, **changed})


def standing(letter: str = "A", **changed: Any) -> Standing:
    given: dict[str, Any] = {
        "id": ord(letter) - 64,
        "letter": letter,
        "name": f"Segment {letter}",
        "outcome": GUEST,
        "gates": ("RD", "CO", "CB"),
        "sheets": 14,
        "touchpoints": 8,
        "consent": "yes",
        "customers": 1000,
    }
    return Standing(**{**given, **changed})
