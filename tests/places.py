"""Every page of the product with the sample in it: name, address, and who looks at it."""

from dataclasses import dataclass

from tests.stack import CONSULTANT, MANAGER, OWNER, Stack


@dataclass(frozen=True)
class Place:
    """One page. ``who`` is an e-mail, or empty for a stranger; ``status`` what it answers.

    ``path`` names ids in braces, as `known` gives them.
    """

    name: str
    path: str
    who: str = CONSULTANT
    status: int = 200


_SHEET = "/w/sample/workshops/{workshop}/sheets/{participant}/{segment}/"
PLACES = (
    Place("sign-in", "/sign-in/", ""),
    Place("workspaces", "/?choose"),
    Place("portfolio", "/w/sample/"),
    Place("portfolio-manager", "/w/sample/", MANAGER),
    Place("portfolio-why", "/w/sample/?cell=RD-PR"),
    Place("cell", "/w/sample/cells/RD-PR/"),
    Place("firms", "/w/sample/firms/"),
    Place("firm", "/w/sample/firms/{firm}/"),
    Place("firm-why", "/w/sample/firms/{firm}/?cell=RD-PR"),
    Place("firm-unfinished", "/w/sample/firms/{unfinished}/"),
    Place("firm-new", "/w/sample/firms/new/"),
    Place("firm-edit", "/w/sample/firms/{firm}/edit/"),
    Place("firm-delete", "/w/sample/firms/{firm}/delete/"),
    Place("segment", "/w/sample/segments/{segment}/"),
    Place("segment-unplaced", "/w/sample/segments/{bare}/"),
    Place("segment-robust", "/w/sample/segments/{segment}/robust/"),
    Place("segment-moves", "/w/sample/segments/{segment}/moves/?to=AE-PR"),
    Place("segment-evidence", "/w/sample/segments/{segment}/evidence/"),
    Place("segment-evidence-bare", "/w/sample/segments/{bare}/evidence/"),
    Place("segment-new", "/w/sample/firms/{firm}/segments/new/"),
    Place("segment-edit", "/w/sample/segments/{segment}/edit/"),
    Place("journey", "/w/sample/segments/{segment}/journey/"),
    Place("journey-empty", "/w/sample/segments/{bare}/journey/"),
    Place("touchpoint-new", "/w/sample/segments/{segment}/touchpoints/new/"),
    Place("touchpoint-edit", "/w/sample/touchpoints/{touchpoint}/edit/"),
    Place("workshops", "/w/sample/workshops/"),
    Place("workshop", "/w/sample/workshops/{workshop}/"),
    Place("workshop-agenda", "/w/sample/workshops/{workshop}/agenda/"),
    Place("workshop-agreement", "/w/sample/workshops/{disputed}/agreement/"),
    Place("workshop-agreement-segment", "/w/sample/workshops/{disputed}/agreement/?segment={divided}"),
    Place("workshop-new", "/w/sample/firms/{firm}/workshops/new/"),
    Place("sheet-steps", _SHEET + "?view=steps&q=R4"),
    Place("sheet-done", _SHEET + "?view=steps&q=done"),
    Place("sheet-list", _SHEET + "?view=list"),
    Place("imports", "/w/sample/imports/"),
    Place("runs", "/w/sample/runs/"),
    Place("run", "/w/sample/runs/{run}/"),
    Place("find", "/w/sample/find/?q=guest"),
    Place("settings", "/w/sample/settings/", OWNER),
    Place("members", "/w/sample/settings/members/", OWNER),
    Place("member-new", "/w/sample/settings/members/new/", OWNER),
    Place("tokens", "/w/sample/settings/tokens/", OWNER),
    Place("models", "/w/sample/settings/models/"),
    Place("model", "/w/sample/settings/models/2/"),
    Place("webhooks", "/w/sample/settings/webhooks/", OWNER),
    Place("webhook-new", "/w/sample/settings/webhooks/new/", OWNER),
    Place("rest-docs", "/api/v1/docs/", ""),
    Place("not-found", "/w/sample/firms/999999999/", status=404),
)


def known(stack: Stack) -> dict[str, int]:
    """Ids of the sample for the paths: Disney's first segment, and the firm that is still in work."""
    api = stack.api(OWNER)
    firms = {firm["name"]: firm["id"] for firm in api.each("firms/")}
    firm = next(pk for name, pk in firms.items() if "Disney" in name)
    brackwater = next(pk for name, pk in firms.items() if "Brackwater" in name)
    unfinished = next(pk for name, pk in firms.items() if "Harbour" in name)
    segment = api.each(f"segments/?firm={firm}")[0]["id"]
    workshop = api.each(f"workshops/?firm={firm}")[0]
    return {
        "firm": firm,
        "unfinished": unfinished,
        "segment": segment,
        "bare": api.each(f"segments/?firm={unfinished}")[-1]["id"],
        "workshop": workshop["id"],
        "disputed": api.each(f"workshops/?firm={brackwater}")[0]["id"],
        "divided": api.each(f"segments/?firm={brackwater}")[0]["id"],
        "participant": workshop["participants"][0]["id"],
        "touchpoint": api.each(f"touchpoints/?segment={segment}")[0]["id"],
        "run": _a_run(stack),
    }


def _a_run(stack: Stack) -> int:
    """A run to look at: the newest of the sample, made when there is none."""
    newest = (
        "SELECT max(r.id) FROM matrix_run r JOIN connected_workspace w ON w.id = r.workspace_id "
        "WHERE w.slug = 'sample'"
    )
    if stack.sql(newest)[0][0] is None:
        stack.manage("rescore", "--workspace", "sample", "--wait")
    return int(stack.sql(newest)[0][0])
