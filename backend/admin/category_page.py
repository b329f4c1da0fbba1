"""The taxonomy as staff read it: classes, leaves, limits, usual unit, evidence. Read-only: it ships with the model."""

from starlette.requests import Request
from starlette.responses import Response

from backend.admin.panel import panel_of
from backend.admin.rendering import render


async def category_list(request: Request) -> Response:
    """All categories, searchable in the browser."""
    taxonomy = panel_of(request).office.taxonomy
    groups = [(code, name, taxonomy.leaves_of(code)) for code, name in taxonomy.classes.items()]
    return render(request, "categories.html", groups=groups, total=len(taxonomy.leaves))
