"""State changes as one table each: what may follow what."""

from collections.abc import Mapping
from dataclasses import dataclass


class WrongStep(Exception):
    """A state change the table does not allow; the message names both states and the way out."""


@dataclass(frozen=True)
class Transitions:
    """The states of one kind of thing, and from each the states that may follow."""

    thing: str
    table: Mapping[str, tuple[str, ...]]

    def check(self, now: str, then: str) -> str:
        """Return ``then`` when the table allows it.

        Raises :class:`WrongStep` naming what would be allowed.
        """
        if then not in self.table[now]:
            allowed = ", ".join(self.table[now]) or "nothing"
            raise WrongStep(f"A {self.thing} that is {now} cannot become {then}; it can become {allowed}.")
        return then

    @property
    def final(self) -> frozenset[str]:
        """States that nothing follows."""
        return frozenset(state for state, following in self.table.items() if not following)

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, for the docs."""
        first = next(iter(self.table))
        lines = ["stateDiagram-v2", f"    [*] --> {first}"]
        for state, following in self.table.items():
            lines += [f"    {state} --> {then}" for then in following]
            if not following:
                lines.append(f"    {state} --> [*]")
        return "\n".join(lines)
