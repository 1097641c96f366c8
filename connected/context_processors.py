"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, Any]:
    """``actor`` (None outside a workspace) for the masthead and for what a page offers."""
    return {"actor": getattr(request, "actor", None)}
