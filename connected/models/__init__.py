"""The words every app shares: people, workspaces, firms, segments, touchpoints."""

from connected.models.firms import Consent, Firm, Segment
from connected.models.people import ApiToken, FirmGrant, Membership, Role, Scope, User, Workspace
from connected.models.replays import KeptAnswer
from connected.models.tenant import Tenant
from connected.models.touchpoints import Touchpoint
from connected.models.webhooks import DELIVERY_STATES, EVENTS, WEBHOOK_STATES, Delivery, Webhook

__all__ = [
    "DELIVERY_STATES",
    "EVENTS",
    "WEBHOOK_STATES",
    "ApiToken",
    "Consent",
    "Delivery",
    "Firm",
    "FirmGrant",
    "KeptAnswer",
    "Membership",
    "Role",
    "Scope",
    "Segment",
    "Tenant",
    "Touchpoint",
    "User",
    "Webhook",
    "Workspace",
]
