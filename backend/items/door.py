"""Who may take it at the door: whoever knows the code the resident holds, or the last four digits of their phone.

Nothing is handed over without a check. After five wrong answers in one visit the door is locked: a new visit brings a
new code.
"""

import hmac
import secrets

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.items.models import Application
from backend.items.refusals import CheckUnknown
from backend.office import Office
from backend.people.masked import Masked
from backend.people.models import Resident
from backend.people.residents import phone_of, wrapped_key

CODE_DIGITS = 6
TRIES = 5
DOOR_CHECKS = ("code", "last_four", "proxy")


async def seal_for(session: AsyncSession, office: Office, application: Application, value: str) -> bytes:
    """Seals a value under the applicant's key, or under the office's when the application has no resident."""
    key = await wrapped_key(session, application.resident_id) if application.resident_id is not None else b""
    return office.vault.seal(key, value) if key else office.vault.seal_office(value)


async def open_for(
    session: AsyncSession, office: Office, application: Application, sealed: bytes | None, kind: str = "text"
) -> Masked:
    """Opens what `seal_for` sealed; empty when there is nothing or the person was erased."""
    if not sealed:
        return Masked("", kind)
    if application.resident_id is None:
        return office.vault.open_office(sealed, kind)
    key = await wrapped_key(session, application.resident_id)
    return office.vault.open(key, sealed, kind) if key else Masked("", kind)


async def new_door_code(session: AsyncSession, office: Office, application: Application) -> str:
    """A fresh code for this visit, kept sealed for the resident and as a blind index for the check."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    application.door_code_sealed = await seal_for(session, office, application, code)
    application.door_code_index = _index(office, application, code)
    application.door_tries = 0
    session.add(application)
    return code


async def door_code_of(session: AsyncSession, office: Office, application: Application) -> str:
    """The code of the visit under way, for the resident's eyes only; "" when there is none."""
    return (await open_for(session, office, application, application.door_code_sealed)).reveal()


def forget_door_code(application: Application) -> None:
    """The visit is over: its code opens nothing any more."""
    application.door_code_sealed, application.door_code_index = None, ""


async def is_right_person(
    session: AsyncSession, office: Office, application: Application, check: str, value: str
) -> bool:
    """Whether the answer given at the door is right. Raises `CheckUnknown` for other ways of checking."""
    said = "".join(char for char in value if char.isdecimal())
    if check == "code":
        return bool(said) and hmac.compare_digest(application.door_code_index, _index(office, application, said))
    if check == "last_four":
        resident = await session.get(Resident, application.resident_id) if application.resident_id else None
        return resident is not None and _ends_with(await phone_of(session, office, resident), said)
    if check == "proxy":
        return _ends_with(await proxy_phone(session, office, application), said)
    raise CheckUnknown(known=DOOR_CHECKS)


async def proxy_name(session: AsyncSession, office: Office, application: Application) -> Masked:
    """The proxy's name; empty without a proxy."""
    both = (await open_for(session, office, application, application.proxy_sealed)).reveal()
    return Masked(both.partition("\n")[0], "name")


async def proxy_phone(session: AsyncSession, office: Office, application: Application) -> Masked:
    """The proxy's phone; empty without a proxy."""
    both = (await open_for(session, office, application, application.proxy_sealed)).reveal()
    return Masked(both.partition("\n")[2], "phone")


async def delivery_address(session: AsyncSession, office: Office, application: Application) -> Masked:
    """Where to bring it, for the courier's page."""
    return await open_for(session, office, application, application.delivery_address_sealed)


def _index(office: Office, application: Application, code: str) -> str:
    return office.vault.blind_index(f"door:{application.id}:{code}")


def _ends_with(phone: Masked, said: str) -> bool:
    return len(said) == 4 and bool(phone) and hmac.compare_digest(phone.reveal()[-4:], said)
