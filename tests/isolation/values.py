"""What to send: by the name of a place in an address, of a parameter and of a field.

A name nobody has entered here fails the suite: a filter that takes an id must be tried with a foreign one.
"""

import re
from collections.abc import Mapping

from django.core import signing

from tests.isolation.world import Realm

# Names that take an id, and of what kind.
IDS = {
    "firm": "firm",
    "firms": "firm",
    "firm_id": "firm",
    "segment": "segment",
    "segment_id": "segment",
    "touchpoint": "touchpoint",
    "workshop": "workshop",
    "workshop_id": "workshop",
    "participant": "participant",
    "run": "run",
    "placement": "placement",
    "before": "placement",
    "after": "placement",
    "member": "member",
    "token": "token",
    "user": "user",
    "user_id": "user",
    "tp": "touchpoint",
    "webhook": "webhook",
    "delivery": "delivery",
    "job": "importjob",
    "draft": "modeldraft",
}
# What `pk` is of, by route.
PK = {
    "api-firm": "firm",
    "api-segment": "segment",
    "api-touchpoint": "touchpoint",
    "api-workshop": "workshop",
    "api-agreement": "workshop",
    "api-answers": "workshop",
    "api-placement": "placement",
    "api-receipt": "placement",
    "api-change": "placement",
    "api-moves": "placement",
    "api-run": "run",
    "api-import": "importjob",
    "api-webhook": "webhook",
    "api-webhook-rotate": "webhook",
    "api-delivery": "delivery",
    "api-delivery-replay": "delivery",
    "api-run-cancel": "run",
    "api-run-resume": "run",
    "api-run-approve": "run",
    "api-run-discard": "run",
    "api-run-rollback": "run",
}
# Addresses of what all workspaces share.
SHARED = {"api-instrument": 1, "api-model": 1, "model": 1, "model-fork": 1}
# Places that name nothing of anybody.
FIXED = {"path": "nowhere/", "what": "segments", "form": "csv", "code": "CO-MM"}
# Names that take words in which something foreign could be found.
TEXTS = ("q", "name", "named", "industry", "offering", "situation", "currency")
# Names whose values say nothing of anybody: choices, paging, marks of the page itself.
PLAIN: dict[str, object] = {
    **dict.fromkeys(("need", "refuses", "source", "customers", "revenue", "another"), "7"),
    **dict.fromkeys(("item", "note", "value", "answers", "evidence", "expected", "participants"), "7"),
    **dict.fromkeys(
        ("group", "people", "join", "segments", "cell", "open", "weight", "since", "choose"), "7"
    ),
    **dict.fromkeys(("theme", "next", "to", "place", "view", "username", "password", "role", "scope"), "7"),
    **dict.fromkeys(("expires_at", "position", "importance", "pain", "cost", "owner", "metric", "date"), "7"),
    **dict.fromkeys(("metric_value", "description", "identified", "carries_context", "content", "part"), "7"),
    **dict.fromkeys(("data_captured", "consent_basis", "latency", "supplier", "trigger", "decides"), "7"),
    **dict.fromkeys(("direction", "at", "go", "kind", "file", "paste"), "7"),
    **dict.fromkeys(("url", "events", "before", "after", "against"), "7"),
    # An account belongs to a person, not to a workspace: whoever brings someone in sees the account's name.
    "email": "new@example.test",
    "model": "cs-1.v1",
    # Of a model's draft: the world saved it once after it was made.
    "version": 2,
    "instrument_version": 1,
    # What an edit form showed: a form that does not say saves all it holds.
    "was": "",
    "quadrant/cut": "1.4",
    "title": "A title",
    "code": "a-code",
    "quadrant": "Q1",
    "format": "ndjson",
    "end": "true",
    "until": "made-elsewhere",
    "as_of": "2100-01-01",
    "page_size": 5,
    "page": 1,
    "cursor": "cD02MDAwMDAx",
    "dry_run": "true",
    "round": 1,
    "state": "collecting",
    "form": "full",
    "reveal": "open",
    "changed_since": "2020-01-01T00:00:00Z",
    "consent": "unsure",
    "step": "request",
    "phase": "sell",
    "initiator": "firm",
    "medium": "digital",
    "signature": "false",
}


def addressed(route: str, kwargs: tuple[str, ...], realm: Realm) -> dict[str, object]:
    """The values of an address's places, all of one realm. Raises KeyError for a place unknown here."""
    found: dict[str, object] = {}
    for name in kwargs:
        if name == "workspace":
            found[name] = realm.slug
        elif name == "token" and route == "import-preview":
            found[name] = upload_of(realm)
        elif name in FIXED:
            found[name] = FIXED[name]
        elif route in SHARED:
            found[name] = SHARED[route]
        elif name == "pk":
            found[name] = realm.ids[PK[route]]
        else:
            found[name] = realm.ids[IDS[name]]
    return found


def asked(name: str, realm: Realm) -> object:
    """A value for a parameter or field, of this realm where it has one."""
    if name in IDS:
        return realm.ids[IDS[name]]
    if name in TEXTS:
        return f"{realm.word} {SEARCHED.get(name, name)}"
    if name == "as_of":
        return f"run:{realm.ids['run']}"
    if name == "undo":
        gone = {**TOUCHPOINT, "segment": realm.ids["segment"], "name": f"{realm.word} touchpoint"}
        return signing.dumps(gone, salt="connected.touchpoint", compress=True)
    return PLAIN[name]


SEARCHED = {"q": "firm", "name": "firm", "named": "firm"}


def is_of_somebody(name: str) -> bool:
    return name in IDS or name in TEXTS or name in ("undo", "as_of")


def is_known(name: str) -> bool:
    """Entered here, or a question of a sheet and what goes with it, as ``R1``, ``had.R1``, ``P1.urgent``."""
    return is_of_somebody(name) or name in PLAIN or _QUESTION.fullmatch(name) is not None


_QUESTION = re.compile(r"([a-z]+\.)?[A-Z]\d{1,2}(\.(urgent|high_stakes))?")


def upload_of(realm: Realm) -> str:
    """The key of a file that waits for its confirmation."""
    return f"{realm.word}-upload"


def more_queries(route: str, realm: Realm) -> list[dict[str, object]]:
    """Further ways to ask for the same, each of them a stream or a picture of its own."""
    ways: dict[str, list[dict[str, object]]] = {
        "api-placements": [
            {"format": "csv"},
            {"format": "ndjson"},
            {"as_of": "2100-01-01"},
            {"as_of": f"run:{realm.ids['run']}"},
            {"format": "ndjson", "end": "true"},
            {"firm": realm.ids["firm"]},
            {"cell": "CO-MM"},
        ],
        "api-matrix": [{"weight": "customers"}, {"firm": realm.ids["firm"]}],
        "api-segments": [{"firm": realm.ids["firm"]}, {"name": "segment"}],
        "api-moves": [{"to": "CB-PR"}, {"to": "Q4"}],
        "segment-moves": [{"to": "CB-PR"}, {"to": "Q4"}],
        "find": [{"q": "firm"}, {"q": "o"}],
        "portfolio": [
            {"weight": "customers"},
            {"weight": "revenue"},
            {"cell": "CO-MM"},
            {"firms": realm.ids["firm"]},
        ],
        "sheet": [{"view": "list"}, {"q": "R1"}],
    }
    return ways.get(route, [])


def more_places(route: str) -> list[dict[str, object]]:
    """Every file there is to take along."""
    if route not in ("export", "import-template"):
        return []
    names = [
        (what, form) for what in ("firms", "segments", "touchpoints", "answers") for form in ("csv", "xlsx")
    ]
    return [{"what": what, "form": form} for what, form in names]


TOUCHPOINT: Mapping[str, object] = {
    "name": "Opens the app",
    "step": "request",
    "phase": "sell",
    "initiator": "customer",
    "trigger": "customer_act",
    "decides": "customer",
    "direction": "one_way",
    "content": "same",
    "supplier": "own",
    "latency": "instant",
    "medium": "digital",
    "part": "interaction",
}


def body(route: str, method: str, realm: Realm) -> Mapping[str, object] | str | None:
    """A body that does something, with the ids of one realm in it."""
    ids = realm.ids
    bodies: dict[tuple[str, str], Mapping[str, object] | str] = {
        ("sign-in", "POST"): {"username": "stranger@example.test", "password": "not the password"},
        ("theme", "POST"): {"theme": "dark", "next": "/"},
        ("firm-new", "POST"): {"name": "New firm"},
        ("firm-edit", "POST"): {"name": "Other name"},
        ("firm-delete", "POST"): {"name": f"{realm.word} firm"},
        ("segment-new", "POST"): {"name": "New segment", "consent": "unsure"},
        ("segment-edit", "POST"): {"name": "Other name", "consent": "unsure"},
        ("segment-delete", "POST"): {},
        ("touchpoint-new", "POST"): TOUCHPOINT,
        ("touchpoint-edit", "POST"): TOUCHPOINT,
        ("touchpoint-move", "POST"): {"to": "later"},
        ("member-new", "POST"): {
            "email": "new@example.test",
            "name": "New",
            "role": "consultant",
            "password": "a long enough password",
        },
        ("member-role", "POST"): {"role": "consultant"},
        ("member-firms", "POST"): {"firms": [ids["firm"]]},
        ("tokens", "POST"): {"name": "New token", "scope": "read", "expires_at": "90"},
        ("workshop-new", "POST"): {
            "name": "New workshop",
            "instrument_version": "1",
            "form": "full",
            "reveal": "open",
            "people": "Someone",
        },
        ("workshop-move", "POST"): {"state": "discussing"},
        ("workshop-questions", "POST"): {"to": "2"},
        ("participant-new", "POST"): {"name": "New participant"},
        ("workshop-groups", "POST"): {"participant": ids["participant"], "group": "New group"},
        ("answer", "POST"): {"item": "R2", "value": "3"},
        ("run-start", "POST"): {"firm": ids["firm"]},
        ("draft", "POST"): {"version": 2, "title": "A title", "quadrant/cut": "1.4"},
        ("draft-preview", "POST"): {"quadrant/cut": "1.4"},
        ("draft-publish", "POST"): {"version": 2, "title": "A title", "code": "a-code"},
        ("api-workshops", "POST"): {"firm": ids["firm"], "name": "New workshop"},
        ("api-workshop", "PATCH"): {"state": "discussing"},
        ("api-answers", "POST"): {
            "participant": ids["participant"],
            "segment": ids["segment"],
            "answers": {"R2": 3},
            "evidence": {"R2": "Seen"},
        },
        ("api-import-answers", "POST"): (
            "firm,segment,offering,participant,item,value\r\n"
            f"{realm.word} firm,{realm.word} segment,{realm.word} offering,"
            f"{realm.word} participant 2,R2,3\r\n"
        ),
        ("imports", "POST"): {"kind": "firms", "paste": "firm\tindustry\nNew firm\tNew"},
        ("api-runs", "POST"): {"firm": ids["firm"]},
        ("api-firms", "POST"): {"name": "New firm"},
        ("api-firm", "PUT"): {"name": "Other name"},
        ("api-firm", "PATCH"): {"need": "Other need"},
        ("api-segments", "POST"): {"firm": ids["firm"], "name": "New segment"},
        ("api-segment", "PUT"): {"firm": ids["firm"], "name": "Other name"},
        ("api-segment", "PATCH"): {"name": "Other name"},
        ("api-touchpoints", "POST"): {"segment": ids["segment"], "name": "New touchpoint", "step": "request"},
        ("api-touchpoint", "PUT"): {"segment": ids["segment"], "name": "Other name", "step": "request"},
        ("api-touchpoint", "PATCH"): {"name": "Other name"},
        ("api-webhooks", "POST"): {"url": "https://new.invalid/", "events": ["run.finished"]},
        ("api-webhook", "PATCH"): {"events": ["placement.changed"]},
        ("webhook-new", "POST"): {"url": "https://new.invalid/", "events": ["run.finished"]},
        ("webhook-edit", "POST"): {"url": "https://new.invalid/", "events": ["run.finished"]},
        ("webhook-state", "POST"): {"state": "disabled"},
        ("touchpoint-restore", "POST"): {"undo": asked("undo", realm)},
    }
    return bodies.get((route, method), {} if method in ("POST", "PUT", "PATCH") else None)


def lists(route: str, method: str, home: Realm, realm: Realm) -> list[list[Mapping[str, object]]]:
    """Bodies that are lists: the first item is one's own, something in the others is of ``realm``."""
    if method != "POST":
        return []
    answer = {
        "participant": home.ids["participant"],
        "segment": home.ids["segment"],
        "answers": {"R2": 3},
    }
    firm, segment = home.ids["firm"], home.ids["segment"]
    touchpoint = {"segment": segment, "name": "New touchpoint", "step": "request"}
    found: dict[str, list[list[Mapping[str, object]]]] = {
        "api-firms": [[{"name": "New firm"}, {"name": f"{realm.word} firm"}]],
        "api-segments": [
            [{"firm": firm, "name": "New"}, {"firm": realm.ids["firm"], "name": "Other"}],
            [{"firm": firm, "name": "New"}, {"firm": firm, "name": f"{realm.word} segment"}],
        ],
        "api-touchpoints": [[touchpoint, {**touchpoint, "segment": realm.ids["segment"]}]],
        "api-answers": [
            [answer, {**answer, "participant": realm.ids["participant"]}],
            [answer, {**answer, "segment": realm.ids["segment"]}],
            [
                answer,
                {**answer, "participant": realm.ids["participant"], "segment": realm.ids["segment"]},
            ],
        ],
    }
    return found.get(route, [])
