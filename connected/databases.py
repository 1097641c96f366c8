"""Which login does what: the app role serves, the owner role migrates."""

from typing import Any


class OwnerMigrates:
    """Schema changes go through the ``owner`` alias only; the app role has no right to them."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
