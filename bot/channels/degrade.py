"""How a message shrinks to what a channel can show: buttons → numbered lines, link → text, too long → cut."""

from bot.channels.safe_input import clean_text
from bot.messages import Choice, Outgoing, Pin


def numbered(choices: tuple[Choice, ...]) -> str:
    """The buttons as lines `1. …`; the dialogue reads the number back."""
    return "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(choices, start=1))


def pin_line(pin: Pin) -> str:
    """A point as a line of text, for channels without a map message."""
    place = f"{pin.lat:.6f},{pin.lon:.6f}"
    return f"{pin.label} ({place})" if pin.label else place


def plain_text(message: Outgoing, *, with_choices: bool = True, with_pin: bool = True) -> str:
    """The whole message as text: body, pin, link, then the numbered choices."""
    parts = [message.text]
    if with_pin and message.pin:
        parts.append(pin_line(message.pin))
    if message.link:
        parts.append(f"{message.link.label}\n{message.link.url}".strip())
    parts.extend(media.url for media in message.media if media.url and not media.data)
    if with_choices and message.choices:
        parts.append(numbered(message.choices))
    return clean_text("\n".join(part for part in parts if part))


def cut_bytes(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, ending in … when cut; never splits a character."""
    if len(text.encode("utf-8")) <= limit:
        return text
    return text.encode("utf-8")[: limit - 3].decode("utf-8", "ignore") + "…"


def cut_utf16(text: str, limit: int) -> str:
    """At most `limit` UTF-16 code units (how Telegram counts), ending in … when cut."""
    if len(text.encode("utf-16-le")) // 2 <= limit:
        return text
    return text.encode("utf-16-le")[: (limit - 1) * 2].decode("utf-16-le", "ignore") + "…"


def cut_chars(text: str, limit: int) -> str:
    """At most `limit` characters, ending in … when cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
