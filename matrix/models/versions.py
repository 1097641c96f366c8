"""Scoring models: the versions there are, and forks still edited."""

from django.db import models
from django_scopes import get_scope

from assessments.models import Instrument
from connected.models import Tenant, User, Workspace


class SharedOrOwn(models.Manager["ScoringModel"]):
    """The versions everyone has and, inside a workspace, those it published itself."""

    def get_queryset(self) -> "models.QuerySet[ScoringModel]":
        scope = get_scope()
        rows = super().get_queryset()
        if not scope.get("_enabled", True):
            return rows
        return rows.filter(models.Q(owner=None) | models.Q(owner_id=scope.get("workspace")))


class ScoringModel(models.Model):
    """One immutable version of loads, gates and cuts: shared by all workspaces, or ``owner``'s own.

    ``definition`` is the data file as loaded or published; :class:`matrix.scoring.Model` reads it. ``base``:
    the version an own one was forked from. The app can add a version of its workspace and change none.
    """

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="models")
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)
    owner = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    published_by = models.CharField(max_length=150, blank=True)

    objects = SharedOrOwn()

    class Meta:
        ordering = ["code", "version", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "code", "version"], name="model_version_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def name(self) -> str:
        """As runs and REST name it."""
        return f"{self.code}.v{self.version}"


class ModelDraft(Tenant):
    """A fork of a model that is still edited: what was typed, faults included.

    ``definition`` as :func:`matrix.scoring.forks.fork_of` gives it; ``version`` counts the savings.
    """

    base = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    definition = models.JSONField()
    version = models.IntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    edited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-edited_at", "-id"]
        indexes = [models.Index(fields=["workspace", "-edited_at"], name="draft_newest")]

    def __str__(self) -> str:
        return self.title
