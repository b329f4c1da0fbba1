"""Routing rules tried on past cases: what each would have taken, switched-off ones too. Changes nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.panel import panel_of
from backend.admin.rendering import render
from backend.admin.scope import cases_of
from backend.admin.who import who_of
from backend.areas.models import RoutingRule
from backend.cases.dispatching import rules_of
from backend.cases.models import Case
from backend.cases.rule_trial import MOST_TRIED, try_rules

SPANS = (7, 28, 90)
SHOWN = 12  # cases named per rule


async def show_trial(request: Request) -> Response:
    """Every rule with the cases of the last days that it would have won, first match first; the rest by the ladder."""
    panel, who = panel_of(request), who_of(request)
    asked = request.query_params.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]
    on = set(request.query_params.getlist("on"))
    since = panel.clock() - timedelta(days=days)
    async with panel.office.database.read() as session:
        rows = list((await session.exec(select(RoutingRule).order_by(col(RoutingRule.position)))).all())
        rules = [replace(rule, enabled=rule.enabled or rule.id in on) for rule in await rules_of(session)]
        tried = await try_rules(session, since, rules)
        mine = set((await session.exec(select(Case.number).where(cases_of(who), Case.created_at >= since))).all())
    won = {rule: [one for one in numbers if one in mine] for rule, numbers in tried.cases_by_rule.items()}
    ladder = sum(1 for one in tried.by_ladder if one in mine)
    facts: dict[str, Any] = {"days": days, "spans": SPANS, "on": on, "shown": SHOWN, "most": MOST_TRIED}
    return render(request, "rule_trial.html", rows=rows, won=won, ladder=ladder, gone=set(tried.gone), **facts)
