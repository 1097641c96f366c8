"""Which address does a step's deed, and whether it is offered to this actor at all."""

from dataclasses import dataclass

from django.urls import reverse

from connected.permissions import Actor
from matrix.findings.steps import Deed, Step

_LOOKING = (Deed.DISCUSS, Deed.SEGMENT, Deed.SEE_JOURNEY, Deed.PORTFOLIO)


@dataclass(frozen=True)
class Desk:
    """Where the actor is: the firm, its open workshop and, on a segment's page, the segment."""

    actor: Actor
    firm: int
    workshop: int | None
    segment: int | None = None

    def address(self, step: Step) -> tuple[str, str] | None:
        """(address, words) of the step's deed; None when the actor may not do it."""
        if not self.actor.may_edit and step.deed not in _LOOKING:
            return None
        return self._url(step), step.deed.value

    def _url(self, step: Step) -> str:
        slug, deed = self.actor.workspace_slug, step.deed
        segment = step.segment or self.segment
        if deed is Deed.PORTFOLIO:
            return reverse("portfolio", args=[slug])
        if deed is Deed.ADD_SEGMENT or (segment is None and deed not in (Deed.WORKSHOP, Deed.COLLECT)):
            return reverse("segment-new", args=[slug, self.firm])
        if deed is Deed.COLLECT and self.workshop:
            return reverse("workshop", args=[slug, self.workshop])
        if deed in (Deed.WORKSHOP, Deed.COLLECT):
            return reverse("workshop-new", args=[slug, self.firm])
        if deed in (Deed.DISCUSS, Deed.SEGMENT):
            mark = "#agenda" if deed is Deed.DISCUSS else "#today"
            return mark if segment == self.segment else reverse("segment", args=[slug, segment]) + mark
        return reverse(
            "journey" if deed in (Deed.JOURNEY, Deed.SEE_JOURNEY) else "segment-edit", args=[slug, segment]
        )

    def panel(self, step: Step, more: tuple[str, str] | None = None) -> dict[str, object]:
        """The step as the panel of a page takes it."""
        return {"lead": step.lead, "text": step.text, "act": self.address(step), "more": more}
