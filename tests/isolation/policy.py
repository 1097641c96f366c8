"""Who may call what: one row for every route and method. A route without a row fails the suite.

The figures are the status a caller gets for ids of our firm that the manager was granted. ``in`` is the
way to the sign-in page, ``405`` stands for a method the address does not know.
"""

from dataclasses import dataclass

from tests.isolation.calls import PEOPLE, TOKENS

PERSONS = tuple(PEOPLE)
TABLE = """
# Pages outside any workspace
#                          nobody  stranger  their-owner their-consultant  ungranted granted consultant owner
home               GET     in      200       302         302               302       302     302        302
sign-in            GET     200     302       302         302               302       302     302        302
sign-in            POST    200     302       302         302               302       302     302        302
sign-in            PUT     200     302       302         302               302       302     302        302
sign-out           POST    in      in        in          in                in        in      in         in
theme              POST    302     302       302         302               302       302     302        302
healthz            GET     503     503       503         503               503       503     503        503

# Pages of a workspace
find               GET     in      404       404         404               200       200     200        200
firm-new           GET     in      404       404         404               403       403     200        200
firm-new           POST    in      404       404         404               403       403     302        302
firm-edit          GET     in      404       404         404               404       403     200        200
firm-edit          POST    in      404       404         404               404       403     302        302
firm-delete        GET     in      404       404         404               404       403     200        200
firm-delete        POST    in      404       404         404               404       403     302        302
segment-new        GET     in      404       404         404               404       403     200        200
segment-new        POST    in      404       404         404               404       403     302        302
segment-edit       GET     in      404       404         404               404       403     200        200
segment-edit       POST    in      404       404         404               404       403     302        302
segment-delete     GET     in      404       404         404               404       403     200        200
segment-delete     POST    in      404       404         404               404       403     302        302
journey            GET     in      404       404         404               404       200     200        200
touchpoint-new     GET     in      404       404         404               404       403     200        200
touchpoint-new     POST    in      404       404         404               404       403     302        302
touchpoint-restore POST    in      404       404         404               404       403     302        302
touchpoint-edit    GET     in      404       404         404               404       403     200        200
touchpoint-edit    POST    in      404       404         404               404       403     302        302
touchpoint-delete  POST    in      404       404         404               404       403     302        302
touchpoint-move    POST    in      404       404         404               404       403     302        302
settings           GET     in      404       404         404               200       200     200        200
members            GET     in      404       404         404               403       403     403        200
member-new         GET     in      404       404         404               403       403     403        200
member-new         POST    in      404       404         404               403       403     403        302
member-role        POST    in      404       404         404               403       403     403        302
member-firms       GET     in      404       404         404               403       403     403        200
member-firms       POST    in      404       404         404               403       403     403        302
member-remove      GET     in      404       404         404               403       403     403        200
member-remove      POST    in      404       404         404               403       403     403        302
tokens             GET     in      404       404         404               200       200     200        200
tokens             POST    in      404       404         404               302       302     302        302
webhooks           GET     in      404       404         404               403       403     403        200
webhook-new        GET     in      404       404         404               403       403     403        200
webhook-new        POST    in      404       404         404               403       403     403        302
webhook            GET     in      404       404         404               403       403     403        200
webhook-edit       GET     in      404       404         404               403       403     403        200
webhook-edit       POST    in      404       404         404               403       403     403        302
webhook-state      POST    in      404       404         404               403       403     403        302
webhook-rotate     POST    in      404       404         404               403       403     403        302
webhook-delete     GET     in      404       404         404               403       403     403        200
webhook-delete     POST    in      404       404         404               403       403     403        302
delivery           GET     in      404       404         404               403       403     403        200
delivery-replay    POST    in      404       404         404               403       403     403        302
token-revoke       POST    in      404       404         404               404       404     404        302
workshops          GET     in      404       404         404               200       200     200        200
workshop-new       GET     in      404       404         404               404       403     200        200
workshop-new       POST    in      404       404         404               404       403     302        302
workshop           GET     in      404       404         404               404       200     200        200
workshop-move      POST    in      404       404         404               404       403     302        302
workshop-groups    POST    in      404       404         404               404       403     302        302
workshop-questions GET     in      404       404         404               404       403     200        200
workshop-questions POST    in      404       404         404               404       403     302        302
participant-new    POST    in      404       404         404               404       403     302        302
participant-drop   POST    in      404       404         404               404       403     302        302
sheet              GET     in      404       404         404               404       404     200        200
sheet              POST    in      404       404         404               404       404     302        302
answer             POST    in      404       404         404               404       404     200        200
imports            GET     in      404       404         404               403       403     200        200
imports            POST    in      404       404         404               403       403     302        302
import-preview     GET     in      404       404         404               403       403     200        200
import-preview     POST    in      404       404         404               403       403     302        302
import-job         GET     in      404       404         404               403       403     200        200
import-job-confirm POST    in      404       404         404               404       404     302        302
import-job-cancel  POST    in      404       404         404               404       404     302        302
import-template    GET     in      404       404         404               200       200     200        200
export             GET     in      404       404         404               200       200     200        200
portfolio          GET     in      404       404         404               200       200     200        200
cell               GET     in      404       404         404               200       200     200        200
portfolio-csv      GET     in      404       404         404               200       200     200        200
firms              GET     in      404       404         404               200       200     200        200
firm               GET     in      404       404         404               404       200     200        200
segment            GET     in      404       404         404               404       200     200        200
segment-live       GET     in      404       404         404               404       200     200        200
segment-evidence   GET     in      404       404         404               404       200     200        200
workshop-agenda    GET     in      404       404         404               404       200     200        200
workshop-agreement GET     in      404       404         404               404       200     200        200
segment-robust     GET     in      404       404         404               404       200     200        200
segment-changes    GET     in      404       404         404               404       200     200        200
segment-moves      GET     in      404       404         404               404       200     200        200
segment-receipt    GET     in      404       404         404               404       200     200        200
runs               GET     in      404       404         404               200       200     200        200
run-start          POST    in      404       404         404               404       403     302        302
run                GET     in      404       404         404               404       200     200        200
run-cancel         POST    in      404       404         404               404       403     302        302
run-resume         POST    in      404       404         404               404       403     302        302
run-approve        POST    in      404       404         404               404       403     302        302
run-discard        POST    in      404       404         404               404       403     302        302
run-rollback       POST    in      404       404         404               404       403     302        302
models             GET     in      404       404         404               200       200     200        200
model              GET     in      404       404         404               200       200     200        200
model-fork         POST    in      404       404         404               403       403     302        302
draft              GET     in      404       404         404               403       403     200        200
draft              POST    in      404       404         404               403       403     302        302
draft-preview      POST    in      404       404         404               403       403     200        200
draft-publish      GET     in      404       404         404               403       403     302        302
draft-publish      POST    in      404       404         404               403       403     302        302
draft-drop         POST    in      404       404         404               403       403     302        302
"""
API_TABLE = """
#                          none  garbage  revoked  expired  theirs  ungranted  granted  read  write
api-schema         GET     200   200      200      200      200     200        200      200   200
api-docs           GET     200   200      200      200      200     200        200      200   200
api-guide          GET     200   200      200      200      200     200        200      200   200
api-firms          GET     401   401      401      401      200     200        200      200   200
api-firms          POST    401   401      401      401      201     403        403      403   201
api-firm           GET     401   401      401      401      404     404        200      200   200
api-firm           PUT     401   401      401      401      404     403        403      403   200
api-firm           PATCH   401   401      401      401      404     403        403      403   200
api-firm           DELETE  401   401      401      401      404     403        403      403   204
api-segments       GET     401   401      401      401      200     200        200      200   200
api-segments       POST    401   401      401      401      400     403        403      403   201
api-segment        GET     401   401      401      401      404     404        200      200   200
api-segment        PUT     401   401      401      401      404     403        403      403   200
api-segment        PATCH   401   401      401      401      404     403        403      403   200
api-segment        DELETE  401   401      401      401      404     403        403      403   204
api-touchpoints    GET     401   401      401      401      200     200        200      200   200
api-touchpoints    POST    401   401      401      401      400     403        403      403   201
api-touchpoint     GET     401   401      401      401      404     404        200      200   200
api-touchpoint     PUT     401   401      401      401      404     403        403      403   200
api-touchpoint     PATCH   401   401      401      401      404     403        403      403   200
api-touchpoint     DELETE  401   401      401      401      404     403        403      403   204
api-instruments    GET     401   401      401      401      200     200        200      200   200
api-instrument     GET     401   401      401      401      200     200        200      200   200
api-workshops      GET     401   401      401      401      200     200        200      200   200
api-workshops      POST    401   401      401      401      400     403        403      403   201
api-workshop       GET     401   401      401      401      404     404        200      200   200
api-workshop       PATCH   401   401      401      401      404     403        403      403   200
api-agreement      GET     401   401      401      401      404     404        200      200   200
api-answers        GET     401   401      401      401      404     404        200      200   200
api-answers        POST    401   401      401      401      404     404        404      403   200
api-import-answers POST    401   401      401      401      201     403        403      403   201
api-import         GET     401   401      401      401      404     404        404      200   200
api-import         DELETE  401   401      401      401      404     403        403      403   204
api-models         GET     401   401      401      401      200     200        200      200   200
api-model          GET     401   401      401      401      200     200        200      200   200
api-placements     GET     401   401      401      401      200     200        200      200   200
api-placement      GET     401   401      401      401      404     404        200      200   200
api-receipt        GET     401   401      401      401      404     404        200      200   200
api-change         GET     401   401      401      401      404     404        200      200   200
api-moves          GET     401   401      401      401      404     404        200      200   200
api-matrix         GET     401   401      401      401      200     200        200      200   200
api-runs           GET     401   401      401      401      200     200        200      200   200
api-runs           POST    401   401      401      401      400     403        403      403   202
api-run            GET     401   401      401      401      404     404        200      200   200
api-run-cancel     POST    401   401      401      401      404     403        403      403   200
api-run-resume     POST    401   401      401      401      404     403        403      403   409
api-run-approve    POST   401   401      401      401      404     403        403      403   409
api-run-discard    POST   401   401      401      401      404     403        403      403   409
api-run-rollback   POST   401   401      401      401      404     403        403      403   409
api-webhooks       GET     401   401      401      401      200     403        403      200   200
api-webhooks       POST    401   401      401      401      201     403        403      403   201
api-webhook        GET     401   401      401      401      404     403        403      200   200
api-webhook        PATCH   401   401      401      401      404     403        403      403   200
api-webhook        DELETE  401   401      401      401      404     403        403      403   204
api-webhook-rotate POST    401   401      401      401      404     403        403      403   200
api-deliveries     GET     401   401      401      401      404     403        403      200   200
api-delivery       GET     401   401      401      401      404     403        403      200   200
api-delivery-replay POST   401   401      401      401      404     403        403      403   202
api-root           GET     200   200      200      200      200     200        200      200   200
api-nowhere        GET     404   404      404      404      404     404        404      404   404
api-nowhere        POST    404   404      404      404      404     404        404      404   404
api-nowhere        PUT     404   404      404      404      404     404        404      404   404
api-nowhere        PATCH   404   404      404      404      404     404        404      404   404
api-nowhere        DELETE  404   404      404      404      404     404        404      404   404
"""


@dataclass(frozen=True)
class Row:
    """What each caller, by name, is to be answered."""

    route: str
    method: str
    outcomes: dict[str, str]


def _rows(table: str, columns: tuple[str, ...]) -> list[Row]:
    found = []
    for line in table.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        route, method, *outcomes = line.split()
        found.append(Row(route, method, dict(zip(columns, outcomes, strict=True))))
    return found


ROWS = [*_rows(TABLE, PERSONS), *_rows(API_TABLE, tuple(f"token:{name}" for name in TOKENS))]
BY_CALL = {(row.route, row.method): row for row in ROWS}
# Asks workers for a sign of life and waits two seconds for it: called by one person only.
SLOW = {"healthz"}
