"""What every row inside a workspace has in common."""

from django.db import models
from django_scopes import ScopedManager


class Tenant(models.Model):
    """A row of one workspace. ``objects`` raises outside :func:`connected.tenancy.in_workspace`."""

    workspace = models.ForeignKey("connected.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)

    objects = ScopedManager(workspace="workspace")

    class Meta:
        abstract = True
