"""The words of the matrix: codes, names, glosses and the lines of the twenty cells.

Codes are what the data and the API carry; names and glosses are what pages show. Every array of the scoring
core has its columns in the order given here: `RELATIONSHIPS`, `ARCHITECTURES`, `CAPABILITIES`.

Sources: Siggelkow and Terwiesch, *Connected Strategy* (2019), chapters 1, 4 and 7 for relationships,
journey and architectures; Peppers and Rogers for the four tasks and the quadrant. The lines of the cells
are our own.
"""

from dataclasses import dataclass
from typing import Final, Literal

Initiator = Literal["customer", "firm"]


@dataclass(frozen=True)
class Relationship:
    """A row of the matrix. `starts` is the journey stage (`STAGES`) at which it begins."""

    code: str
    name: str
    short: str
    gloss: str
    starts: str
    moves_first: Initiator
    decides: str
    works_when: str
    fails_as: str


@dataclass(frozen=True)
class Architecture:
    """A column of the matrix. `supplier` says in a few words who supplies."""

    code: str
    name: str
    short: str
    gloss: str
    supplier: str
    money: str


@dataclass(frozen=True)
class Capability:
    """One of the four tasks: identify, differentiate, interact, customize; 0-4."""

    code: str
    name: str
    gloss: str


@dataclass(frozen=True)
class Quadrant:
    """A field of the capability quadrant, told apart by interact and customize being high or low."""

    code: str
    name: str
    gloss: str
    interact_high: bool
    customize_high: bool


@dataclass(frozen=True)
class Archetype:
    """What a firm in this cell does, in one line of ours; examples apart, with where they were published."""

    relationship: str
    architecture: str
    line: str
    example: str | None = None
    published: str | None = None


STAGES: Final[tuple[str, ...]] = (
    "latent need",
    "awareness",
    "search",
    "decide",
    "order and pay",
    "receive",
    "experience",
    "after-sale",
)
"""Finer stages of the journey, in order (chapters 1 and 4)."""

STEPS: Final[dict[str, tuple[str, ...]]] = {
    "Recognize": ("latent need", "awareness"),
    "Request": ("search", "decide", "order and pay"),
    "Respond": ("receive", "experience", "after-sale"),
    "Repeat": (),
}
"""The four steps of the journey and their stages; repeat runs through all of them."""

BASELINE: Final = "buy what we have"
"""Name of the state below all four relationships."""

RELATIONSHIPS: Final[dict[str, Relationship]] = {
    r.code: r
    for r in (
        Relationship(
            "RD", "Respond-to-desire", "Respond", "asked for exactly, done without effort",
            "order and pay", "customer", "customer", "the customer knows what is wanted",
            "fast but dumb: the same search pain each time",
        ),
        Relationship(
            "CO", "Curated offering", "Curate", "best option found for a known need",
            "search", "customer", "customer, from a shortlist", "there are too many options to choose from",
            "an echo chamber that pushes its own margin",
        ),
        Relationship(
            "CB", "Coach behavior", "Coach", "prompted when it helps; the person still acts",
            "awareness", "firm", "customer", "inertia keeps people from what is best for them",
            "nagging, or the feeling of being watched",
        ),
        Relationship(
            "AE", "Automatic execution", "Automate", "need sensed and fulfilled, under consent",
            "latent need", "firm", "firm, under standing consent",
            "behaviour is predictable and mistakes are cheap", "a wrong or unwanted act that is hard to undo",
        ),
    )
}  # fmt: skip
"""Rows in display order. They are kinds, not ranks: nothing is better for being further down."""

JOURNEY_ORDER: Final[tuple[str, ...]] = ("AE", "CB", "CO", "RD")
"""Relationships by where they start, earliest first; automatic execution often acts before awareness."""

ARCHITECTURES: Final[dict[str, Architecture]] = {
    a.code: a
    for a in (
        Architecture(
            "PR", "Connected producer", "Producer", "the firm makes it", "the firm itself",
            "customer to firm, or a third party to firm",
        ),
        Architecture(
            "RT", "Connected retailer", "Retailer", "other firms make it, the firm sells it",
            "other firms, behind the brand", "customer to firm, firm to supplier",
        ),
        Architecture(
            "MM", "Connected market maker", "Market maker", "other firms make and sell it",
            "other firms, seller of record", "customer to supplier, commission to firm",
        ),
        Architecture(
            "CW", "Crowd orchestrator", "Crowd", "individuals supply it",
            "individuals with their own time and assets", "customer to firm, to the individual less a fee",
        ),
        Architecture(
            "PP", "Peer-to-peer network creator", "Peer-to-peer", "members supply each other", "members",
            "often free; advertising, data, premium or donations",
        ),
    )
}  # fmt: skip
"""Columns in display order; choice answers 1-5 follow it."""

CAPABILITIES: Final[dict[str, Capability]] = {
    c.code: c
    for c in (
        Capability("I", "Identify", "known as the same customer at every contact"),
        Capability("D", "Differentiate", "told apart by value and by need"),
        Capability("N", "Interact", "two-way, and resumed where it stopped"),
        Capability("C", "Customize", "treated by what is known of this one customer"),
    )
}

QUADRANTS: Final[dict[str, Quadrant]] = {
    q.code: q
    for q in (
        Quadrant("Q1", "Mass", "one offer, told to everyone", False, False),
        Quadrant("Q2", "Niche", "variants for types of customer, told one way", False, True),
        Quadrant("Q3", "Targeted", "individual contact that places what exists", True, False),
        Quadrant("Q4", "One-to-one", "the customer tells, the firm tailors", True, True),
    )
}

_CELLS = (
    ("RD", "PR", "Tap and it is done, own service", "Disney MagicBand, door and pay", "ch. 7"),
    ("RD", "RT", "Known item, one tap, own stock", "Amazon one-click", None),
    ("RD", "MM", "One counter to many firms", "Expedia", None),
    ("RD", "CW", "Push a button, a person comes", "Uber", "ch. 7"),
    ("RD", "PP", "Reach another member instantly", "Wikipedia", "ch. 7, the architecture"),
    ("CO", "PR", "Own range fitted to me", "Disney app", "ch. 7"),
    ("CO", "RT", "Others’ goods chosen for me", "Netflix, Blue Apron", None),
    ("CO", "MM", "Best match among independent firms", "Artsy", None),
    ("CO", "CW", "Best match among individuals", "Airbnb private homes", "ch. 7, the architecture"),
    ("CO", "PP", "People or experience like mine", "PatientsLikeMe", "ch. 7, the architecture"),
    ("CB", "PR", "A product that makes me better", "Disney rerouting guests", "ch. 7"),
    ("CB", "RT", "A shop that keeps me on plan", None, None),
    ("CB", "MM", "An adviser steering me across suppliers", None, None),
    ("CB", "CW", "Individuals who keep me going", None, None),
    ("CB", "PP", "Members push each other", "Running communities", None),
    ("AE", "PR", "A product that looks after itself and me", "Printer toner", "ch. 4, the relationship"),
    ("AE", "RT", "Refill without asking", None, None),
    ("AE", "MM", "Always switched to the best supplier", None, None),
    ("AE", "CW", "A person dispatched when need is sensed", None, None),
    ("AE", "PP", "Members’ devices trade by rule", None, None),
)

ARCHETYPES: Final[dict[tuple[str, str], Archetype]] = {(c[0], c[1]): Archetype(*c) for c in _CELLS}
"""One line for each cell, keyed by (relationship, architecture)."""
