"""The same weighted means in a LibreOffice Calc workbook, where one is installed."""

import shutil
import subprocess
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration import shipped
from benchmarks.figures import Figure, seconds
from matrix.scoring import Answers, score, tally
from matrix.scoring.model import Dimension

ROWS: Final = 2_000
RATERS: Final = 3
NAME: Final = "a workbook recalculated"
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet><table:table table:name="Scores">
"""
_FOOT: Final = "</table:table></office:spreadsheet></office:body></office:document>\n"


def figures(folder: Path) -> Iterator[Figure]:
    """Less the time of opening a workbook with one row. Without LibreOffice: a line that says so."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        yield Figure(NAME, None, "segments/s", None, "skipped: LibreOffice is not installed here", ROWS)
        return
    _, model = shipped()
    values = np.random.default_rng(1).integers(1, 5, (ROWS * RATERS, model.width)).astype(np.int8)
    # Everybody is asked everything: a workbook's plain means know no questions that are left out.
    for condition in model.conditions:
        values[:, condition.on] = np.maximum(values[:, condition.on], ceil(condition.minimum))
    owner = np.repeat(np.arange(ROWS), RATERS)

    def ours() -> NDArray[np.float64]:
        counted = tally(Answers(values, owner), model)
        found = score(counted.hist, model, counted.sheets)
        # A workbook's means go from 0 to 4.
        return np.hstack([found.relationships * 4, found.capabilities])

    loads = [_weights(dimension, model.width) for dimension in (*model.relationships, *model.capabilities)]
    whole, one = folder / "scores.fods", folder / "one.fods"
    whole.write_text(_book(values.reshape(ROWS, -1), loads))
    one.write_text(_book(values.reshape(ROWS, -1)[:1], loads))
    taken = max(_opened(office, folder, whole) - _opened(office, folder, one), 1e-3)
    _must_agree(whole.with_suffix(".csv"), ours())
    yield Figure(NAME, ROWS / taken, "segments/s", taken / seconds(ours), "the scoring core", ROWS)


def _must_agree(book: Path, means: NDArray[np.float64]) -> None:
    """Raise where the workbook found something else than the scoring core: then it is no rival."""
    rows, columns = means.shape
    found = np.loadtxt(book, delimiter=",", skiprows=columns, usecols=range(-columns, 0), ndmin=2)
    if not np.allclose(found[:rows], means, atol=1e-6):
        raise ValueError(f"The workbook's means differ by up to {np.abs(found - means).max():g}.")


def _weights(dimension: Dimension, width: int) -> list[float]:
    found = [0.0] * width
    for load in dimension.loads:
        found[load.position] = float(load.whole)
    return found


def _book(rows: NDArray[np.int8], loads: list[list[float]]) -> str:
    """Weights in the first rows; below, a row a segment: its answers, rater by rater, and its means."""
    width = len(loads[0])
    lines = [_row([_number(value) for value in weights]) for weights in loads]
    for number, row in enumerate(rows.tolist(), len(loads) + 1):
        formulas = [_mean(at, weights, number, width) for at, weights in enumerate(loads, 1)]
        lines.append(_row([*map(_number, row), *formulas]))
    return _HEAD + "".join(lines) + _FOOT


def _mean(at: int, weights: list[float], row: int, width: int) -> str:
    """Reversed items count from the top: the sum of their weights times four is added once."""
    here = f"[.$A${at}:.${_column(width)}${at}]"
    sums = "+".join(
        f"SUMPRODUCT({here};[.{_column(first + 1)}{row}:.{_column(first + width)}{row}])"
        for first in range(0, RATERS * width, width)
    )
    reversed_ = -4 * sum(weight for weight in weights if weight < 0)
    whole = sum(map(abs, weights))
    return f'<table:table-cell table:formula="of:=(({sums})/{RATERS}+{reversed_})/{whole}"/>'


def _column(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _number(value: float) -> str:
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def _row(cells: list[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>\n"


def _opened(office: str, folder: Path, book: Path) -> float:
    """Seconds to open it, which recalculates it, and write its values down."""
    command = [
        office, "--headless", f"-env:UserInstallation=file://{folder}/office",
        "--convert-to", "csv", "--outdir", str(folder), str(book),
    ]  # fmt: skip

    def work() -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=300)

    return seconds(work)
