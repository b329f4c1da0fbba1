"""`linli init`: everything a new office needs before its first start; safe to repeat."""

from pathlib import Path

from backend.db.database import Database
from backend.db.migrate import upgrade
from bot.commands.terminal import out, run
from bot.main import SECRET_FILE, master_secret
from bot.settings import Settings


def init() -> None:
    """Make the secret, the folders and the database tables; keeps whatever is there already."""
    run(_init)


async def _init(settings: Settings) -> None:
    had_secret = bool(settings.secret_key.get_secret_value()) or SECRET_FILE.exists()
    master_secret(settings)
    for folder in (settings.media_folder, settings.nlu.models, Path("var")):
        folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database.url)
    await upgrade(database)
    await database.close()
    kept = "kept" if had_secret else f"made in {SECRET_FILE}: back it up, without it sealed data cannot be read"
    out.print(f"secret {kept}\ndatabase ready: {database.kind}\nnext: linli demo, or linli import areas.geojson")
