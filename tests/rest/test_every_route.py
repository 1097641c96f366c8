"""Every operation of docs/openapi.yaml, tried by schemathesis on everything running: no 500, and no answer
that is not written down. The same calls each time; `make rest` tries others, for as long as told.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.stack import ROOT, Stack

SCHEMA = ROOT / "docs" / "openapi.yaml"
SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/rest/tried.toml")
WORKSPACE = "tried"
#: Seconds to try what chance brings, instead of the same calls each time.
FOR = int(os.environ.get("REST_SECONDS", "0"))
# Calls are counted by token: as many as never wait.
TOKENS = 40 + FOR // 15
SAME = ("--phases", "examples,coverage,stateful", "--generation-deterministic", "--max-examples", "5")
OTHER = ("--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(FOR))


def tried(stack: Stack, tokens: str, schema: Path, *words: str) -> tuple[int, str]:
    """Exit code of schemathesis and what it said, without tokens."""
    done = subprocess.run(
        [*SCHEMATHESIS, "run", str(schema), "--url", stack.base, "--no-color", *words],
        cwd=ROOT,
        env={**stack.environment, "REST_TOKENS": tokens},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"cs_\w+", "cs_…", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def tokens(stack: Stack) -> str:
    """Write tokens of the owner of a workspace nobody else uses, with placements in force."""
    stack.manage("seed_portfolio", "--workspace", WORKSPACE, "--segments", "40", "--raters", "2")
    stack.manage("rescore", "--workspace", WORKSPACE, "--wait")
    return " ".join(stack.tokens(TOKENS, f"owner@{WORKSPACE}.test", WORKSPACE))


@pytest.mark.timeout(600 + 2 * FOR)
def test_every_answer_is_written_down(
    stack: Stack, tokens: str, record_property: Callable[[str, object], None]
) -> None:
    before = len(stack.said())
    code, said = tried(stack, tokens, SCHEMA, *(OTHER if FOR else SAME))
    assert code == 0, said
    assert f"Tested: {_operations()}" in said
    (number,) = re.findall(r"(\d+) generated", said)
    record_property("measured", f"REST: {number} calls, each answer as docs/openapi.yaml says")
    assert int(number) > 2000
    assert "Traceback" not in stack.said()[before:]


def test_an_answer_that_is_not_written_down_is_found(stack: Stack, tokens: str, tmp_path: Path) -> None:
    schema = yaml.safe_load(SCHEMA.read_text())
    path = "/api/v1/segments/{id}/"
    del schema["paths"][path]["get"]["responses"]["404"]
    schema["paths"] = {path: {"get": schema["paths"][path]["get"]}}
    doctored = tmp_path / "openapi.yaml"
    doctored.write_text(yaml.safe_dump(schema, allow_unicode=True))
    code, said = tried(stack, tokens, doctored, *SAME)
    assert code == 1
    assert "Undocumented status code" in said


def _operations() -> int:
    return sum(len(each) for each in yaml.safe_load(SCHEMA.read_text())["paths"].values())
