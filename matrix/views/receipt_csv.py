"""The receipt of the placement in force, to take away as CSV: the same lines as on the page and in REST."""

import csv
from collections.abc import Iterator
from typing import Any, Final

from django.http import Http404, HttpResponse

from connected.permissions import Asked, see_segment
from matrix.proofs import proof_of
from matrix.queries import pages
from matrix.scoring import Account, Receipt

_HEADER: Final = (
    "placement", "run", "computed_at", "model", "model_fingerprint", "fingerprint", "raters", "kind", "code",
    "name", "top", "score", "coverage", "item", "title", "answers", "n", "asked", "derived", "mean",
    "weight", "points", "exact", "why_not",
)  # fmt: skip


def receipt_csv(request: Asked, workspace: str, segment: int) -> HttpResponse:
    """One line an item in a score; gates and the cap as lines of their own. Empty means not known."""
    placement = pages.in_force(see_segment(request.actor, segment))
    if placement is None:
        raise Http404("This segment is not placed yet.")
    proof = proof_of(placement).receipt
    model = f"{placement.model.code}.v{placement.model.version}"
    head = (
        *(placement.pk, placement.run_id, placement.computed_at.isoformat(), model),
        *(proof.model_fingerprint, proof.fingerprint, proof.raters),
    )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{placement.pk}.csv"'
    writer = csv.writer(response)
    writer.writerow(_HEADER)
    writer.writerows((*head, *line) for line in _lines(proof))
    return response


def _lines(proof: Receipt) -> Iterator[tuple[Any, ...]]:
    for account in proof.accounts:
        yield from _of(account)
    for gate in proof.gates:
        met = "met" if gate.met else "not met"
        yield (
            *("gate", gate.relationship, met, 4, None, None),
            *(
                gate.item,
                f"needs {gate.minimum:g}",
                None,
                None,
                None,
                None,
                gate.mean,
                None,
                None,
                None,
                None,
            ),
        )
    cap = proof.cap
    held = "held" if cap.applied else "not held"
    limit = None if cap.limit is None else f"limit {cap.limit!r}"
    before = (None, None, None, None, cap.before, None, None, None, None)
    yield ("cap", "N", held, 4, cap.after, None, None, limit, *before)


def _of(account: Account) -> Iterator[tuple[Any, ...]]:
    exact = None if account.exact is None else str(account.exact)
    head = (account.kind, account.code, account.name, account.top, account.score, account.coverage)
    for line in account.lines:
        yield (
            *head,
            *(line.item, line.title, " ".join(map(str, line.counts)), line.n),
            *(line.asked, line.derived, line.mean, line.weight),
            *(line.points, None if line.exact is None else str(line.exact), line.why_not),
        )
    yield (*head, None, "Total", None, None, None, None, None, None, account.score, exact, None)
