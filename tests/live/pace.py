"""Answers at a steady pace while a batch runs, and how soon each is in the placement that stands."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from threading import Event, Lock, Thread
from typing import Any, Final

import psycopg2

from connected import embedded
from tests.callers import Answer, Api
from tests.stack import Stack, wait_for

#: Requests under way at once: what fifty people would have open, with room.
_TOGETHER: Final = 12
#: Seconds between looks: how finely freshness is known.
_LOOK_EVERY: Final = 0.02
#: Seconds after the last answer within which the last placement must be there.
_PATIENCE: Final = 60
#: Seconds that answers are saved at most.
_LONGEST: Final = 900
_PLACES: Final = """
SELECT min(s.workshop_id), min(s.participant_id), s.segment_id FROM assessments_sheet s
JOIN connected_workspace w ON w.id = s.workspace_id
WHERE w.slug = %s GROUP BY s.segment_id ORDER BY hashint8(s.segment_id) LIMIT %s
"""
# No mark is left, so whoever scored the segment had seen the answer; and it stands, committed.
_FRESH: Final = """
SELECT p.segment_id FROM matrix_standing p JOIN unnest(%s::bigint[], %s::float8[]) AS asked(segment_id, since)
    ON asked.segment_id = p.segment_id AND p.computed_at > to_timestamp(asked.since)
WHERE p.segment_id = ANY(%s) AND NOT EXISTS (SELECT FROM matrix_stale s WHERE s.segment_id = p.segment_id)
"""


class Crowd(Api):
    """Several people's scripts, who call in turns: calls are counted by token."""

    def __init__(self, apis: Sequence[Api]) -> None:
        super().__init__(apis[0].base)
        self._turns = cycle(apis)

    def send(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Answer:
        return next(self._turns).send(method, path, body, kind)


@dataclass(frozen=True)
class Place:
    """Somebody's sheet for a segment. ``workspace``: the workspace's number."""

    workspace: int
    workshop: int
    participant: int
    segment: int


@dataclass
class Paced:
    """What came of it, in seconds: from the response to a save until its placement stood.

    ``lasted``: from the first save to the last response; ``saving``: how long saves took. ``runs``: how
    many runs over the large workspace ended meanwhile.
    """

    fresh: dict[int, list[float]] = field(default_factory=dict)
    saving: list[float] = field(default_factory=list)
    lasted: float = 0
    runs: int = 0

    @property
    def pace(self) -> float:
        return len(self.saving) / self.lasted


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of all do not exceed."""
    return sorted(values)[max(0, -int(-len(values) * share // 1) - 1)]


def workspace_of(stack: Stack, slug: str) -> int:
    return int(stack.sql("SELECT id FROM connected_workspace WHERE slug = %s", slug)[0][0])


def places(stack: Stack, slug: str, most: int) -> list[Place]:
    """Up to ``most`` segments of a seeded workspace, spread over all of it, with a sheet each."""
    number = workspace_of(stack, slug)
    return [Place(number, *row) for row in stack.sql(_PLACES, slug, most)]


class _Watch:
    """Looks again and again which of the answers that were saved are in a placement that stands."""

    def __init__(self, stack: Stack) -> None:
        services = embedded.addresses(stack.layout.data_dir)
        self._connection = psycopg2.connect(services.backup_url)
        self._connection.autocommit = True
        self._lock, self._over = Lock(), Event()
        # By place: when it was sent and when the response came.
        self._open: dict[Place, list[tuple[float, float]]] = {}
        self.fresh: dict[int, list[float]] = {}

    def saved(self, place: Place, sent: float, answered: float) -> None:
        with self._lock:
            self._open.setdefault(place, []).append((sent, answered))

    def look(self) -> None:
        while not self._over.is_set():
            with self._lock:
                waiting = {place: list(saves) for place, saves in self._open.items()}
            for workspace in {place.workspace for place in waiting}:
                self._look({p: s for p, s in waiting.items() if p.workspace == workspace}, workspace)
            time.sleep(_LOOK_EVERY)

    def _look(self, waiting: dict[Place, list[tuple[float, float]]], workspace: int) -> None:
        by_segment = {place.segment: place for place in waiting}
        since = [max(sent for sent, _ in waiting[place]) for place in by_segment.values()]
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.workspace', %s, false)", [str(workspace)])
            cursor.execute(_FRESH, [list(by_segment), since, list(by_segment)])
            found = [by_segment[row[0]] for row in cursor.fetchall()]
        now = time.time()
        with self._lock:
            for place in found:
                seen = waiting[place]
                self.fresh.setdefault(workspace, []).extend(now - answered for _, answered in seen)
                self._open[place] = self._open[place][len(seen) :]
                if not self._open[place]:
                    del self._open[place]

    @property
    def waiting(self) -> int:
        with self._lock:
            return len(self._open)

    def end(self) -> None:
        self._over.set()
        self._connection.close()


class _Batch:
    """Runs over a whole workspace, one after the other; told to stop, it ends with the one under way."""

    def __init__(self, api: Api) -> None:
        self._api, self._over, self.ended = api, Event(), 0
        self._stumbled: Exception | None = None

    def go_on(self) -> None:
        try:
            while not self._over.is_set():
                self._one()
        except Exception as error:
            self._stumbled = error

    def _one(self) -> None:
        run = self._api.made("runs/", {})["id"]
        while (state := self._state(run)) in ("queued", "running"):
            time.sleep(0.3)
        assert state == "finished", state
        self.ended += 1

    def so_far(self) -> int:
        """How many have ended; raises what went wrong with one."""
        if self._stumbled:
            raise self._stumbled
        return self.ended

    def _state(self, run: int) -> Any:
        return self._api.get(f"runs/{run}/").json()["state"]

    def end(self) -> None:
        self._over.set()


def keep_pace(
    stack: Stack,
    apis: Mapping[int, Api],
    where: Sequence[Place],
    *,
    batch: Api | None,
    a_second: float,
    seconds: float,
    until: Callable[[int], bool] = lambda runs: True,
) -> Paced:
    """Save answers at ``where`` in turn, so many a second, while runs go over the workspace of ``batch``.

    At least ``seconds`` long, and on ``until`` is true of the number of runs that have ended. ``apis``: by
    workspace. Returns when every answer is in a placement that stands; raises TimeoutError if one never is,
    or ``until`` does not come true.
    """
    watch, runs, paced = _Watch(stack), _Batch(batch) if batch else None, Paced()
    threads = [Thread(target=watch.look, daemon=True)]
    threads += [Thread(target=runs.go_on, daemon=True)] if runs else []
    for thread in threads:
        thread.start()
    if runs:
        time.sleep(1)
    began = time.monotonic()

    def save(number: int) -> None:
        place, sent = where[number % len(where)], time.time()
        body = {"participant": place.participant, "segment": place.segment, "answers": {"R4": number % 5}}
        apis[place.workspace].made(f"workshops/{place.workshop}/answers/", body)
        answered = time.time()
        paced.saving.append(answered - sent)
        watch.saved(place, sent, answered)

    with ThreadPoolExecutor(_TOGETHER) as together:
        asked, number = [], 0
        while number < a_second * seconds or not until(runs.so_far() if runs else 0):
            if time.monotonic() - began > _LONGEST:
                raise TimeoutError(f"no end of the runs within {_LONGEST:g} s")
            time.sleep(max(0, began + number / a_second - time.monotonic()))
            asked.append(together.submit(save, number))
            number += 1
        for each in asked:
            each.result()
    paced.lasted = time.monotonic() - began
    wait_for(lambda: not watch.waiting, _PATIENCE, "the last placement")
    paced.runs = runs.ended if runs else 0
    if runs:
        runs.end()
    watch.end()
    for thread in threads:
        thread.join()
    paced.fresh = watch.fresh
    return paced
