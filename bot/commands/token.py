"""`linli token`: a bearer token for another system, acting as one user; shown once."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from backend.api.tokens import make_token, revoke_tokens
from bot.commands.terminal import run
from bot.main import open_office
from bot.settings import Settings


def token(
    username: Annotated[str, typer.Argument(help="the user it acts as")],
    name: Annotated[str, typer.Option(help="which system holds it")] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="end all tokens of this user instead")] = False,
) -> None:
    """Make an API token; it is printed once and never again."""
    typer.echo(run(lambda settings: _token(settings, username, name, revoke)))


async def _token(settings: Settings, username: str, name: str, revoke: bool) -> str:
    office = await open_office(settings)
    try:
        async with office.database.write() as session:
            if revoke:
                return str(await revoke_tokens(session, office, username, datetime.now(UTC)))
            return await make_token(session, office, username, name, datetime.now(UTC))
    finally:
        await office.database.close()
