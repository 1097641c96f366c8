"""What every row inside a workspace has in common."""

from typing import TypeVar

from django.db import models
from django_scopes import get_scope
from django_scopes.manager import DisabledQuerySet

Row = TypeVar("Row", bound=models.Model)


class WorkspaceManager(models.Manager[Row]):
    """Rows of the workspace in scope; every query outside :func:`connected.tenancy.in_workspace` raises.

    django-scopes has such a manager of its own, made by a function that hides the model from the type
    checker.
    """

    def get_queryset(self) -> "models.QuerySet[Row]":
        scope = get_scope()
        if not scope.get("_enabled", True):
            return super().get_queryset()
        if "workspace" not in scope:
            disabled: models.QuerySet[Row] = DisabledQuerySet(
                self.model, using=self._db, missing_scopes={"workspace"}
            )
            return disabled
        return super().get_queryset().filter(workspace=scope["workspace"])


class Tenant(models.Model):
    """A row of one workspace. ``objects`` raises outside :func:`connected.tenancy.in_workspace`."""

    workspace = models.ForeignKey(
        "connected.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    objects = WorkspaceManager()

    class Meta:
        abstract = True
