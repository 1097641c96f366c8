"""The verbs of the shared words. Views, REST, commands and tests call the same ones.

Each is atomic and keyword-only, takes ``by`` (the :class:`~connected.permissions.Actor`), checks what
it is given (:class:`~django.core.exceptions.ValidationError` names field and reason) and returns the
object.
"""

from connected.services.batches import BadItem, BadItems, add_firms, add_segments, add_touchpoints
from connected.services.deliveries import claim_delivery, drop_old_deliveries, send, send_due
from connected.services.firms import (
    add_firm,
    add_segment,
    add_touchpoint,
    change_firm,
    change_segment,
    change_touchpoint,
    drop_firm,
    drop_segment,
    drop_touchpoint,
    move_touchpoint,
)
from connected.services.people import (
    actor_for,
    add_member,
    change_role,
    create_workspace,
    drop_member,
    grant_firms,
    make_token,
    revoke_token,
)
from connected.services.replays import (
    KEPT,
    OtherRequest,
    StillRunning,
    drop_expired_answers,
    hold_key,
    keep_answer,
)
from connected.services.webhooks import (
    add_webhook,
    announce,
    change_webhook,
    drop_webhook,
    replay_delivery,
    rotate_secret,
)

__all__ = [
    "KEPT",
    "BadItem",
    "BadItems",
    "OtherRequest",
    "StillRunning",
    "actor_for",
    "add_firm",
    "add_firms",
    "add_member",
    "add_segment",
    "add_segments",
    "add_touchpoint",
    "add_touchpoints",
    "add_webhook",
    "announce",
    "change_firm",
    "change_role",
    "change_segment",
    "change_touchpoint",
    "change_webhook",
    "claim_delivery",
    "create_workspace",
    "drop_expired_answers",
    "drop_firm",
    "drop_member",
    "drop_old_deliveries",
    "drop_segment",
    "drop_touchpoint",
    "drop_webhook",
    "grant_firms",
    "hold_key",
    "keep_answer",
    "make_token",
    "move_touchpoint",
    "replay_delivery",
    "revoke_token",
    "rotate_secret",
    "send",
    "send_due",
]
