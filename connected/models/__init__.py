"""The words every app shares: people, workspaces, firms, segments, touchpoints."""

from connected.models.firms import Consent, Firm, Segment
from connected.models.people import ApiToken, FirmGrant, Membership, Role, Scope, User, Workspace
from connected.models.tenant import Tenant
from connected.models.touchpoints import Touchpoint

__all__ = [
    "ApiToken",
    "Consent",
    "Firm",
    "FirmGrant",
    "Membership",
    "Role",
    "Scope",
    "Segment",
    "Tenant",
    "Touchpoint",
    "User",
    "Workspace",
]
