"""The terminal: one line is one message, buttons are numbered; `/pin LAT,LON`, `/photo FILE` and `/choose ID` tap."""

import asyncio
import secrets
from datetime import datetime
from pathlib import Path

from bot.channels.degrade import plain_text
from bot.messages import Channel, ChatRef, Incoming, Media, Outgoing, Pin, Said

ACCOUNT = "terminal"


def said_in_terminal(resident: str, line: str, now: datetime) -> Incoming:
    """One line as a message. Unreadable pins and photos are treated as the text they are."""
    ref = ChatRef(Channel.TERMINAL, ACCOUNT, resident)
    key = f"{int(now.timestamp() * 1000)}-{secrets.token_hex(4)}"
    pin = _pin(line)
    if pin is not None:
        return Incoming(ref, key, Said.LOCATION, now, pin=pin)
    if line.startswith("/photo ") and Path(line[7:].strip()).is_file():
        path = Path(line[7:].strip()).resolve()
        return Incoming(ref, key, Said.PHOTO, now, media=(Media("photo", vendor_id=str(path)),))
    if line.startswith("/choose "):
        return Incoming(ref, key, Said.CHOICE, now, choice=line[8:].strip())
    return Incoming(ref, key, Said.TEXT, now, text=line)


def _pin(line: str) -> Pin | None:
    if not line.startswith("/pin "):
        return None
    try:
        lat, lon = (float(part) for part in line[5:].split(","))
    except ValueError:
        return None
    return Pin(lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def as_lines(letter: Outgoing) -> list[str]:
    """A letter as lines of text."""
    return plain_text(letter).splitlines()


class LocalFiles:
    """Photos named by a path on this machine: only the person at this terminal can name them."""

    async def fetch(self, medium: Media) -> bytes:
        """The file's bytes."""
        return await asyncio.to_thread(Path(medium.vendor_id).read_bytes)
