"""Acting for somebody else (代办): only after the applicant has said yes, and known by name and phone."""

import re
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.case_view import Actor
from backend.items.applying import move_application
from backend.items.door import seal_for
from backend.items.models import Application
from backend.items.refusals import ProxyIncomplete, ProxyIsApplicant
from backend.office import Office
from backend.people.residents import new_resident, remember, resident_by_phone, resident_key

_PHONE = re.compile(r"\d{7,12}")


async def appoint_proxy(
    session: AsyncSession, office: Office, application: Application, actor: Actor, name: str, phone: str, now: datetime
) -> None:
    """Names the proxy. If a resident of ours has this phone, they may also act in their own chat from now on.

    Raises `ProxyIncomplete`, `ProxyIsApplicant` and the rules' refusals.
    """
    name, digits = name.strip(), re.sub(r"[^\d]", "", phone)
    if not name or not _PHONE.fullmatch(digits):
        raise ProxyIncomplete
    proxy = await resident_by_phone(session, office, digits)
    if proxy is None:
        proxy = await new_resident(session, office, now)
        await remember(session, office, proxy, phone=digits, name=name)
    assert proxy.id is not None
    if proxy.id == application.resident_id:
        raise ProxyIsApplicant
    facts = {"proxy": resident_key(proxy.id)}
    application.proxy_sealed = await seal_for(session, office, application, f"{name}\n{digits}")
    await move_application(session, office, application, actor, "appoint_proxy", facts, now)
