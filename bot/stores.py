"""The tables behind the small ports of the vendor edges: tokens, nonces, approved templates."""

import asyncio
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.settling import Settling
from backend.db.upserting import insert_of
from backend.intake.models import SeenNonce
from backend.notices.models import ApprovedTemplate, VendorToken
from backend.office import Office
from backend.people.models import SecurityEvent
from bot.channels.ports import StoredToken, TemplateSpec
from bot.reception import InboxBusy

CLAIM_WITHIN = 1.9  # seconds; with storing the message it stays below WeChat's five


@dataclass(frozen=True, slots=True)
class TokenTable:
    """A `TokenStore` shared by all processes; the value is sealed."""

    office: Office

    async def get(self, key: str) -> StoredToken | None:
        """The token last stored under `key`."""
        async with self.office.database.read() as session:
            row = await session.get(VendorToken, key)
        if row is None:
            return None
        raw = json.loads(self.office.vault.open_office(row.value_sealed).reveal())
        for name in ("expires_at", "renewed_at"):
            raw[name] = datetime.fromisoformat(raw[name]) if raw[name] else None
        return StoredToken(**raw)

    async def put(self, key: str, token: StoredToken) -> None:
        """Replaces it."""
        raw = asdict(token)
        for name in ("expires_at", "renewed_at"):
            raw[name] = raw[name].isoformat() if raw[name] else None
        async with self.office.database.write() as session:
            row = await session.get(VendorToken, key) or VendorToken(
                district_code=self.office.district_code, account=key, value_sealed=b"", expires_at=token.expires_at
            )
            row.value_sealed = self.office.vault.seal_office(json.dumps(raw))
            row.expires_at = token.expires_at
            session.add(row)


@dataclass(frozen=True, slots=True)
class NonceTable:
    """A `NonceStore` shared by all processes; another content under a nonce is also a security event.

    Callbacks of one moment share a commit. Raises `InboxBusy` in time for the platform to hear it.
    """

    office: Office
    _settling: Settling = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_settling", Settling(self.office.database))

    async def claim(self, account: str, nonce: str, content: str, at: datetime) -> bool:
        """False when this nonce came before with other content."""
        is_ours: list[bool] = []

        async def look(session: AsyncSession) -> None:
            is_ours.append(await self._claim(session, f"{account}:{nonce}"[:120], account, content, at))

        try:
            async with asyncio.timeout(CLAIM_WITHIN):
                await self._settling.do(look)
        except TimeoutError:
            raise InboxBusy from None
        return is_ours[-1]

    async def _claim(self, session: AsyncSession, key: str, account: str, content: str, at: datetime) -> bool:
        insert = insert_of(session)
        values = {"district_code": self.office.district_code, "key": key, "digest": content, "at": at}
        await session.execute(insert(SeenNonce).values(**values).on_conflict_do_nothing())
        first = (await session.exec(select(SeenNonce.digest).where(SeenNonce.key == key))).one()
        if first != content:
            session.add(
                SecurityEvent(
                    district_code=self.office.district_code, at=at, kind="nonce_reused", detail={"account": account}
                )
            )
        return first == content


@dataclass(frozen=True, slots=True)
class TemplateTable:
    """A `TemplateBook` over the table that the panel edits."""

    office: Office

    async def find(self, route: str, milestone: str) -> TemplateSpec | None:
        """The approved template for a milestone."""
        async with self.office.database.read() as session:
            row = (
                await session.exec(
                    select(ApprovedTemplate).where(
                        ApprovedTemplate.route == route, ApprovedTemplate.milestone == milestone
                    )
                )
            ).first()
        return TemplateSpec(row.template_id, row.fields) if row is not None else None
