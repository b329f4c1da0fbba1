"""`linli chat`: the terminal channel. One line is one message; its replies are printed before the next line is read."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer
from sqlmodel import select

from backend.notices.letters import Channel
from backend.notices.outbox import Recipient
from backend.people.models import ChannelIdentity
from bot.channels.terminal import as_lines, said_in_terminal
from bot.commands.terminal import run
from bot.main import House, open_house
from bot.settings import Settings

PATIENCE = timedelta(seconds=20)  # longest wait for a reply when another process handles the inbox


def chat(resident: Annotated[str, typer.Option(help="who speaks; another name is another person")] = "me") -> None:
    """Talk to linli in the terminal."""
    run(lambda settings: _chat(settings, resident))


async def _chat(settings: Settings, resident: str) -> None:
    house = await open_house(settings)
    try:
        shown = await _newest(house, resident)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            await house.reception.receive(said_in_terminal(resident, line.rstrip("\n"), house.clock()))
            await _handle(house, resident)
            shown = await _show(house, resident, shown)
    finally:
        await house.close()


async def _newest(house: House, resident: str) -> int:
    """The letters that came while nobody was here are shown first."""
    await _send_mine(house, resident)
    return await _show(house, resident, await _already_seen(house, resident))


async def _handle(house: House, resident: str) -> None:
    """Handles the inbox in this process until it is empty (a running server may take part), then sends what is ours."""
    deadline = house.clock() + PATIENCE
    while house.clock() < deadline:
        await house.counter.work_off()
        async with house.office.database.read() as session:
            if await house.office.inbox.waiting(session) == 0:
                break
        await asyncio.sleep(0.05)
    await _send_mine(house, resident)


async def _send_mine(house: House, resident: str) -> None:
    async with house.office.database.read() as session:
        identity = (
            await session.exec(
                select(ChannelIdentity).where(
                    ChannelIdentity.channel == Channel.TERMINAL.value, ChannelIdentity.external_id == resident
                )
            )
        ).first()
    if identity is not None and identity.resident_id is not None:
        while await house.sender.work_off(only=Recipient(identity.resident_id, identity.staff_id)):
            continue


async def _already_seen(house: House, resident: str) -> int:
    async with house.office.database.read() as session:
        return await house.mailbox.seen_up_to(session, resident)


async def _show(house: House, resident: str, after: int) -> int:
    async with house.office.database.read() as session:
        letters = await house.mailbox.since(session, resident, after)
    for letter_id, letter in letters:
        print("\n".join(as_lines(letter)), flush=True)
        after = letter_id
    if letters:
        async with house.office.database.write() as session:
            await house.mailbox.mark_seen(session, resident, after)
    return after
