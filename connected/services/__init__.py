"""The verbs of the shared words. Views, REST, commands and tests call the same ones.

Each is atomic and keyword-only, takes ``by`` (the :class:`~connected.permissions.Actor`), checks what
it is given (:class:`~django.core.exceptions.ValidationError` names field and reason) and returns the
object.
"""

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

__all__ = [
    "actor_for",
    "add_firm",
    "add_member",
    "add_segment",
    "add_touchpoint",
    "change_firm",
    "change_role",
    "change_segment",
    "change_touchpoint",
    "create_workspace",
    "drop_firm",
    "drop_member",
    "drop_segment",
    "drop_touchpoint",
    "grant_firms",
    "make_token",
    "move_touchpoint",
    "revoke_token",
]
