"""What schemathesis is told beside the schema: whose token a call carries, and what no schema can say."""

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any

import schemathesis
from hypothesis import strategies

# Calls are counted by token: many tokens of one member ask more than one may.
_tokens: Iterator[str] = cycle(os.environ["REST_TOKENS"].split())


@schemathesis.auth(refresh_interval=None)
class EachInTurn:
    def get(self, case: schemathesis.Case[Any], context: Any) -> str:
        return next(_tokens)

    def set(self, case: schemathesis.Case[Any], data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Token {data}"


def _cursor(position: int) -> str:
    return b64encode(f"p={position}".encode()).decode()


schemathesis.openapi.format("cursor", strategies.integers(1, 10**6).map(_cursor))
# The only addresses that are typed in: of receivers. This one has none, by decree.
schemathesis.openapi.format(
    "uri", strategies.integers(1, 10**6).map(lambda number: f"https://hooks.example.com/{number}")
)
_numbers = count()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key belongs to one call: schemathesis gives the same one to many."""
    given = case.headers.get("Idempotency-Key")
    if isinstance(given, str) and re.fullmatch(r"[\x21-\x7e]{1,255}", given):
        case.headers["Idempotency-Key"] = f"tried-{next(_numbers)}"


# Sound by the schema, and yet refused: it depends on what is stored, or on two values together.
STORED = re.compile(
    r"There is no such (firm|segment|participant|model|run)|already|No scoring model|It stays with its"
    r"|Revenue needs a currency|This workshop does not ask|A stream has no pages|There is nothing to save"
    r"|at most 20 webhooks|Give an address with a host|no such placement|The same as item"
    r"|of this list gives another answer"
    r"|a token that was given out here|This run never came in force|Not together with as_of"
    r"|Only together with changed_since"
    r"|Only streams have a last line"
    r"| takes .*, not “|Give a time between the years 1900 and 9000"
)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keep a failure, unless sound data was refused for reasons outside the schema, all of them."""
    if b"Invalid HTTP Header" in response.content:
        return False  # Not HTTP: the web server refuses it before Connected hears of it.
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code not in (400, 422):
        return True
    said = response.json()
    errors = said.get("errors", [{"detail": said["detail"]}])
    return not all(STORED.search(each["detail"]) for each in errors)
