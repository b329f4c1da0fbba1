"""An application's row as the plain facts that leave the room."""

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.items.door import door_code_of, proxy_name
from backend.items.facts import ApplicationFacts
from backend.items.history import SEPARATOR
from backend.items.models import Application, ServiceItem
from backend.items.slots import slot_label
from backend.office import Office


async def application_facts(
    session: AsyncSession, office: Office, application: Application, language: str = "zh_CN", *, with_code: bool = False
) -> ApplicationFacts:
    """The facts of an application. `with_code`: the reader is the applicant, who may hold the door code."""
    item = await session.get(ServiceItem, application.item_id)
    courier = None
    if application.delivery_staff_id is not None:
        courier = await session.get(Staff, application.delivery_staff_id)
    area = application.delivery_area_code
    return ApplicationFacts(
        number=application.number,
        item_code=item.code if item is not None else "",
        item_name=application.item_name,
        state=application.state,
        missing=tuple(filter(None, application.missing.split(SEPARATOR))),
        decision_reason=application.decision_reason,
        appeal=application.appeal,
        place=application.place,
        hours=item.hours if item is not None else "",
        deliverable=item.deliverable if item is not None else False,
        delivery_wanted=application.delivery_wanted,
        due_at=application.due_at,
        created_at=application.created_at,
        updated_at=application.updated_at,
        ready_at=application.ready_at,
        limit_working_days=application.limit_working_days,
        slot=slot_label(application.delivery_slot, office.texts, language) if application.delivery_slot else "",
        door_code=await door_code_of(session, office, application) if with_code else "",
        courier_surname=courier.name[:1] if courier is not None else "",
        courier_role=courier.role if courier is not None else "",
        delivery_area_name=office.atlas.full_name(area) if area else "",
        delivery_tries=application.delivery_tries,
        proxy=str(await proxy_name(session, office, application)),
    )
