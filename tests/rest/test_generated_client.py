"""A client that knows docs/openapi.yaml alone, made by a generator and used as the guide says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack

pytestmark = pytest.mark.timeout(300)

GUIDE = ROOT / "docs" / "api.md"
GENERATE = (
    "openapi-python-client",
    "generate",
    "--path",
    "docs/openapi.yaml",
    "--config",
    "docs/client.yaml",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that holds the client, and what its generator said."""
    folder = tmp_path_factory.mktemp("client")
    assert " ".join(GENERATE) in GUIDE.read_text()
    command = [str(Path(sys.executable).with_name(GENERATE[0])), *GENERATE[1:], "--meta", "none"]
    done = subprocess.run(
        [*command, "--output-path", folder / "connected_api"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return folder, done.stdout + done.stderr


def test_the_generator_has_nothing_to_remark(made: tuple[Path, str]) -> None:
    assert made[1].split() == ["Generating", str(made[0] / "connected_api")]


def test_the_client_does_what_the_guide_says(
    stack: Stack, guided: tuple[str, str], made: tuple[Path, str]
) -> None:
    owner, workspace = guided
    (example,) = re.findall(r"^```py\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        env={
            **os.environ,
            "PYTHONPATH": str(made[0]),
            "CONNECTED": f"{stack.base}/api/v1",
            "TOKEN": stack.token(owner, workspace=workspace),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].endswith("Collectors")
    assert any(re.search(r" [0-9.]+ \[[0-9., ]+\]$", line) for line in said)
    streamed, paged = re.findall(r"\d+", said[-1])
    assert streamed == paged
    assert int(paged) > 2
