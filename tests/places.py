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
    Place("segment-moves-blocked", "/w/sample/segments/{refusing}/moves/?to=AE-PR"),
    Place("segment-changes", "/w/sample/segments/{segment}/changes/"),
    Place("segment-changes-first", "/w/sample/segments/{divided}/changes/"),
    Place("segment-near-a-line", "/w/sample/segments/{divided}/"),
    Place("segment-delete", "/w/sample/segments/{segment}/delete/"),
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
    Place("workshop-questions", "/w/sample/workshops/{workshop}/questions/?to=2"),
    Place("workshop-agenda", "/w/sample/workshops/{workshop}/agenda/"),
    Place("workshop-agreement", "/w/sample/workshops/{disputed}/agreement/"),
    Place("workshop-agreement-segment", "/w/sample/workshops/{disputed}/agreement/?segment={divided}"),
    Place("workshop-new", "/w/sample/firms/{firm}/workshops/new/"),
    Place("sheet-steps", _SHEET + "?view=steps&q=R4"),
    Place("sheet-done", _SHEET + "?view=steps&q=done"),
    Place("sheet-list", _SHEET + "?view=list"),
    Place("imports", "/w/sample/imports/"),
    Place("import-preview", "/w/sample/imports/{upload}/"),
    Place("import-job", "/w/sample/imports/large/{job}/"),
    Place("runs", "/w/sample/runs/"),
    Place("run", "/w/sample/runs/{run}/"),
    Place("find", "/w/sample/find/?q=guest"),
    Place("settings", "/w/sample/settings/", OWNER),
    Place("members", "/w/sample/settings/members/", OWNER),
    Place("member-new", "/w/sample/settings/members/new/", OWNER),
    Place("member-firms", "/w/sample/settings/members/{member}/firms/", OWNER),
    Place("member-remove", "/w/sample/settings/members/{member}/remove/", OWNER),
    Place("tokens", "/w/sample/settings/tokens/", OWNER),
    Place("models", "/w/sample/settings/models/"),
    Place("model", "/w/sample/settings/models/3/"),
    Place("draft", "/w/sample/settings/models/drafts/{draft}/"),
    Place("draft-faulty", "/w/sample/settings/models/drafts/{faulty}/"),
    Place("draft-publish", "/w/sample/settings/models/drafts/{draft}/publish/"),
    Place("webhooks", "/w/sample/settings/webhooks/", OWNER),
    Place("webhook-new", "/w/sample/settings/webhooks/new/", OWNER),
    Place("webhook", "/w/sample/settings/webhooks/{webhook}/", OWNER),
    Place("webhook-edit", "/w/sample/settings/webhooks/{webhook}/edit/", OWNER),
    Place("webhook-delete", "/w/sample/settings/webhooks/{webhook}/delete/", OWNER),
    Place("delivery", "/w/sample/settings/webhooks/{webhook}/{delivery}/", OWNER),
    Place("rest-docs", "/api/v1/docs/", ""),
    Place("not-found", "/w/sample/firms/999999999/", status=404),
)


#: Bytes of an answers file that only a worker looks through.
TOO_LARGE = 6_000_000


def known(stack: Stack) -> dict[str, int | str]:
    """Ids of the sample for the paths: Disney's first segment, and the firm that is still in work.

    What the sample does not have is made: a run, a webhook with a delivery, files on their way in.
    """
    api = stack.api(OWNER)
    firms = {firm["name"].split()[0]: firm["id"] for firm in api.each("firms/")}
    firm, brackwater, unfinished = firms["Walt"], firms["Brackwater"], firms["Harbour"]
    segment = api.each(f"segments/?firm={firm}")[0]["id"]
    workshops = api.each(f"workshops/?firm={firm}")
    workshop = next(each for each in workshops if each["state"] == "collecting")
    return {
        "firm": firm,
        "unfinished": unfinished,
        "segment": segment,
        "bare": api.each(f"segments/?firm={unfinished}")[-1]["id"],
        "refusing": api.each(f"segments/?firm={firms['Wikipedia']}")[0]["id"],
        "workshop": workshop["id"],
        "disputed": api.each(f"workshops/?firm={brackwater}")[0]["id"],
        "divided": api.each(f"segments/?firm={brackwater}")[0]["id"],
        "participant": workshop["participants"][0]["id"],
        "touchpoint": api.each(f"touchpoints/?segment={segment}")[0]["id"],
        "member": _one(stack, "SELECT min(m.id) FROM connected_membership m {of} AND m.role = 'manager'"),
        **_delivered(stack),
        "run": _one(stack, "SELECT max(r.id) FROM matrix_run r {of}"),
        "upload": _upload(stack),
        "job": _job(stack),
        "draft": _a_draft(stack, "A trial", cut="1.5"),
        "faulty": _a_draft(stack, "Not done yet", cut="9"),
    }


def _a_draft(stack: Stack, title: str, cut: str) -> int:
    """A model of the sample that is edited, with another cut of the quadrant; made when there is none."""
    there = stack.sql("SELECT max(id) FROM matrix_modeldraft WHERE title = %s", title)[0][0]
    if there is not None:
        return int(there)
    someone = stack.visitor(CONSULTANT)
    page = someone.post("/w/sample/settings/models/3/fork/").headers["location"]
    someone.post(page, version="1", title=title, **{"quadrant/cut": cut, "wanted/RD/P2": "0.5"})
    return int(page.rstrip("/").rpartition("/")[2])


_OF = "JOIN connected_workspace w ON w.id = workspace_id WHERE w.slug = 'sample'"


def _one(stack: Stack, statement: str) -> int:
    return int(stack.sql(statement.format(of=_OF))[0][0])


def _delivered(stack: Stack) -> dict[str, int | str]:
    """A webhook that hears of runs, at an address that is nowhere, and what was sent to it."""
    newest = f"SELECT d.webhook_id, max(d.id) FROM connected_delivery d {_OF} GROUP BY 1 ORDER BY 2 DESC"
    if not stack.sql(newest):
        hook = {"url": "https://connected.invalid/runs", "events": ["run.finished"]}
        stack.api(OWNER).made("webhooks/", hook)
        stack.manage("rescore", "--workspace", "sample", "--wait")
    webhook, delivery = stack.sql(newest)[0]
    return {"webhook": int(webhook), "delivery": int(delivery)}


def _upload(stack: Stack) -> str:
    """A table of firms between the look and the confirmation; whoever looks is the consultant."""
    visitor = stack.visitor(CONSULTANT)
    visitor.get("/w/sample/imports/")
    answer = visitor.post("/w/sample/imports/", kind="firms", paste="name,industry\nNorthgate Foods,Grocery")
    assert answer.status == 302, answer.text
    return answer.headers["location"].rstrip("/").rsplit("/", 1)[1]


def _job(stack: Stack) -> int:
    """A large file of answers that is only tried."""
    line = "Walt Disney Parks,Guest with a wristband,Walt Disney World theme parks,Guest {:05d},R1,3\n"
    rows = (line.format(number) for number in range(TOO_LARGE // len(line)))
    file = f"firm,segment,offering,participant,item,value\n{''.join(rows)}".encode()
    answer = stack.api(CONSULTANT).send("POST", "imports/answers/?dry_run=true", file, "text/csv")
    assert answer.status == 202, answer.text
    return int(answer.json()["id"])
