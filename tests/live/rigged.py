"""The processes of the rig: a parent that has imported the product and forks it on request.

:data:`PROGRAM` reads one JSON object a line: ``{"start": [program, words...], "name", "log", "rigging"}``
answers with the process id, ``{"wait": id}`` with its exit code. What is rigged, is rigged in the child
alone: the product has no switch for any of it.
"""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakSet

from celery import current_app
from django.core.management import call_command
from django.db import connection
from kombu.transport.redis import Channel
from redis.exceptions import ConnectionError as RedisConnectionError

from connected import worker
from connected.embedded.forks import Fork
from connected.supervisor import preload
from connected.tenancy import in_workspace
from matrix import frames, services, tasks
from matrix.models import Chunk
from matrix.services import runs

PROGRAM = "import django; django.setup(); from tests.live import rigged; rigged.main()"
MEGABYTE = 1 << 20
#: Ids from the first segment of a chunk to its last, at least.
WHOLE = 50


def rig(rigging: dict[str, Any]) -> None:
    """Change this process, and nothing else."""
    for name, value in rigging.items():
        CHANGES[name](value)


def swap(module: ModuleType, name: str, value: object) -> None:
    """What everybody in this process finds there from now on."""
    assert hasattr(module, name), name
    setattr(module, name, value)


def _chunk_size(segments: int) -> None:
    swap(runs, "CHUNK_SIZE", segments)


def _generation_from(segments: int) -> None:
    swap(runs, "GENERATION_FROM", segments)


def _attempts(number: int) -> None:
    swap(runs, "ATTEMPTS", number)


def _lease(seconds: float) -> None:
    swap(runs, "LEASE", timedelta(seconds=seconds))


def _lost_after(seconds: float) -> None:
    swap(runs, "LOST_AFTER", timedelta(seconds=seconds))


def _reap_every(seconds: float) -> None:
    current_app.conf.beat_schedule["reap"]["schedule"] = seconds


def _child_limit(kilobytes: int) -> None:
    current_app.conf.worker_max_memory_per_child = kilobytes


# --- What goes wrong ---------------------------------------------------------------------------------


def _slow(seconds: float) -> None:
    """A chunk takes this long between its placements and its ledger row."""
    _around_place(lambda: None, lambda: time.sleep(seconds))


def _stumbling(how: str) -> None:
    """The first attempt at each chunk ends badly: ``killed``, or beyond a hard ``limit`` of memory."""
    _around_place(lambda: STUMBLES[how](), lambda: None)


def _around_place(before: Callable[[], None], after: Callable[[], None]) -> None:
    place = vars(runs)["place"]

    def rigged(**words: Any) -> int:
        if _first(words):
            before()
        placed: int = place(**words)
        after()
        return placed

    swap(runs, "place", rigged)


def _poison(how: str, segment: int) -> None:
    """Whoever reads this segment's answers ends badly, every time."""
    place = vars(runs)["place"]

    def rigged(**words: Any) -> int:
        if words["scope"].low <= segment <= words["scope"].high:
            STUMBLES[how]()
        placed: int = place(**words)
        return placed

    swap(runs, "place", rigged)


def _stumble() -> None:
    raise ValueError("poison")


def _signing(how: str) -> None:
    """Every process that scores leaves its number."""
    _around_place(lambda: None, lambda: (here() / f"{how}-{os.getpid()}").touch())


def here() -> Path:
    return Path(os.environ["RIG_DIR"])


def _first(words: dict[str, Any]) -> bool:
    """Whether no process has come to this chunk before. Parts of one that was cut down are not chunks."""
    if words["scope"].high - words["scope"].low < WHOLE:
        return False
    mark = here() / f"{words['run_id']}-{words['scope'].low}"
    with suppress(FileExistsError):
        mark.touch(exist_ok=False)
        return True
    return False


def _kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _want_too_much() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    # The hard limit stays: a child that comes to it again may set its own anew.
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 64 * MEGABYTE, most))
    bytearray(1024 * MEGABYTE)


STUMBLES = {"killed": _kill_myself, "limit": _want_too_much, "error": _stumble}


def _dozing(limit: float) -> None:
    """Each process falls asleep between its first claim and the scoring, until someone else has done it."""
    score = services.score_claimed
    awake: list[runs.Claim] = []

    def rigged(*, claim: runs.Claim) -> int:
        deadline = time.monotonic() + limit
        while not awake and time.monotonic() < deadline:
            time.sleep(0.1)
            with in_workspace(claim.workspace_id):
                awake.extend([claim] * Chunk.objects.filter(pk=claim.chunk_id, state="done").count())
        return score(claim=claim)

    swap(services, "score_claimed", rigged)


def _clumsy(_: bool) -> None:
    """Closing a channel fails the first time, as it does while a lost connection still owes it an answer."""
    close: Callable[[Channel], None] = Channel.close
    tried = WeakSet[Channel]()

    def rigged(channel: Channel) -> None:
        if channel not in tried:
            tried.add(channel)
            raise RedisConnectionError("the queue went away in the middle of closing")
        close(channel)

    Channel.close = rigged  # type: ignore[method-assign]


# --- Guards taken away, for the controls ----------------------------------------------------------------


def _without(guard: str) -> None:
    WITHOUT[guard]()


def _without_claims() -> None:
    """Every message is worked off, whoever else has it."""

    def claim_chunk(*, workspace_id: int, chunk_id: int) -> runs.Claim:
        return runs.Claim(workspace_id, chunk_id, 1)

    swap(services, "claim_chunk", claim_chunk)
    swap(services, "score_claimed", partial(_place_and_note, note_first=False))


def _without_a_last_look() -> None:
    """Who has claimed a chunk writes, however long ago that was."""
    swap(services, "score_claimed", partial(_place_and_note, note_first=False))


def _without_one_transaction() -> None:
    """The ledger says done before the placements are in."""
    swap(services, "score_claimed", partial(_place_and_note, note_first=True))


def _place_and_note(*, claim: runs.Claim, note_first: bool) -> int:
    steps = [_note, _place_chunk] if note_first else [_place_chunk, _note]
    for step in steps:
        with in_workspace(claim.workspace_id):
            step(Chunk.objects.select_related("run__model__instrument").get(pk=claim.chunk_id))
    return 0


def _place_chunk(chunk: Chunk) -> None:
    scope = frames.Scope(low=chunk.low, high=chunk.high)
    vars(runs)["place"](
        workspace_id=chunk.workspace_id, model=chunk.run.model, scope=scope, run_id=chunk.run_id
    )


def _note(chunk: Chunk) -> None:
    Chunk.objects.filter(pk=chunk.pk).update(state="done", placed=chunk.size, lease_until=None)


def _without_a_second_try() -> None:
    """A chunk that failed stays as it is."""
    swap(services, "fail_chunk", lambda *, claim, reason: None)


def _without_a_word_of_the_loss() -> None:
    """A channel whose connection was lost is as kombu has it."""
    del worker.Channel._connparams


WITHOUT = {
    "claims": _without_claims,
    "a last look": _without_a_last_look,
    "one transaction": _without_one_transaction,
    "a second try": _without_a_second_try,
    "a word of the loss": _without_a_word_of_the_loss,
}
CHANGES: dict[str, Callable[[Any], None]] = {
    "chunk_size": _chunk_size,
    "generation_from": _generation_from,
    "attempts": _attempts,
    "lease": _lease,
    "lost_after": _lost_after,
    "reap_every": _reap_every,
    "child_limit": _child_limit,
    "without": _without,
    "slow": _slow,
    "stumbling": _stumbling,
    "poison": lambda words: _poison(*words),
    "signing": _signing,
    "dozing": _dozing,
    "clumsy": _clumsy,
}


# --- The parent ---------------------------------------------------------------------------------------


def become(command: Sequence[str], rigging: dict[str, Any]) -> None:
    rig(rigging)
    sys.argv = list(command)
    if command[0] == "celery":
        current_app.start(argv=list(command[1:]))
    elif command[0] == "send":
        for each in command[1:]:
            tasks.score_chunk.apply_async(args=[int(part) for part in each.split(":")])
    else:
        call_command(command[1], *command[2:])


def main() -> None:
    preload()
    connection.close()
    children: dict[int, Fork] = {}
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            print(json.dumps(children.pop(asked["wait"]).wait()), flush=True)
            continue
        # Whoever has ended goes from the process table: many that do not make every look at it slow.
        children = {pid: child for pid, child in children.items() if child.poll() is None}
        run = partial(become, asked["start"], asked["rigging"])
        child = Fork(run, name=asked["name"], log=Path(asked["log"]))
        children[child.pid] = child
        print(json.dumps(child.pid), flush=True)
    for child in children.values():
        child.kill_group()


if __name__ == "__main__":
    main()
