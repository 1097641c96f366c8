"""What a journey says: headlines and next steps computed from its touchpoints, never guessed.

Pure: plain values in, words out. Pages, deck and documents share it. With nothing to say the words
are a plain noun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

STEPS = {"recognize": "Recognize", "request": "Request", "respond": "Respond", "repeat": "Repeat"}
MEDIA = {"personal": "personal", "physical": "physical", "digital": "digital"}
# From here on a journey may speak for answers nobody gave: so many, and one in each step.
ENOUGH = 5
# Pain from here on is worth a headline; scale 0-4.
SHARP = 3
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Contact:
    """One touchpoint as the findings and the picture need it. ``number`` counts from 1 in journey order;
    ``importance`` and ``pain`` are 0-4; these, ``identified`` and ``firm_moves`` are None where nobody has
    said."""

    id: int
    number: int
    name: str
    step: str
    medium: str
    importance: int | None = None
    pain: int | None = None
    signature: bool = False
    measured: bool = False
    identified: bool | None = None
    firm_moves: bool | None = None
    acts_for_customer: bool = False
    has_consent: bool = False


@dataclass(frozen=True)
class Gap:
    """One thing a journey lacks: ``kind``, the sentence, why it matters, and where to mend it.

    ``contact`` is the touchpoint to change and ``field`` what to say there; ``step`` where to add one;
    none of them, for the whole journey. ``number`` is the touchpoint's place in the journey.
    """

    kind: str
    lead: str
    text: str
    contact: int | None = None
    step: str | None = None
    field: str | None = None
    number: int | None = None


def number(count: int) -> str:
    """A count in words up to ten, above in figures, thousands apart."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def plural(count: int, noun: str) -> str:
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def worst(contacts: Sequence[Contact]) -> Contact | None:
    """The touchpoint of the greatest pain, the more important one first; None where nobody said."""
    told = [contact for contact in contacts if contact.pain is not None]
    return max(told, key=lambda contact: (contact.pain, _weight(contact), -contact.number), default=None)


def _weight(contact: Contact) -> int:
    return -1 if contact.importance is None else contact.importance


def missing_steps(contacts: Sequence[Contact]) -> list[str]:
    there = {contact.step for contact in contacts}
    return [step for step in STEPS if step not in there]


def title(contacts: Sequence[Contact]) -> str:
    """The headline of a journey."""
    if not contacts:
        return "No journey yet"
    sore = worst(contacts)
    if sore is not None and (sore.pain or 0) >= SHARP:
        top = max(_weight(contact) for contact in contacts)
        if _weight(sore) == top and top >= SHARP:
            return "It hurts most where it matters most"
        return "The worst pain is not where it matters most"
    if missing := missing_steps(contacts):
        return f"Nothing yet in {listed([STEPS[step] for step in missing])}"
    if sore is not None and all(contact.pain is not None for contact in contacts):
        return "No pain worth the name" if sore.pain else "No pain anywhere"
    return "The journey, step by step"


def standfirst(contacts: Sequence[Contact]) -> str:
    """Two or three sentences: what is worst, how many touchpoints there are, who moves and is recognised."""
    if not contacts:
        return (
            "A journey is every contact between this segment and the firm, from the moment a need arises "
            "to the moment it comes back."
        )
    count, stars = len(contacts), sum(contact.signature for contact in contacts)
    first = (
        f"{plural(count, 'touchpoint').capitalize()}, {number(stars) if stars else 'none'} of them signature."
    )
    told = [
        f"moves first in {moves}" if (moves := _counted([each.firm_moves for each in contacts])) else "",
        f"knows who the customer is in {known}"
        if (known := _counted([each.identified for each in contacts]))
        else "",
    ]
    second = f" The firm {' and '.join(filter(None, told))}." if any(told) else ""
    sore = worst(contacts)
    named = f"“{sore.name}” is the worst of it. " if sore is not None and (sore.pain or 0) >= SHARP else ""
    return f"{named}{first}{second}"


def _counted(said: Sequence[bool | None]) -> str:
    """How many yes; where some are silent, of how many that say; nothing when all are silent."""
    told = [each for each in said if each is not None]
    if not told or len(told) == len(said):
        return _of(sum(told), len(told)) if told else ""
    return f"{number(sum(told)) if any(told) else 'none'} of {number(len(told))} stated"


def _of(count: int, total: int) -> str:
    if count == 0:
        return "none"
    if count == total:
        return "all of them" if total > 1 else "it"
    return number(count)


def picture(contacts: Sequence[Contact]) -> str:
    """The finding of the line picture: which media carry the journey, how often it changes medium."""
    used = [word for code, word in MEDIA.items() if any(contact.medium == code for contact in contacts)]
    if not used:
        return "Media and pain"
    if len(used) == 1:
        return f"All of it is {used[0]}"
    changes = sum(before.medium != after.medium for before, after in pairwise(contacts))
    between = f"{plural(changes, 'change')} between them"
    if len(used) == len(MEDIA):
        return f"Three media, {between}"
    unused = next(word for word in MEDIA.values() if word not in used)
    return f"{listed(used).capitalize()}, {between}; nothing {unused}"


def gaps(contacts: Sequence[Contact]) -> list[Gap]:
    """What the journey lacks, most pressing first; empty when it can speak for itself."""
    if not contacts:
        return [
            Gap(
                "empty",
                "Start where the need arises.",
                "What makes someone here notice that they need something? Put that first, then follow them.",
                step="recognize",
            )
        ]
    return [*_thin(contacts), *_unmeasured(contacts), *_unsaid(contacts)]


_WHY = {
    "recognize": "How does anyone come to know that there is a need?",
    "request": "How does the customer find, choose, order and pay?",
    "respond": "How is it received and lived with?",
    "repeat": "How does what was learned come back next time?",
}


def _thin(contacts: Sequence[Contact]) -> list[Gap]:
    found = [
        Gap("step", f"Nothing yet in {STEPS[step]}.", _WHY[step], step=step)
        for step in missing_steps(contacts)
    ]
    if not found and len(contacts) < ENOUGH:
        more = plural(ENOUGH - len(contacts), "more touchpoint")
        found.append(
            Gap(
                "few",
                f"{more.capitalize()}.",
                "From five, with one in each step, a journey can stand in for answers nobody gave.",
            )
        )
    return found


def _unmeasured(contacts: Sequence[Contact]) -> list[Gap]:
    found = [
        Gap(
            "metric",
            f"Signature touchpoint {contact.number} has no key metric.",
            "How would one see that it works: recall, close, repeat or referral?",
            contact=contact.id,
            field="metric",
        )
        for contact in contacts
        if contact.signature and not contact.measured
    ]
    found += [
        Gap(
            "consent",
            f"Touchpoint {contact.number} acts for the customer without a recorded consent.",
            "Acting first needs a purpose told, a permission kept and a way back.",
            contact=contact.id,
            field="consent_basis",
        )
        for contact in contacts
        if contact.acts_for_customer and not contact.has_consent
    ]
    if not any(contact.signature for contact in contacts):
        # The one that matters most to them is the first to consider.
        likely = max(contacts, key=lambda contact: (_weight(contact), -contact.number))
        found.append(
            Gap(
                "signature",
                "No signature experience yet.",
                "Choose one or two a phase that people will remember, each with a key metric.",
                contact=likely.id,
                field="signature",
                number=likely.number,
            )
        )
    return found


def _unsaid(contacts: Sequence[Contact]) -> list[Gap]:
    still = [contact for contact in contacts if contact.firm_moves is None]
    blank = [contact for contact in contacts if contact.identified is None]
    silent = [contact for contact in contacts if contact.pain is None or contact.importance is None]
    found = []
    if still:
        where = plural(len(still), "touchpoint")
        why = "Whether customer or firm starts it is the first evidence of how they are connected."
        lead = f"Say who moves first in {where}."
        found.append(Gap("moves", lead, why, still[0].id, field="initiator"))
    if blank:
        where = plural(len(blank), "touchpoint")
        why = "What the firm learns it can only use for someone it recognises."
        lead = f"Say whether the customer is recognised in {where}."
        found.append(Gap("identified", lead, why, blank[0].id, field="identified"))
    if silent:
        verb = "has" if len(silent) == 1 else "have"
        lead = f"{plural(len(silent), 'touchpoint').capitalize()} {verb} no importance or pain."
        why = "Without both, nobody can see where it hurts most."
        field = "importance" if silent[0].importance is None else "pain"
        found.append(Gap("unsaid", lead, why, silent[0].id, field=field))
    return found
