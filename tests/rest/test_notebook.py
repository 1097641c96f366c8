"""The notebook of the docs, run cell by cell as on a fresh start, and its matrix held against REST's own."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.stack import ROOT, Stack

pytestmark = pytest.mark.timeout(300)

NOTEBOOK = json.loads((ROOT / "docs" / "placements.ipynb").read_text())
CODE = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
#: Runs the cells, then says what the last one shows.
RUN = """
import json, sys
*cells, (*lines, shown) = [cell.splitlines() for cell in json.loads(sys.argv[1])]
for cell in [*cells, lines]:
    exec("\\n".join(cell))
print(eval(shown).to_json(double_precision=15))
"""


def test_the_notebook_is_one_and_carries_no_outputs() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    assert [cell["outputs"] for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"] == [[]] * len(CODE)


def test_the_guide_shows_the_notebook() -> None:
    guide = (ROOT / "docs" / "api.md").read_text()
    block = re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)[0]
    assert block == "\n\n".join(CODE) + "\n"


def test_the_notebook_makes_the_matrix(stack: Stack, guided: tuple[str, str]) -> None:
    owner, workspace = guided
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, json.dumps(CODE)],
        env={
            **os.environ,
            "CONNECTED": f"{stack.base}/api/v1",
            "TOKEN": stack.token(owner, "read", workspace),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counted, matrix = done.stdout.splitlines()
    answer = stack.api(owner, workspace=workspace).get("matrix/").json()
    assert int(counted.split()[0]) == answer["segments"]
    made = json.loads(matrix)
    for cell in answer["cells"]:
        level = made[cell["architecture"]][cell["relationship"]]
        assert level == (None if cell["level"] is None else pytest.approx(cell["level"], abs=0.006))
    assert sum(cell["level"] is not None for cell in answer["cells"]) > 4
