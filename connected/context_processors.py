"""What every page knows."""

from typing import Any

from django.http import HttpRequest

THEMES = ("light", "dark")
# The first word of an address below the workspace, where it is not the section itself.
_SECTIONS = {"": "portfolio", "segments": "firms", "touchpoints": "firms"}


def workspace(request: HttpRequest) -> dict[str, Any]:
    """For the masthead and for what a page offers.

    ``actor`` (None outside a workspace), ``section`` (which entry is underlined; a view's own value
    goes before) and ``theme`` (light, dark, or empty to follow the system).
    """
    theme = request.COOKIES.get("theme", "")
    return {
        "actor": getattr(request, "actor", None),
        "section": section(request.path_info),
        "theme": theme if theme in THEMES else "",
    }


def section(path: str) -> str:
    """The entry of the main navigation an address belongs to; empty outside a workspace."""
    parts = path.split("/")
    if len(parts) < 4 or parts[1] != "w":
        return ""
    return _SECTIONS.get(parts[3], parts[3])
