"""Where the answers of the synthetic portfolio centre: ways of connecting, wants, industries."""

from dataclasses import dataclass
from typing import Final

import numpy as np

# Latent levels 0-4, in this order; then the six wants as asked.
LATENT: Final = ("RD", "CO", "CB", "AE", "I", "D", "N", "C")
WANTS: Final = ("P1", "P2", "P3", "P4", "P5", "P6")

#            RD   CO   CB   AE   I    D    N    C     P1   P2   P3   P4   P5   P6
WAYS: Final = {
    "mass": ((1.0, 0.6, 0.3, 0.2, 0.7, 0.9, 0.6, 0.6), (1.0, 2.8, 2.4, 1.2, 0.9, 1.4)),
    "variants": ((1.4, 1.1, 0.3, 0.2, 0.9, 1.9, 0.7, 2.3), (1.1, 3.0, 2.6, 2.0, 1.0, 1.1)),
    "quick": ((3.2, 1.2, 0.6, 0.6, 2.4, 1.4, 1.6, 0.9), (1.2, 3.3, 3.5, 0.8, 0.8, 1.3)),
    "loyalty": ((2.1, 1.6, 0.9, 0.4, 2.8, 2.4, 2.6, 0.9), (2.0, 2.8, 2.4, 1.8, 1.3, 1.5)),
    "curated": ((2.8, 3.1, 1.0, 0.5, 2.9, 2.7, 2.2, 2.2), (2.1, 3.0, 1.2, 3.4, 1.2, 1.1)),
    "coach": ((2.4, 2.2, 3.1, 0.8, 3.1, 2.8, 3.1, 2.0), (3.2, 2.4, 1.6, 2.2, 3.5, 1.4)),
    "scheduled": ((2.6, 1.0, 0.8, 2.0, 2.4, 1.5, 1.2, 1.2), (2.0, 2.0, 2.8, 1.2, 1.8, 2.6)),
    "automatic": ((2.8, 1.6, 2.0, 3.4, 3.3, 2.4, 2.0, 2.5), (3.1, 0.8, 2.6, 2.2, 2.6, 3.5)),
}
TODAY: Final = np.array([today for today, _ in WAYS.values()])
WANTED: Final = np.array([wanted for _, wanted in WAYS.values()])

# Item to the latent levels it shows and how far it lies above or below them.
LOADS: Final[dict[str, tuple[dict[str, float], float]]] = {
    "R1": ({"RD": 0.8, "I": 0.2}, 0.2),
    "R2": ({"RD": 1.0}, 0.0),
    "R3": ({"RD": 0.9}, -0.3),
    "R4": ({"CO": 1.0}, 0.1),
    "R5": ({"CO": 1.0}, -0.4),
    "R6": ({"CO": 0.8, "N": 0.2}, -0.3),
    "R7": ({"CB": 1.0}, 0.0),
    "R8": ({"CB": 1.0}, 0.1),
    "R9": ({"CB": 1.0}, -0.6),
    "R10": ({"AE": 1.0}, 0.0),
    "R11": ({"AE": 0.6, "CB": 0.4}, 0.1),
    "R12": ({"AE": 1.0}, -0.2),
    "I1": ({"I": 1.0}, 0.1),
    "I2": ({"I": 1.0}, 0.0),
    "I3": ({"I": 1.0}, -0.3),
    "D1": ({"D": 1.0}, 0.2),
    "D2": ({"D": 1.0}, 0.0),
    "D3": ({"D": 1.0}, -0.3),
    "N1": ({"N": 1.0}, 0.1),
    "N2": ({"N": 1.0}, 0.0),
    "N3": ({"N": 1.0}, -0.2),
    "C1": ({"C": 1.0}, -0.1),
    "C2": ({"C": 1.0}, 0.1),
    "C3": ({"C": 1.0}, 0.0),
    **{code: ({code: 1.0}, 0.0) for code in WANTS},
}


@dataclass(frozen=True)
class Industry:
    """What firms of one industry are called, offer and are like.

    ``architectures``: shares of PR RT MM CW PP; ``ways``: how often its segments are connected so.
    ``customers``: median of a segment; ``spend``: median revenue a customer and year.
    """

    name: str
    nouns: tuple[str, str]
    need: str
    refuses: str
    offerings: tuple[str, ...]
    groups: tuple[str, ...]
    architectures: tuple[float, float, float, float, float]
    ways: dict[str, float]
    customers: int
    spend: float


INDUSTRIES: Final = (
    Industry(
        "Insurance",
        ("Mutual", "Insurance"),
        "To carry on after something goes wrong",
        "Cover nobody understands",
        ("Motor", "Home", "Health", "Travel", "Liability", "Pension", "Pet"),
        ("Families", "Young drivers", "Tradespeople", "Retired couples", "Small firms"),
        (0.72, 0.05, 0.18, 0.0, 0.05),
        {"mass": 0.35, "loyalty": 0.2, "quick": 0.15, "scheduled": 0.15, "coach": 0.15},
        60_000,
        420,
    ),
    Industry(
        "Grocery retail",
        ("Markets", "Foods"),
        "To feed a household without thinking about it all week",
        "Aisles for their own sake",
        ("Weekly shop", "Fresh box", "Own brand", "Pharmacy corner", "Bakery", "Wine", "Household refills"),
        ("Large households", "Students", "Time-poor couples", "Careful spenders", "Local restaurants"),
        (0.08, 0.78, 0.08, 0.06, 0.0),
        {"mass": 0.3, "quick": 0.25, "loyalty": 0.2, "curated": 0.15, "automatic": 0.1},
        180_000,
        900,
    ),
    Industry(
        "Energy",
        ("Power", "Energy"),
        "A warm home that runs by itself",
        "Contracts that punish saving",
        ("Electricity", "Heating", "Heat pump care", "Solar", "Home charging", "Fleet charging", "Storage"),
        ("Owners", "Tenants", "Landlords", "Workshops", "Municipalities"),
        (0.7, 0.1, 0.1, 0.0, 0.1),
        {"mass": 0.3, "scheduled": 0.25, "automatic": 0.25, "coach": 0.2},
        90_000,
        1300,
    ),
    Industry(
        "Travel",
        ("Journeys", "Travel"),
        "To be somewhere else, and to be sure of getting back",
        "Trips nobody would recommend",
        (
            "City breaks",
            "Rail passes",
            "Package holidays",
            "Business travel",
            "Holiday homes",
            "Day trips",
            "Cruises",
        ),
        ("Frequent travellers", "Families", "Couples", "Groups", "Assistants who book"),
        (0.2, 0.25, 0.4, 0.15, 0.0),
        {"mass": 0.15, "quick": 0.25, "curated": 0.35, "loyalty": 0.25},
        70_000,
        650,
    ),
    Industry(
        "Health and fitness",
        ("Health", "Fitness"),
        "To feel well for longer",
        "Quick fixes",
        ("Training plans", "Studios", "Nutrition", "Sleep", "Diabetes care", "Physiotherapy", "Check-ups"),
        ("Beginners", "Athletes", "Chronic patients", "Employees of clients", "New parents"),
        (0.45, 0.1, 0.15, 0.1, 0.2),
        {"variants": 0.15, "quick": 0.15, "curated": 0.2, "coach": 0.5},
        25_000,
        260,
    ),
    Industry(
        "Home and mobility services",
        ("Services", "Help"),
        "To get something done today by someone reliable",
        "Work no one should do",
        ("Rides", "Repairs", "Cleaning", "Moving", "Garden", "Delivery", "Elder help"),
        ("Commuters", "Households", "Shops", "Property managers", "Visitors"),
        (0.15, 0.05, 0.25, 0.5, 0.05),
        {"quick": 0.5, "curated": 0.2, "loyalty": 0.15, "scheduled": 0.15},
        40_000,
        310,
    ),
    Industry(
        "Industrial equipment",
        ("Machines", "Works"),
        "A line that does not stand still",
        "Parts that fit only once",
        ("Pumps", "Compressors", "Spare parts", "Maintenance", "Lubricants", "Packaging lines", "Sensors"),
        ("Plant managers", "Buyers", "Service partners", "Small workshops", "Utilities"),
        (0.8, 0.1, 0.1, 0.0, 0.0),
        {"mass": 0.25, "variants": 0.35, "scheduled": 0.15, "automatic": 0.25},
        1_500,
        24_000,
    ),
    Industry(
        "Communities and knowledge",
        ("Commons", "Circle"),
        "To learn from people in the same place",
        "Selling what members say in confidence",
        (
            "Questions and answers",
            "Patient groups",
            "Local exchange",
            "Open maps",
            "Courses",
            "Repair guides",
            "Fan clubs",
        ),
        ("Readers", "Contributors", "Newcomers", "Moderators", "Sponsors"),
        (0.1, 0.0, 0.1, 0.1, 0.7),
        {"mass": 0.2, "quick": 0.3, "curated": 0.25, "coach": 0.25},
        120_000,
        8,
    ),
)
# fmt: off
FIRST_WORDS: Final = (
    "Alder", "Amber", "Anchor", "Aspen", "Beacon", "Birch", "Bluff", "Boulder", "Bramble", "Brook",
    "Canyon", "Cedar", "Chalk", "Cinder", "Clover", "Cobalt", "Copper", "Coral", "Crane", "Delta",
    "Dune", "Ember", "Falcon", "Fern", "Fjord", "Flint", "Glade", "Granite", "Harbour", "Hazel",
    "Heron", "Hollow", "Iris", "Ivory", "Juniper", "Kestrel", "Lantern", "Larch", "Linden", "Lowland",
    "Maple", "Marble", "Meadow", "Midland", "Moor", "Northern", "Oak", "Orchard", "Osprey", "Pebble",
    "Pine", "Prairie", "Quarry", "Quill", "Ridge", "River", "Rowan", "Saffron", "Sage", "Shoal",
    "Silver", "Slate", "Spruce", "Sterling", "Summit", "Tidal", "Timber", "Upland", "Valley", "Vesper",
    "Walnut", "Western", "Willow",
)
# fmt: on
