"""What is wrong with a model that is edited: the reason, and what to do about it."""

from typing import Any, Final

# By how the reader's reason begins. {value} is what was typed.
_TOLD: Final = (
    ("must be from", "{value} is out of range: it {reason}."),
    ("must be finite", "A number without end weighs everything down. Give an ordinary one."),
    ("must be a whole number", "{value} is not a whole number. Give one such as 3."),
    ("must be above zero", "Zero would decide nothing here. Give a number above zero."),
    ("must not be negative", "A weight here cannot be negative. Give zero or more, or leave it empty."),
    (
        "must be below the minimum",
        "Half-way must come before the gate is met. Give less than its least mean.",
    ),
    (
        "is not asked of everyone",
        "Not everyone is asked this, so the gate could never be met. Choose another.",
    ),
    ("begins above its end", "The range begins above its end. Let “from” be the smaller number."),
    ("must name each", "Each relationship needs one place of its own. Choose the one that is missing."),
    (
        "must give a vote",
        "Each architecture needs a number here. Give 0 for no vote, or empty the whole row.",
    ),
    (
        "gives no architecture",
        "This row gives no architecture a vote. Give one above zero, or empty the row.",
    ),
    ("has no item", "Nothing votes any more. Give at least one question its five votes."),
    ("there is no", "A weight without an item counts nothing. Choose the item, or empty the weight."),
    ("is missing", "Nothing is chosen here. Choose or type it, or empty what belongs to it."),
)
_NO_WEIGHT: Final = "No item counts here. Give at least one a weight other than zero."
_NO_VOTES: Final = "This row gives no votes yet. Type them, or leave the row empty to take it out."


def told(reason: str, value: Any) -> str:
    """A sentence for people: why it cannot be used, and what to do."""
    if reason == "must be a number":
        return (
            f"“{value}” is not a number. Give one such as 0.5."
            if value
            else "Nothing is given. Type a number."
        )
    if reason == "has no weight above zero":
        return _NO_VOTES if value == {} else _NO_WEIGHT
    if "does not load on" in reason:
        item = reason.split()[0]
        return f"{item} has no weight in this relationship. Give it one, or let the gate ask another item."
    if "is not asked of everyone" in reason:
        reason = "is not asked of everyone"
    if " is not " in reason:
        return (
            f"“{value}” cannot stand here. Choose from the list."
            if value
            else "Nothing is chosen. Choose one."
        )
    for begins, sentence in _TOLD:
        if reason.startswith(begins):
            return sentence.format(value=value, reason=reason)
    return f"This {reason}."
