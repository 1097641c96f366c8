"""What the firm would have to do to earn an answer: texts kept beside the questionnaire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from assessments.instrument import Instrument

_FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "earns"


@dataclass(frozen=True)
class Earned:
    """`text`: what earns the answer; `where`: the step of the journey, or "every contact"."""

    text: str
    where: str


@lru_cache(maxsize=16)
def _texts(code: str, version: int) -> Mapping[str, Mapping[str, Any]]:
    """Texts by item of the newest file not above that version; none when there is no file."""
    files = {int(path.stem.rpartition(".v")[2]): path for path in _FOLDER.glob(f"{code}.v*.json")}
    held = [number for number in files if number <= version]
    if not held:
        return {}
    items: Mapping[str, Mapping[str, Any]] = json.loads(files[max(held)].read_text("utf-8"))["items"]
    return items


def earned(instrument: Instrument, item: str, value: int) -> Earned:
    """What would earn this answer, 0-4 or 1-5 of a choice; for want of a text the questionnaire's own."""
    asked = instrument.item(item)
    kept = _texts(instrument.code, instrument.version).get(item, {})
    where = kept.get("where", "every contact")
    if asked.is_choice:
        choice = asked.choices[value - 1]
        return Earned(kept.get("choices", {}).get(choice.code, choice.text), where)
    text = kept.get("want") or kept.get("levels", {}).get(str(value)) or asked.label(value)
    return Earned(text or f"{asked.title}, between its anchors", where)


__all__ = ["Earned", "earned"]
