"""`python -m benchmarks [NAME ...]`: one JSON object a line on stdout; the newest run in results.jsonl.

On PostgreSQL and Valkey of its own in a folder that is removed afterwards. Names: scoring, calibration,
workbook, batch, reading, pages, growth, imports, live; without any, all of them, which takes some twenty
minutes on a quiet machine of two cores. `--segments` makes a smaller portfolio, for trying things out. Ends
with 1 when a group failed; the others are measured all the same.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import cost_model

RESULTS = Path(__file__).with_name("results.jsonl")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    asked.add_argument(
        "names",
        nargs="*",
        help="scoring, calibration, workbook, batch, reading, pages, growth, imports, live; all by default",
    )
    asked.add_argument("--segments", type=int, default=1_000_000, help="of the portfolio (default 1,000,000)")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="connected-bench-") as folder:
        # Before Django's settings are read: never the data of `make run`, nor anyone's server.
        os.environ["DATA_DIR"] = folder
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CONNECTED_ENV", "DEBUG"):
            os.environ.pop(name, None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "connected.settings"
        whole = _run(Path(folder), said.names, said.segments)
    sys.exit(0 if whole else 1)


def _run(folder: Path, names: list[str], segments: int) -> bool:
    import django  # noqa: PLC0415 - after DATA_DIR is known

    django.setup()
    from benchmarks.suite import measured  # noqa: PLC0415

    lines, whole = [], True
    for figure in measured(folder, names, segments):
        whole = whole and not figure.failed
        lines.append(json.dumps(figure.as_dict()))
        print(lines[-1], flush=True)
    if not names and whole:
        RESULTS.write_text("\n".join(lines) + "\n")
        cost_model.main(["--write"])
    return whole


if __name__ == "__main__":
    main()
