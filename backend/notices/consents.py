"""The ledger of subscribe consents (订阅通知) per chat: an acceptance is good for one notice, a long-term one for all.

Kept under `consents["subscribe"]` of the identity: template id → how many notices it still allows, -1 for good.
"""

from collections.abc import Mapping

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.models import ApprovedTemplate
from backend.people.models import ChannelIdentity

FOR_GOOD = -1
MOST = 20  # acceptances that can pile up per template
ROUTE = "wechat.subscribe"


async def note_answers(session: AsyncSession, identity: ChannelIdentity, answers: Mapping[str, str]) -> None:
    """A person's answers to a subscribe request, template id → accept | reject (anything else is a refusal)."""
    found = await session.exec(select(ApprovedTemplate).where(ApprovedTemplate.route == ROUTE))
    for_good = {row.template_id for row in found.all() if row.long_term}
    ledger: dict[str, int] = dict(identity.consents.get("subscribe", {}))
    for template_id, answer in answers.items():
        if answer != "accept":
            ledger[template_id] = 0
        elif template_id in for_good:
            ledger[template_id] = FOR_GOOD
        else:
            ledger[template_id] = min(ledger.get(template_id, 0) + 1, MOST)
    await _keep(session, identity, ledger)


def allowed(identity: ChannelIdentity, template_id: str) -> bool:
    """Whether one more notice of this template may go out."""
    return bool(identity.consents.get("subscribe", {}).get(template_id, 0))


async def spend_consent(session: AsyncSession, identity: ChannelIdentity, template_id: str) -> None:
    """One notice of this template went out; a consent for good stays."""
    ledger: dict[str, int] = dict(identity.consents.get("subscribe", {}))
    if ledger.get(template_id, 0) > 0:
        ledger[template_id] -= 1
        await _keep(session, identity, ledger)


async def drop_consent(session: AsyncSession, identity: ChannelIdentity, template_id: str) -> None:
    """The platform says that no consent is left (43101): believe it over our own count."""
    ledger: dict[str, int] = dict(identity.consents.get("subscribe", {}))
    ledger[template_id] = 0
    await _keep(session, identity, ledger)


async def _keep(session: AsyncSession, identity: ChannelIdentity, ledger: dict[str, int]) -> None:
    identity.consents = {**identity.consents, "subscribe": ledger}
    session.add(identity)
    await session.flush()
