"""Small worlds for tests, made with the real verbs."""

from itertools import count

from connected.models import Firm, Membership, Role, Segment, User
from connected.permissions import Actor, actor_of
from connected.services import add_firm, add_member, add_segment, create_workspace, grant_firms
from connected.tenancy import in_workspace

_number = count(1)
PASSWORD = "a long enough password"


def person(name: str = "Person") -> User:
    return User.objects.create_user(f"{name.lower()}{next(_number)}@example.test", PASSWORD, name=name)


def workspace(name: str = "Consultancy") -> Actor:
    """A new workspace; returns its owner."""
    return create_workspace(slug=f"w{next(_number)}", name=name, owner=person("Owner"))


def member(owner: Actor, role: str = Role.CONSULTANT, firms: tuple[int, ...] = ()) -> Actor:
    """Another member; managers see ``firms``. Must be called inside the workspace."""
    user = person(role)
    membership = add_member(by=owner, email=user.email, name=user.name, role=role)
    if firms:
        grant_firms(by=owner, membership_id=membership.pk, firm_ids=firms)
    return actor_of(Membership.objects.select_related("user", "workspace").get(pk=membership.pk))


def firm(by: Actor, name: str = "") -> Firm:
    return add_firm(by=by, name=name or f"Firm {next(_number)}")


def segment(by: Actor, firm_id: int, name: str = "") -> Segment:
    return add_segment(by=by, firm_id=firm_id, name=name or f"Segment {next(_number)}")


__all__ = ["PASSWORD", "firm", "in_workspace", "member", "person", "segment", "workspace"]
