"""Two workspaces whose every word and number can be recognised wherever it turns up.

Made once, with the real verbs: ours, with a firm the manager may see and one they may not, and theirs.
The ids of each part come from a range of their own, so an id is as much a canary as a name.
"""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from django.apps import apps
from django.core.cache import cache
from django.db import connections, models
from django.utils import timezone

from assessments.models import ImportJob, KeptSheet
from assessments.queries import current_instrument
from assessments.services import add_participant, move_version, save_answers, start_workshop
from assessments.services.imports import Imported, start_import
from assessments.tables import Problem
from assessments.views import imports
from connected.commits import CurrentTransaction
from connected.models import ApiToken, Delivery, FirmGrant, Membership, Role, Scope, Tenant, User, Webhook
from connected.permissions import Actor, actor_of
from connected.services import (
    add_firm,
    add_member,
    add_segment,
    add_touchpoint,
    add_webhook,
    announce,
    change_segment,
    create_workspace,
    drop_segment,
    grant_firms,
    keep_answer,
    make_token,
    revoke_token,
    rotate_secret,
)
from connected.tenancy import in_workspace
from matrix.frames import cube
from matrix.models import (
    Change,
    Chunk,
    CubeState,
    Departed,
    Edit,
    Generation,
    GoneSegment,
    Headcount,
    Move,
    Overlay,
    Placement,
    Resize,
    ScoringModel,
    Stale,
    Sums,
)
from matrix.services import (
    cancel_run,
    claim_chunk,
    fail_chunk,
    fork_model,
    mark_stale,
    publish_draft,
    rescore_stale,
    save_draft,
    score_claimed,
    start_run,
)

OURS, THEIRS, NEVER = "emu-consulting", "quokka-consulting", "tapir-consulting"
SHORT = 5
# Where ids begin: seven digits each, and no id of one part occurs in another.
RANGES = {
    "granted": 2_000_000,
    "hidden": 4_000_000,
    "theirs": 6_000_000,
    "never": 8_000_000,
    "new": 9_000_000,
}
WORDS = {"granted": "numbat", "hidden": "wombat", "theirs": "quokka", "never": "tapirs"}


@dataclass(frozen=True)
class Realm:
    """One part of the world: who may not see it must not see a sign of it.

    ``ids`` by kind, ``word`` in every text, ``signs`` what gives it away.
    """

    name: str
    slug: str
    word: str
    ids: Mapping[str, int]
    signs: frozenset[str] = frozenset()

    def found_in(self, text: str, steady: str) -> set[str]:
        """The signs in an answer; short ones, which could be in any random text, without chance."""
        return {sign for sign in self.signs if sign in (text if len(sign) > SHORT else steady)}


@dataclass
class World:
    """Both workspaces, who is in them and the texts of their tokens."""

    realms: dict[str, Realm] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    workspaces: dict[str, int] = field(default_factory=dict)
    sums: dict[int, str] = field(default_factory=dict)
    uploads: dict[str, imports.Upload] = field(default_factory=dict)

    def keep_uploads(self) -> None:
        """Files that wait for their confirmation: in the cache, where no transaction takes them back."""
        for place, upload in self.uploads.items():
            cache.set(place, upload, imports.KEPT)


def tenant_models() -> list[type[models.Model]]:
    """Every table that belongs to workspaces; views and what never gets a table left out."""
    return [model for model in apps.get_models() if issubclass(model, Tenant) and model._meta.managed]


def kind_of(model: type[models.Model]) -> str:
    """How routes and fields name a row of it."""
    known: dict[type[models.Model], str] = {Membership: "member", ApiToken: "token", FirmGrant: "grant"}
    return known.get(model, model._meta.model_name or "")


def tables() -> list[type[models.Model]]:
    return [*tenant_models(), User, ScoringModel]


def begin_ids(part: str) -> None:
    """Let every table's next id come from this part's range."""
    with connections["owner"].cursor() as cursor:
        for place, model in enumerate(tables()):
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                [model._meta.db_table, RANGES[part] + 10_000 * place],
            )


def never() -> Realm:
    """Ids and words nothing ever had, of the same length as the real ones."""
    ids = {kind_of(model): RANGES["never"] + 10_000 * place + 7 for place, model in enumerate(tables())}
    return Realm("never", NEVER, WORDS["never"], ids)


def build() -> World:
    world = World()
    begin_ids("granted")
    owner, consultant = _people(world, "our", OURS, "emu")
    _build_ours(world, owner, consultant)
    begin_ids("theirs")
    owner, consultant = _people(world, "their", THEIRS, WORDS["theirs"])
    _build_theirs(world, owner)
    world.users["stranger"] = User.objects.create_user("stranger@example.test", name="Stranger")
    world.realms["never"] = never()
    _uploads(world)
    begin_ids("new")
    return world


def _people(world: World, side: str, slug: str, word: str) -> tuple[Actor, Actor]:
    def person(role: str) -> User:
        user = User.objects.create_user(f"{word}-{role}@example.test", name=f"{word} {role} person")
        world.users[f"{side} {role}"] = user
        return user

    owner = create_workspace(slug=slug, name=f"{word} workspace", owner=person("owner"))
    world.workspaces[side] = owner.workspace_id
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        user = person("consultant")
        membership = add_member(by=owner, email=user.email, name=user.name, role=Role.CONSULTANT)
        return owner, actor_of(membership)


def _build_ours(world: World, owner: Actor, consultant: Actor) -> None:
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        _own_model(owner, "emu")
        managers = {name: _manager(world, owner, name) for name in ("granted", "ungranted")}
        granted = _firm(consultant, "granted", managers["granted"].user_id)
        granted |= _person(managers["granted"])
        grant = grant_firms(by=owner, membership_id=granted["member"], firm_ids=[granted["firm"]])
        granted["grant"] = FirmGrant.objects.get(membership=grant).pk
        granted["token"] = _tokens(world, owner, managers)
        others, _ = make_token(by=consultant, name="emu other", scope=Scope.WRITE)
        granted["others"] = others.pk
        granted["keptanswer"] = _kept(consultant, others, "granted")
        granted |= _webhook(owner, "granted") | _import(consultant, "granted") | _draft(consultant, "granted")
    begin_ids("hidden")
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        hidden = _firm(consultant, "hidden", None)
        # Of the workspace and not of a firm: other people's, which managers may not see either.
        hidden |= {**_person(consultant), "token": granted.pop("others")} | _webhook(owner, "hidden")
        hidden |= _import(consultant, "hidden") | _draft(consultant, "hidden")
    rescore_stale(workspace_id=owner.workspace_id)
    _runs(owner, granted)
    _runs(owner, hidden)
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        # Over all firms, so of none that a manager was granted; left waiting, so that it can be cancelled.
        hidden["run"] = start_run(by=owner).pk
    world.realms["granted"] = _realm("granted", owner, granted)
    world.realms["hidden"] = _realm("hidden", owner, hidden)


def _person(actor: Actor) -> dict[str, int]:
    assert actor.membership_id is not None
    assert actor.user_id is not None
    return {"member": actor.membership_id, "user": actor.user_id}


def _uploads(world: World) -> None:
    """A file of each who may import, waiting."""
    for side, word, part in (("our", "numbat", "granted"), ("their", "quokka", "theirs")):
        packed = zlib.compress(f"firm,industry\n{word} upload firm,{word} upload\n".encode())
        for role in ("owner", "consultant"):
            place = f"upload:{world.workspaces[side]}:{world.users[f'{side} {role}'].pk}"
            world.uploads[place] = imports.Upload(
                f"{WORDS[part]}-upload", "firms", f"{word} file.csv", packed
            )


def _manager(world: World, owner: Actor, name: str) -> Actor:
    user = User.objects.create_user(f"emu-{name}@example.test", name=f"emu {name} manager")
    world.users[name] = user
    return actor_of(add_member(by=owner, email=user.email, name=user.name, role=Role.MANAGER))


def _tokens(world: World, owner: Actor, managers: Mapping[str, Actor]) -> int:
    """Every kind of token of ours; returns the id of one that is alive."""
    write, world.tokens["write"] = make_token(by=owner, name="emu write", scope=Scope.WRITE)
    _, world.tokens["read"] = make_token(by=owner, name="emu read", scope=Scope.READ)
    for name, manager in managers.items():
        _, world.tokens[name] = make_token(by=manager, name=f"emu {name}", scope=Scope.WRITE)
    revoked, world.tokens["revoked"] = make_token(by=owner, name="emu revoked", scope=Scope.WRITE)
    revoke_token(by=owner, token_id=revoked.pk)
    expired = timezone.now() - timedelta(minutes=1)
    _, world.tokens["expired"] = make_token(by=owner, name="emu old", scope=Scope.WRITE, expires_at=expired)
    world.tokens["garbage"] = f"cs_{'0' * 16}_{'garbage-' * 5}"
    return write.pk


def _kept(by: Actor, token: ApiToken, part: str) -> int:
    """What was answered to a call of this token that named a key."""
    texts = {name: f"{WORDS[part]} {name}" for name in ("key", "request", "kind", "location")}
    asked = actor_of(Membership.objects.get(pk=by.membership_id or 0), token)
    return keep_answer(by=asked, status=201, body=f"{WORDS[part]} body".encode(), **texts).pk


def _webhook(by: Actor, part: str) -> dict[str, int]:
    """A webhook that was told of something once, and did not take it."""
    word = WORDS[part]
    url = f"https://{word}.invalid/{word}"
    webhook, _ = add_webhook(by=by, url=url, events=["run.finished"], name=f"{word} webhook")
    rotate_secret(by=by, webhook_id=webhook.pk)
    announce(workspace_id=by.workspace_id, kind="run.finished", payload={"firm": f"{word} firm"})
    Webhook.objects.filter(pk=webhook.pk).update(reason=f"{word} reason")
    told = Delivery.objects.filter(webhook=webhook)
    told.update(reply=f"{word} reply", reason=f"{word} reason", state="failed", status=500)
    return {"webhook": webhook.pk, "delivery": told.get().pk}


def _import(by: Actor, part: str) -> dict[str, int]:
    """A large file that waits for a word, with its word in its name, its rows and what is said of them."""
    word = WORDS[part]
    content = f"firm\n{word} import firm\n".encode()
    source = BytesIO(content)
    job = start_import(by=by, name=f"{word} import.csv", source=source, size=len(content), writes=False)
    problems = [asdict(Problem(2, "firm", f"{word} problem", f"{word} import firm"))]
    rows = ImportJob.objects.filter(pk=job.pk)
    rows.update(
        state="checked", problems=problems, reason=f"{word} reason", counts=asdict(Imported(*[1] * 8))
    )
    kept = job.parts.get()
    job.parts.update(data=content)  # As it is, so that what it says can be recognised.
    return {"importjob": job.pk, "importpart": kept.pk}


def _own_model(by: Actor, word: str) -> int:
    """A model the workspace published: every member may read it, nobody else knows of it."""
    base = ScoringModel.objects.get(code="cs-1", version=2)
    texts = {"code": f"{word}-own", "title": f"{word} model", "note": f"{word} note"}
    draft = fork_model(by=by, model_id=base.pk)
    return publish_draft(by=by, draft_id=draft.pk, version=draft.version, **texts).pk


def _draft(by: Actor, part: str) -> dict[str, int]:
    """A model that is edited, its word in a value that cannot be used."""
    word = WORDS[part]
    draft = fork_model(by=by, model_id=ScoringModel.objects.latest("id").pk)
    values = {"title": f"{word} draft", "quadrant/cut": f"{word} cut"}
    save_draft(by=by, draft_id=draft.pk, version=draft.version, values=values)
    return {"modeldraft": draft.pk}


def _build_theirs(world: World, owner: Actor) -> None:
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        ids = _firm(owner, "theirs", None)
        user = User.objects.create_user("quokka-manager@example.test", name="quokka manager person")
        manager = add_member(by=owner, email=user.email, name=user.name, role=Role.MANAGER)
        grant_firms(by=owner, membership_id=manager.pk, firm_ids=[ids["firm"]])
        token, world.tokens["theirs"] = make_token(by=owner, name="quokka token", scope=Scope.WRITE)
        grant = FirmGrant.objects.get(membership=manager)
        ids |= {"member": manager.pk, "user": user.pk, "token": token.pk, "grant": grant.pk}
        ids["keptanswer"] = _kept(owner, token, "theirs")
        ids |= _webhook(owner, "theirs") | _import(owner, "theirs")
        ids["scoringmodel"] = _own_model(owner, WORDS["theirs"])
        ids |= _draft(owner, "theirs")
    rescore_stale(workspace_id=owner.workspace_id)
    _runs(owner, ids)
    _whole_run(owner)
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        cube.hold_off()
        cube.recount()
        Headcount.objects.create(workspace_id=owner.workspace_id, segments=0)
        mark_stale(workspace_id=owner.workspace_id, segment_ids=[ids["segment"]])
    rescore_stale(workspace_id=owner.workspace_id)
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        ids["spare"] = _gone(owner, ids)
        last = (
            *(Change, Chunk, CubeState, Departed, Edit, Generation, GoneSegment, Headcount, Move, Overlay),
            *(Resize, Sums),
        )
        ids |= {kind_of(model): model._default_manager.latest("pk").pk for model in last}
        # Left waiting on purpose: a mark nobody has scored yet is a row like any other.
        mark_stale(workspace_id=owner.workspace_id, segment_ids=[ids["segment"]])
        ids["stale"] = Stale.objects.get().pk
    world.realms["theirs"] = _realm("theirs", owner, ids)


def _firm(by: Actor, part: str, manager: int | None) -> dict[str, int]:
    """A firm with everything below it, its word in every text and its numbers in every number."""
    word, number = WORDS[part], RANGES[part]
    texts = {name: f"{word} {name}" for name in ("industry", "need", "refuses")}
    firm = add_firm(by=by, name=f"{word} firm", **texts)
    segment = add_segment(
        by=by,
        firm_id=firm.pk,
        name=f"{word} segment",
        offering=f"{word} offering",
        situation=f"{word} situation",
        customers=number + 900_001,
        revenue=Decimal(number + 910_001) + Decimal("0.37"),
        currency=CURRENCIES[part],
        source=f"{word} source",
    )
    touchpoints = [
        add_touchpoint(
            by=by,
            segment_id=segment.pk,
            name=f"{word} touchpoint {place}",
            step="request",
            position=number + 920_001 + place,
            importance=3,
            pain=1 + place,
            **{name: f"{word} {name}" for name in _TOUCHPOINT_TEXTS},
        )
        for place in range(2)
    ]
    ids = {"firm": firm.pk, "segment": segment.pk, "touchpoint": touchpoints[0].pk}
    return ids | _workshop(by, part, firm.pk, segment.pk, manager)


# Customers, revenue, and the places of two touchpoints, above where ids begin.
NUMBERS = (900_001, 910_001, 920_001, 920_002)
CURRENCIES = {"granted": "XGR", "hidden": "XHI", "theirs": "XQK"}
_TOUCHPOINT_TEXTS = (
    "description",
    "data_captured",
    "consent_basis",
    "cost",
    "owner",
    "metric",
    "metric_value",
)


def _workshop(by: Actor, part: str, firm: int, segment: int, manager: int | None) -> dict[str, int]:
    word = WORDS[part]
    workshop = start_workshop(by=by, firm_id=firm, name=f"{word} workshop")
    users = (by.user_id, manager, None)
    people = [
        add_participant(
            by=by,
            workshop_id=workshop.pk,
            name=f"{word} participant {place}",
            group=f"{word} group",
            user_id=user,
        )
        for place, user in enumerate(users)
    ]
    shift = list(WORDS).index(part)
    for place, person in enumerate(people):
        items = current_instrument().items
        answers = {item.code: list(item.values)[(item.position * (shift + 2) + place) % 5] for item in items}
        sheet = save_answers(
            by=by,
            workshop_id=workshop.pk,
            participant_id=person.pk,
            segment_id=segment,
            answers=answers,
            evidence={"R1": f"{word} evidence"},
        )
    # There and back: what was kept on the way is a row like any other.
    there, back = (move_version(by=by, workshop_id=workshop.pk, version=to) for to in (2, 1))
    assert there
    assert back
    kept = KeptSheet.objects.filter(participant=people[-1], instrument=there.before_id).get()
    ids = {"workshop": workshop.pk, "participant": people[-1].pk, "sheet": sheet.pk}
    return ids | {"upgrade": back.pk, "keptsheet": kept.pk}


def _runs(owner: Actor, ids: dict[str, int]) -> None:
    """One run of the firm that ended well, one that failed with a reason, one that was cancelled."""
    for ending in ("failed", "cancelled", "waiting"):
        with in_workspace(owner.workspace_id, user_id=owner.user_id):
            run = start_run(by=owner, firm_id=ids["firm"])
            chunk = run.chunks.get()
            ids["run"], ids["chunk"] = run.pk, chunk.pk
        _end(owner, run.pk, chunk.pk, ending)
    with in_workspace(owner.workspace_id):
        ids["placement"] = Placement.objects.filter(segment_id=ids["segment"]).earliest("id").pk
        ids["overlay"] = Overlay.objects.get(segment_id=ids["segment"]).pk
        ids["move"] = Move.objects.filter(segment_id=ids["segment"]).latest("id").pk


def _end(owner: Actor, run_id: int, chunk_id: int, ending: str) -> None:
    if ending == "cancelled":
        with in_workspace(owner.workspace_id, user_id=owner.user_id):
            cancel_run(by=owner, run_id=run_id)
    if ending == "failed":
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk_id)
        assert claim is not None
        fail_chunk(claim=claim, reason=f"{owner.workspace_name.split()[0]} reason")


def _whole_run(owner: Actor) -> None:
    """A run over the workspace that ends well and so becomes its generation."""
    with in_workspace(owner.workspace_id, user_id=owner.user_id):
        chunk = start_run(by=owner).chunks.get()
    claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk.pk)
    assert claim is not None
    assert score_claimed(claim=claim) == 1


def _gone(owner: Actor, ids: dict[str, int]) -> int:
    """A segment that was edited and deleted, with what is written down of that; and sums of a run."""
    word, number = WORDS["theirs"], RANGES["theirs"]
    spare = add_segment(by=owner, firm_id=ids["firm"], name=f"{word} spare")
    sizes = {"customers": number + 900_001, "revenue": number + 910_001, "currency": CURRENCIES["theirs"]}
    change_segment(by=owner, segment_id=spare.pk, **sizes)
    drop_segment(by=owner, segment_id=spare.pk)
    here = owner.workspace_id
    Sums.objects.create(
        workspace_id=here,
        run=ids["run"],
        chunk=Chunk.objects.latest("pk").pk,
        own=CurrentTransaction(),
        last=0,
        seen="3:3:",
        data=f"{word} sums".encode(),
    )
    facts = {"facts": f"{word} facts"}
    Departed.objects.create(workspace_id=here, generation=ids["run"], segment=ids["segment"], facts=facts)
    return spare.pk


def _realm(name: str, owner: Actor, ids: dict[str, int]) -> Realm:
    number = RANGES[name]
    numbers = {
        number + 900_001,
        number + 910_001,
        *(number + 920_001 + place for place in range(2)),
        *ids.values(),
    }
    signs = {sign for value in numbers for sign in (str(value), f"{value:,}", f"{value:,}".replace(",", " "))}
    signs |= {WORDS[name], CURRENCIES[name]}
    with in_workspace(owner.workspace_id):
        segments = [ids["segment"]] if name != "theirs" else None
        prints = Placement.objects.filter(**({"segment_id__in": segments} if segments else {}))
        signs |= set(prints.values_list("fingerprint", flat=True))
        if name == "theirs":
            for key, digest in ApiToken.objects.values_list("key", "digest"):
                signs |= {key, digest}
            for row in Webhook.objects.values_list("nonce", "old_nonce", "deliveries__event"):
                signs |= set(row)
    return Realm(name, owner.workspace_slug, WORDS[name], ids, frozenset(signs))


__all__ = [
    "NEVER",
    "OURS",
    "THEIRS",
    "Realm",
    "World",
    "begin_ids",
    "build",
    "kind_of",
    "tables",
    "tenant_models",
]
