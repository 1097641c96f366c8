"""Members of the workspace: bring in, give a role, grant firms, take out. Owners only."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from connected import permissions, queries, services
from connected.forms import GrantForm, MemberForm
from connected.models import Role
from connected.permissions import Asked


def members(request: Asked, workspace: str) -> HttpResponse:
    permissions.must_own(request.actor)
    return render(request, "connected/members.html", {"members": queries.members(), "roles": Role.choices})


def new(request: Asked, workspace: str) -> HttpResponse:
    actor = permissions.must_own(request.actor)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and (member := form.call(services.add_member, by=actor)):
        messages.success(request, f"{member.user} is a member now.")
        if member.role == Role.MANAGER:
            return redirect("member-firms", workspace, member.pk)
        return redirect("members", workspace)
    status = 422 if form.is_bound else 200
    return render(request, "connected/member_form.html", {"form": form}, status=status)


@require_POST
def role(request: Asked, workspace: str, member: int) -> HttpResponse:
    """Another role; a new manager sees no firm yet, so that the grants come next."""
    permissions.see_member(request.actor, member)
    wanted = request.POST.get("role", "")
    try:
        changed = services.change_role(by=request.actor, membership_id=member, role=wanted)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("members", workspace)
    messages.success(request, f"{changed.user} is {changed.get_role_display().lower()} now.")
    if changed.role == Role.MANAGER:
        return redirect("member-firms", workspace, member)
    return redirect("members", workspace)


def firms(request: Asked, workspace: str, member: int) -> HttpResponse:
    """Which firms a manager may look at."""
    row = permissions.see_member(request.actor, member)
    granted = queries.granted_firms(member)
    form = GrantForm(request.POST or None, initial={"firms": granted})
    if request.method == "POST" and form.is_valid():
        ids = [firm.pk for firm in form.cleaned_data["firms"]]
        services.grant_firms(by=request.actor, membership_id=member, firm_ids=ids)
        messages.success(request, f"{row.user} sees {len(ids):,} firm{'' if len(ids) == 1 else 's'}.")
        return redirect("members", workspace)
    status = 422 if form.is_bound else 200
    return render(request, "connected/member_firms.html", {"form": form, "member": row}, status=status)


def remove(request: Asked, workspace: str, member: int) -> HttpResponse:
    row = permissions.see_member(request.actor, member)
    if request.method == "POST":
        try:
            services.drop_member(by=request.actor, membership_id=member)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            if row.user_id == request.actor.user_id:
                return redirect("home")
            messages.success(request, f"{row.user} is no longer a member.")
        return redirect("members", workspace)
    tokens = permissions.tokens_seen(request.actor).filter(membership=row, revoked_at__isnull=True).count()
    return render(request, "connected/member_remove.html", {"member": row, "tokens": tokens})
