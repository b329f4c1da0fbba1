"""What the chat page sends, translated: JSON {text | choice | pin | scan} or a form with photos."""

import math
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.pages.forms import Posted, clean
from backend.pages.refusals import FieldWrong
from bot.messages import Channel, ChatRef, Incoming, Media, Pin, Said

ACCOUNT = "web"
KINDS = ("text", "choice", "pin", "scan")
ID_FIELDS = ("id", "client_id")
MOST_CHOICE_BYTES = 64
_OWN_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SCENE = re.compile(r"[A-Za-z0-9_:.-]{1,64}")


def chat_ref(chat: str) -> ChatRef:
    """The chat as every room knows it."""
    return ChatRef(Channel.WEB, ACCOUNT, chat)


def message_key(chat: str, own_id: str) -> str:
    """The inbox key: the page's own message id, which it repeats when it tries again."""
    if own_id and not _OWN_ID.fullmatch(own_id):
        raise FieldWrong(field="id")
    return f"{chat}:{own_id or secrets.token_hex(12)}"


def from_json(body: Mapping[str, Any], chat: str, now: datetime) -> Incoming:
    """One message. Exactly one of the kinds; unknown fields, wrong types and impossible pins raise `FieldWrong`."""
    kinds = [name for name in KINDS if name in body]
    unknown = set(body) - {*KINDS, *ID_FIELDS}
    if len(kinds) != 1 or unknown:
        raise FieldWrong(field=", ".join(sorted(unknown)) or " | ".join(KINDS))
    own_id = _string(body, next((name for name in ID_FIELDS if name in body), ""))
    key = message_key(chat, own_id)
    kind = kinds[0]
    if kind == "pin":
        return Incoming(chat_ref(chat), key, Said.LOCATION, now, pin=_pin(body["pin"]))
    said = _string(body, kind)
    if kind == "text":
        return _text(said, chat, key, now)
    return _pressed(said, Said.SCAN if kind == "scan" else Said.CHOICE, chat, key, now)


def from_form(form: Posted, names: tuple[str, ...], chat: str, now: datetime) -> list[Incoming]:
    """The messages of a form, in the order in which they should be read: scan, photos, pin, text or button.

    `names` are the stored uploads. Raises `FieldWrong` when there is nothing in it.
    """
    key = message_key(chat, form.text("id", 64) or form.text("client_id", 64))
    found: list[Incoming] = []
    if scene := form.text("grid", 64):
        found.append(_pressed(scene, Said.SCAN, chat, f"{key}:scan", now))
    for place, name in enumerate(names):
        media = (Media("photo", vendor_id=name, mime="image/jpeg"),)
        album = key if len(names) > 1 else ""
        found.append(Incoming(chat_ref(chat), f"{key}:{place}", Said.PHOTO, now, media=media, album=album))
    if form.text("lat") or form.text("lon"):
        pin = _pin({"lat": form.text("lat"), "lon": form.text("lon")})
        found.append(Incoming(chat_ref(chat), f"{key}:pin", Said.LOCATION, now, pin=pin))
    if choice := form.text("choice"):
        found.append(_pressed(choice, Said.CHOICE, chat, key, now))
    elif text := clean(form.fields.get("text", "")).strip():
        found.append(_text(text, chat, key, now))
    if not any(one.kind is not Said.SCAN for one in found):
        raise FieldWrong(field="text")
    return found


def _text(said: str, chat: str, key: str, now: datetime) -> Incoming:
    text = clean(said).strip()
    if not text:
        raise FieldWrong(field="text")
    return Incoming(chat_ref(chat), key, Said.TEXT, now, text=text)


def _pressed(said: str, kind: Said, chat: str, key: str, now: datetime) -> Incoming:
    wanted = clean(said).strip()
    if not wanted or len(wanted.encode()) > MOST_CHOICE_BYTES or (kind is Said.SCAN and not _SCENE.fullmatch(wanted)):
        raise FieldWrong(field=kind.value)
    return Incoming(chat_ref(chat), key, kind, now, choice=wanted)


def _string(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise FieldWrong(field=name)
    return value


def _pin(raw: object) -> Pin:
    """A point the browser measured, WGS-84 degrees."""
    if not isinstance(raw, Mapping) or set(raw) - {"lat", "lon"}:
        raise FieldWrong(field="pin")
    lat, lon = (_degrees(raw.get(name), most) for name, most in (("lat", 90.0), ("lon", 180.0)))
    return Pin(round(lat, 6), round(lon, 6))


def _degrees(raw: object, most: float) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise FieldWrong(field="pin")
    try:
        value = float(raw)
    except (ValueError, OverflowError) as wrong:
        raise FieldWrong(field="pin") from wrong
    if not math.isfinite(value) or abs(value) > most:
        raise FieldWrong(field="pin")
    return value
