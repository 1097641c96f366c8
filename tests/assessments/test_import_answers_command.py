"""``manage.py import_answers``: what scripts outside rely on."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessments import tables
from assessments.models import Sheet
from assessments.tables import delimited
from connected.permissions import Actor
from connected.tenancy import in_workspace
from tests import factories

HEADER = "firm,segment,offering,participant,item,value"


@pytest.fixture
def there(db: None) -> Actor:
    return factories.workspace()


def run(actor: Actor, tmp_path: Path, *rows: str) -> str:
    file, said = tmp_path / "answers.csv", StringIO()
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    call_command("import_answers", str(file), workspace=actor.workspace_slug, stdout=said, stderr=said)
    return said.getvalue()


def test_says_what_it_did(there: Actor, tmp_path: Path) -> None:
    said = run(there, tmp_path, "Acme,Riders,Rides,Ann,R1,3")
    assert said.startswith("1 answer in 1 sheet, 0 unchanged")
    with in_workspace(there.workspace_id):
        assert Sheet.objects.count() == 1


def test_gives_one_line_a_bad_row(there: Actor, tmp_path: Path) -> None:
    file, said = tmp_path / "answers.csv", StringIO()
    file.write_text(f"{HEADER}\nAcme,Riders,Rides,Ann,R1,9\nAcme,Riders,Rides,Ann,R77,1\n", encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("import_answers", str(file), workspace=there.workspace_slug, stderr=said)
    assert refused.value.returncode == 1
    assert [line.split(":")[0] for line in said.getvalue().splitlines()] == [
        "row 2, column value",
        "row 3, column item",
    ]


def test_names_the_workspaces_there_are(there: Actor, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=there.workspace_slug):
        call_command("import_answers", str(tmp_path), workspace="nowhere")


def test_a_file_that_is_not_there_is_said(there: Actor, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no such file"):
        call_command("import_answers", str(tmp_path / "none.csv"), workspace=there.workspace_slug)


def test_a_large_file_is_read_in_blocks(
    there: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LARGE", 0)
    monkeypatch.setattr(delimited, "BLOCK_ROWS", 2)
    people = ["Ann", "Bo", "Cy"]
    rows = [f"Acme,Riders,Rides,{who},{item},3" for item in ("R1", "R2") for who in people]
    said = run(there, tmp_path, *rows).splitlines()
    assert said[-2] == "100 % done"
    assert said[-1].startswith("6 answers in 3 sheets, 0 unchanged")
    assert "6 unchanged" in run(there, tmp_path, *rows)
    with pytest.raises(CommandError, match="1 problem"):
        run(there, tmp_path, *rows, "Acme,Riders,Rides,Ann,R1,2")
