"""Every route, every method, everybody: what is asked, and what must not come of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from tests.isolation import database
from tests.isolation.calls import Answer, Call, Caller, reading
from tests.isolation.policy import BY_CALL, ROWS, SLOW, Row
from tests.isolation.routes import METHODS, Route, body_names, operations, query_names
from tests.isolation.values import (
    FIXED,
    SHARED,
    addressed,
    asked,
    body,
    is_of_somebody,
    lists,
    more_places,
    more_queries,
)
from tests.isolation.world import Realm, World

# Names of parameters and fields, by route and method.
Reads = Mapping[tuple[str, str], set[str]]
# What each caller may not see.
BLIND_TO: dict[str, tuple[str, ...]] = {
    "nobody": ("granted", "hidden", "theirs"),
    "stranger": ("granted", "hidden", "theirs"),
    "their-owner": ("granted", "hidden"),
    "their-consultant": ("granted", "hidden"),
    "ungranted": ("granted", "hidden", "theirs"),
    "granted": ("hidden", "theirs"),
    "consultant": ("theirs",),
    "owner": ("theirs",),
    "token:none": ("granted", "hidden", "theirs"),
    "token:garbage": ("granted", "hidden", "theirs"),
    "token:revoked": ("granted", "hidden", "theirs"),
    "token:expired": ("granted", "hidden", "theirs"),
    "token:theirs": ("granted", "hidden"),
    "token:ungranted": ("granted", "hidden", "theirs"),
    "token:granted": ("hidden", "theirs"),
    "token:read": ("theirs",),
    "token:write": ("theirs",),
}
# What a manager may change: tokens of their own, and answers of their own.
MANAGERS_OWN = {"tokens", "token-revoke", "answer", "sheet"}
# Whose ids each caller tries. What is not here is tried by the table itself: there the others, and whoever
# has no token that is alive, call for what is ours.
TRIES: dict[str, tuple[str, ...]] = {
    "nobody": ("theirs",),
    "stranger": ("theirs",),
    "their-owner": ("granted",),
    "ungranted": ("granted", "theirs"),
    "granted": ("hidden", "theirs"),
    "consultant": ("theirs",),
    "owner": ("theirs",),
    "token:none": ("theirs",),
    "token:expired": ("theirs",),
    "token:theirs": ("granted",),
    "token:ungranted": ("granted", "theirs"),
    "token:granted": ("hidden", "theirs"),
    "token:read": ("theirs",),
    "token:write": ("theirs",),
}
# Who also tries every parameter and every field: of the others each is refused earlier, or is allowed less.
THOROUGH = {"owner", "granted", "token:write", "token:granted"}
READERS = ("ungranted", "granted", "token:ungranted", "token:granted", "token:read")


@dataclass
class Found:
    """What was tried and what was wrong."""

    calls: int = 0
    combinations: set[tuple[str, str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @property
    def calls_wrong(self) -> set[str]:
        return {line.split(": ")[1] for line in self.wrong}

    def told(self) -> str:
        return "\n".join([f"{len(self.wrong)} wrong", *(line[:900] for line in self.wrong[:40])])

    def add(self, other: "Found") -> None:
        self.calls += other.calls
        self.combinations |= other.combinations

    def note(self, caller: Caller, call: Call, trouble: str) -> None:
        self.wrong.append(f"{caller.name}: {call}: {trouble}")


TOTAL = Found()


class Sweep:
    """Calls over one world. Use inside :meth:`begun`, so that nothing is kept."""

    def __init__(self, world: World, people: Mapping[str, Caller], routes: Iterable[Route]) -> None:
        self.world, self.people = world, people
        self.routes = {route.name: route for route in routes}
        self.found = Found()
        self.sums: dict[int, str] = {}
        self._never: dict[tuple[str, str], Answer] = {}

    def ask(self, caller: Caller, call: Call) -> Answer:
        self.found.calls += 1
        self.sums = self.sums or database.checksums()
        if "/imports/" in call.path:
            self.world.keep_uploads()
        return caller.call(call, self.sums)

    def rows(self, names: Iterable[str]) -> Iterator[tuple[Route, Row, Caller]]:
        """Every row of the table with every caller it is about, among ``names``."""
        chosen = set(names)
        for row in ROWS:
            for name in row.outcomes:
                if (
                    name in chosen
                    and row.route in self.routes
                    and (row.route not in SLOW or name == "nobody")
                ):
                    self.found.combinations.add((row.route, row.method, name))
                    yield self.routes[row.route], row, self.people[name]

    # --- With one's own ids -------------------------------------------------------------------------

    def own(self, names: Iterable[str]) -> Found:
        """Everybody asks for the firm a manager was granted, as it is there: the outcome of the table."""
        ours = self.world.realms["granted"]
        for route, row, caller in self.rows(names):
            call = ordinary(route, row.method, ours)
            answer = self.ask(caller, call)
            if (outcome := outcome_of(answer)) != row.outcomes[caller.name]:
                self.found.note(
                    caller, call, f"answered {outcome}, the table says {row.outcomes[caller.name]}"
                )
            self._check(caller, row.route, call, answer)
            if row.method == "GET" and answer.status == 200:
                for further in more(route, ours):
                    self._check(caller, row.route, further, self.ask(caller, further))
        return self.found

    def unlisted(self, name: str) -> Found:
        """Methods without a row: refused, or the same as GET and without effect."""
        ours, caller = self.world.realms["granted"], self.people[name]
        for route in self.routes.values():
            for method in METHODS:
                if not route.is_api and (route.name, method) not in BY_CALL and route.name not in SLOW:
                    self._unlisted(caller, route, method, ours)
        return self.found

    def _unlisted(self, caller: Caller, route: Route, method: str, ours: Realm) -> None:
        call = ordinary(route, method, ours)
        answer = self.ask(caller, call)
        as_get = BY_CALL.get((route.name, "GET"))
        outcomes = as_get.outcomes if as_get else {}
        same = method != "GET" and outcome_of(answer) == outcomes.get(caller.name)
        if answer.status != 405 and not same:
            self.found.note(
                caller, call, f"answered {answer.status} and has no row in tests/isolation/policy.py"
            )
        if answer.changed:
            self.found.note(caller, call, "changes something and has no row in tests/isolation/policy.py")

    # --- With somebody else's -----------------------------------------------------------------------

    def foreign(
        self,
        names: Iterable[str],
        read: Reads,
        realms: Iterable[str] = ("granted", "hidden", "theirs"),
        enough: int | None = None,
    ) -> Found:
        """Ids and words of others, wherever one can send some: answered like ids and words there never were.

        ``read``: names the views are known to read, by route and method. Ends after so many calls that were
        answered otherwise, where that is ``enough``.
        """
        chosen = set(realms)
        for route, row, caller in self.rows(names):
            if enough is not None and len(self.found.calls_wrong) >= enough:
                break
            for name in TRIES[caller.name]:
                if name in chosen:
                    self._foreign(route, row, caller, self.world.realms[name], read)
        return self.found

    def _foreign(self, route: Route, row: Row, caller: Caller, other: Realm, read: Reads) -> None:
        never = self.world.realms["never"]
        home = self.world.realms[_home(caller.name, other.name)]
        names = sorted(read.get((row.route, row.method), ())) if caller.name in THOROUGH else None
        for ask in variants(route, row.method, home, other, names):
            call, empty = ask(other), ask(never)
            one = self.ask(caller, call)
            self._check(caller, row.route, call, one)
            if self._differ(caller, one, self._once(caller, empty), other):
                # Once more, both now: the minute may have changed between them.
                one, none = self.ask(caller, call), self.ask(caller, empty)
                if trouble := self._differ(caller, one, none, other):
                    self.found.note(caller, call, trouble)

    def _once(self, caller: Caller, call: Call) -> Answer:
        key = (caller.name, f"{call}")
        if key not in self._never:
            self._never[key] = self.ask(caller, call)
        return self._never[key]

    def _differ(self, caller: Caller, one: Answer, none: Answer, other: Realm) -> str:
        """How the answer about another's can be told from that about nothing; empty when it cannot."""
        never = self.world.realms["never"]
        slug = other.slug if other.slug != self.world.realms[_home(caller.name, other.name)].slug else ""
        left, right = one.normal(other, slug), none.normal(never, never.slug)
        if left != right:
            return f"told from what never was ({one.status}, {none.status}): {_difference(left, right)}"
        if one.changed != none.changed:
            return f"changed {sorted(one.changed)}, and for what never was {sorted(none.changed)}"
        return ""

    # --- With everything gone that is not ours ------------------------------------------------------

    def alone(self, names: Iterable[str], lists_only: bool = False) -> Found:
        """What one reads is the same, byte for byte, whether the other workspace is there or not."""
        ours = self.world.realms["granted"]
        for route, row, caller in self.rows(names):
            if lists_only and {*route.kwargs} - {"workspace", *FIXED}:
                continue
            for call in (ordinary(route, "GET", ours), *more(route, ours)) if row.method == "GET" else ():
                before = self.ask(caller, call)
                with transaction.atomic():
                    database.forget(self.world.workspaces["their"])
                    self.sums, kept = {}, self.sums
                    after = self.ask(caller, call)
                    self.sums = kept
                    transaction.set_rollback(True)
                if before.steady != after.steady:
                    trouble = f"shows that others exist: {_difference(before.steady, after.steady)}"
                    self.found.note(caller, call, trouble)
        return self.found

    # --- What every answer must keep to -------------------------------------------------------------

    def _check(self, caller: Caller, route: str, call: Call, answer: Answer) -> None:
        if answer.status >= 500 and route not in SLOW:
            self.found.note(caller, call, f"failed: {_last_words(answer)}")
        if answer.broken:
            self.found.note(caller, call, f"the commit would be refused: {answer.broken}")
        for name in BLIND_TO[caller.name]:
            found = self.world.realms[name].found_in(answer.text, answer.steady)
            if signs := {sign for sign in found if sign not in f"{call}"}:
                self.found.note(caller, call, f"shows of what is {name}: {sorted(signs)}")
        if caller.name in READERS and answer.changed and route not in MANAGERS_OWN:
            self.found.note(caller, call, "changed something and may only read")
        others = {"our"} if caller.name in ("their-owner", "their-consultant", "token:theirs") else {"their"}
        if {self.world.workspaces[side] for side in others} & answer.changed:
            self.found.note(caller, call, "changed another workspace")


def _home(caller: str, other: str) -> str:
    """Whose ids fill the rest of a call: one's own, and never those that are tried."""
    if caller in ("their-owner", "their-consultant", "token:theirs"):
        return "theirs"
    return "hidden" if other == "granted" else "granted"


def names_read(world: World, people: Mapping[str, Caller], routes: Iterable[Route]) -> Reads:
    """The parameters and fields each view reads: pages by watching them, REST by its schema."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    described = operations()
    for route in routes:
        for method in METHODS:
            if (route.name, method) not in BY_CALL or route.name in SLOW:
                continue
            if route.is_api:
                operation = described.get((route.in_schema, method), {})
                found[route.name, method] |= {*query_names(operation), *body_names(operation)}
            else:
                with reading(found[route.name, method]):
                    people["owner"].call(ordinary(route, method, world.realms["granted"]), {})
    return found


def ordinary(route: Route, method: str, realm: Realm) -> Call:
    """The call as somebody of that realm would make it."""
    return Call(
        method,
        route.path(addressed(route.name, route.kwargs, realm)),
        {},
        body(route.name, method, realm),
        route.is_api,
    )


def more(route: Route, realm: Realm) -> Iterator[Call]:
    """The same address with other parameters and other files."""
    places = addressed(route.name, route.kwargs, realm)
    for query in more_queries(route.name, realm):
        yield Call("GET", route.path(places), query)
    for other in more_places(route.name):
        yield Call("GET", route.path({**places, **other}))


def variants(
    route: Route, method: str, home: Realm, other: Realm, names: Iterable[str] | None
) -> Iterator[Callable[[Realm], Call]]:
    """Ways to put something of another realm into a call, to be filled with the real and the never-been.

    ``names``: parameters and fields to fill; None for places in the address only.
    """
    mine = addressed(route.name, route.kwargs, home)
    places = [
        name
        for name in route.kwargs
        if name != "workspace" and name not in FIXED and route.name not in SHARED
    ]
    sets = [places, *([place] for place in places if len(places) > 1 and names is not None)]
    for chosen in sets if places else ():
        yield lambda realm, chosen=chosen: _call(route, method, home, {**mine, **_of(route, realm, chosen)})  # type: ignore[misc]
    if "workspace" in route.kwargs and other.slug != home.slug:
        yield lambda realm: Call(
            method,
            route.path(addressed(route.name, route.kwargs, realm)),
            {},
            body(route.name, method, realm),
            route.is_api,
        )
    if names is None:
        return
    said = body(route.name, method, home)
    if isinstance(said, str):
        yield lambda realm: Call(method, route.path(mine), {}, body(route.name, method, realm))
        said = None
    for at in range(len(lists(route.name, method, home, other))):
        yield lambda realm, at=at: Call(  # type: ignore[misc]
            method, route.path(mine), {}, lists(route.name, method, home, realm)[at], route.is_api
        )
    for name in {*names, *(said or ())}:
        if is_of_somebody(name):
            yield lambda realm, name=name: _with(route, method, home, mine, name, asked(name, realm))  # type: ignore[misc]


def _of(route: Route, realm: Realm, chosen: Iterable[str]) -> dict[str, object]:
    values = addressed(route.name, route.kwargs, realm)
    return {name: values[name] for name in chosen}


def _call(route: Route, method: str, home: Realm, places: Mapping[str, object]) -> Call:
    return Call(method, route.path(places), {}, body(route.name, method, home), route.is_api)


def _with(
    route: Route, method: str, home: Realm, places: Mapping[str, object], name: str, value: object
) -> Call:
    said = body(route.name, method, home)
    if said is None or isinstance(said, str):
        return Call(method, route.path(places), {name: value}, said, route.is_api)
    return Call(method, route.path(places), {}, {**said, name: value}, route.is_api)


def _last_words(answer: Answer) -> str:
    errors = [
        line for line in answer.text.splitlines() if ("Error" in line or "Exception" in line) and ": " in line
    ]
    return (errors or answer.text.splitlines())[-1][:400]


def outcome_of(answer: Answer) -> str:
    return "in" if answer.status == 302 and answer.location.startswith("/sign-in/") else str(answer.status)


def _difference(left: str, right: str) -> str:
    lines = left.splitlines(), right.splitlines()
    for one, other in zip(*lines, strict=False):
        if one != other:
            return f"{one.strip()[:200]!r}, {other.strip()[:200]!r}"
    return f"{len(lines[0])} lines, {len(lines[1])} lines"
