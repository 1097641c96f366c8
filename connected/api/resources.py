"""What every resource does before and around its own work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.db.models import Field, Model, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import exceptions, mixins, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, IntegerField, ModelSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from connected.api.access import actor_of
from connected.api.batches import LIST_LIMIT, MOST, made_of, one_or_made, one_or_many
from connected.api.bodies import JSON_LIMIT, must_fit, must_have_length
from connected.api.fields import must_be_fields
from connected.api.lists import MOST_ID, PAGING, must_know
from connected.api.replays import HEADER, once
from connected.permissions import Actor

# Which method does what, on the list and on one row.
MANY: dict[str, Any] = {"get": "list", "post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


class Checked(APIView):
    """A view that refuses parameters it does not read, bodies without length, and bodies too large."""

    # Without OPTIONS: it would say what the schema says better, so it is refused and not offered.
    http_method_names = [name for name in APIView.http_method_names if name != "options"]
    parameters: ClassVar[tuple[str, ...]] = ()
    body_limit: ClassVar[int] = JSON_LIMIT
    # Names in the answer to a POST that are never kept, such as a secret.
    shown_once: ClassVar[tuple[str, ...]] = ()

    def known_parameters(self) -> tuple[str, ...]:
        return self.parameters

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            self.http_method_not_allowed(request)
        must_know(request, self.known_parameters())
        if request.method not in SAFE_METHODS:
            must_have_length(request)
            must_fit(request, self.body_limit)
        if request.method == "POST" and HEADER in request.headers and request.auth is not None:
            # REST framework looks for the handler after this.
            setattr(self, "post", partial(once, self, self.post))  # type: ignore[attr-defined]  # noqa: B010

    def read(self, serializer: "BaseSerializer[Any]") -> dict[str, Any]:
        """The values of a body; 400 names what is missing, wrong or not known."""
        must_be_fields(serializer)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @contextmanager
    def parent_named(self, field: str) -> Iterator[None]:
        """A thing named in the body that may not be seen is a wrong value, not a missing page."""
        try:
            yield
        except Http404:
            if not field:
                raise
            raise exceptions.ValidationError({field: f"There is no such {field}."}) from None


class Listed(Checked, GenericViewSet[Any]):
    """Rows of one model the actor may see: pages and filters on the list, nothing elsewhere."""

    model: ClassVar[type[Model]]

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        raise NotImplementedError

    def known_parameters(self) -> tuple[str, ...]:
        if self.action != "list":
            return self.parameters
        filters = getattr(self, "filterset_class", None)
        return (*(filters.base_filters if filters else ()), *PAGING, *self.parameters)

    def get_queryset(self) -> "QuerySet[Any]":
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.visible(actor_of(self.request))


@dataclass(frozen=True)
class Verbs:
    """What reads and writes one kind of row.

    ``add_all`` makes those of a list. ``key`` is the verbs' name of the row's id; ``parent`` names the
    field of the thing it belongs to, which is given when it is made and stays.
    """

    visible: Callable[[Actor], "QuerySet[Any]"]
    add: Callable[..., Model]
    change: Callable[..., Model]
    drop: Callable[..., None]
    key: str
    add_all: Callable[..., list[int]]
    parent: str = ""


class Resource(mixins.ListModelMixin, mixins.RetrieveModelMixin, Listed):
    """Create, read, update, delete and filter, each write by its verb."""

    verbs: ClassVar[Verbs]
    body_limit = LIST_LIMIT

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return self.verbs.visible(actor)

    def create(self, request: Request) -> Response:
        if isinstance(request.data, list):
            return self._create_all(request.data)
        values = self.read(self.get_serializer(data=request.data))
        with self.parent_named(self.verbs.parent):
            row = self.verbs.add(by=actor_of(request), **values)
        body = self.get_serializer(row).data
        location = request.build_absolute_uri(f"{request.path}{row.pk}/")
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": location})

    def _create_all(self, items: list[Any]) -> Response:
        add = partial(self.verbs.add_all, by=actor_of(self.request))
        made = made_of(items, self.get_serializer(data=items, many=True), add)
        return Response(made, status=status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        serializer = self.get_serializer(row, data=request.data)
        return self._changed(row, {**_defaults(serializer), **self.read(serializer)})

    def partial_update(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        return self._changed(row, self.read(self.get_serializer(row, data=request.data, partial=True)))

    def destroy(self, request: Request, pk: int) -> Response:
        self.verbs.drop(by=actor_of(request), **{self.verbs.key: pk})
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _changed(self, row: Model, values: dict[str, Any]) -> Response:
        if parent := self.verbs.parent:
            stays = getattr(row, f"{parent}_id")
            if values.pop(f"{parent}_id", stays) != stays:
                raise exceptions.ValidationError({parent: f"It stays with its {parent}."})
        changed = self.verbs.change(by=actor_of(self.request), **{self.verbs.key: row.pk}, **values)
        return Response(self.get_serializer(changed).data)


def _defaults(serializer: "BaseSerializer[Any]") -> dict[str, Any]:
    """What PUT sets where the body is silent: the model's defaults, but a place in an order stays."""
    assert isinstance(serializer, ModelSerializer)
    model: type[Model] = serializer.Meta.model
    return {
        name: _default(model, name)
        for name, field in serializer.fields.items()
        if not (field.read_only or field.required or name == "position")
    }


def _default(model: type[Model], name: str) -> Any:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field.get_default()


class IdField(IntegerField):
    """The id of another row, within what the database can hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_ID, **kwargs)


def example(**body: Any) -> list[OpenApiExample]:
    """A body for the docs page that is taken as it is, the ids put right."""
    return [OpenApiExample("Example", value=body, request_only=True)]


def described(
    tag: str, one: str, many: str, body: list[OpenApiExample], **more: str
) -> Callable[[type], type]:
    """Words for the docs of a :class:`Resource`; ``more`` adds sentences to an operation."""
    summaries = {
        "list": f"List {many}",
        "create": f"Add {one}",
        "retrieve": f"Read {one}",
        "update": f"Replace {one}",
        "partial_update": f"Change some values of {one}",
        "destroy": f"Delete {one}",
    }
    words: dict[str, dict[str, Any]] = {
        action: {"tags": [tag], "summary": summary, "description": more.get(action)}
        for action, summary in summaries.items()
    }
    component = f"{one.split()[-1].title()}Body"
    listed = f"A list of 1 to {MOST} makes all of them or, with one bad item, none: 422 names each."
    words["create"] |= {
        "summary": f"Add {one}, or a list of {many}",
        "description": f"{more.get('create', '')} {listed}".strip(),
        "request": one_or_many(f"{component}Request"),
        "responses": {201: one_or_made(component)},
    }
    examples = {"create": body, "update": body}
    return extend_schema_view(
        **{action: extend_schema(**said, examples=examples.get(action)) for action, said in words.items()}
    )
