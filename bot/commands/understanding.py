"""`linli nlu …`: the commands of understanding, given this office's models, signing key and corrections."""

import asyncio
from pathlib import Path

from sqlmodel import select

from backend.cases.models import Correction
from backend.db.database import Database
from backend.people.vault import Vault
from bot.main import MODEL_KEY, master_secret
from bot.settings import Settings
from nlu.cli import Wiring, build_nlu_app
from nlu.contract import Intent
from nlu.training.corpus import Example


def _models() -> Path:
    return Settings().nlu.models


def _key() -> bytes:
    return Vault(master_secret(Settings())).subkey(MODEL_KEY)


def corrections() -> tuple[Example, ...]:
    """What operators put right, oldest first: the text (masked), the intent and the category it should have had."""
    return asyncio.run(_read_corrections(Settings()))


async def _read_corrections(settings: Settings) -> tuple[Example, ...]:
    database = Database(settings.database.url)
    try:
        async with database.read() as session:
            rows = (await session.exec(select(Correction).order_by(Correction.at, Correction.id))).all()  # type: ignore[arg-type]  # columns
        return tuple(Example(row.text, row.new_intent or Intent.REPORT.value, row.new_category or None) for row in rows)
    finally:
        await database.close()


nlu_app = build_nlu_app(Wiring(models=_models, key=_key, corrections=corrections))
