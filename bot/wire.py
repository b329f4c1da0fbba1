"""An `Incoming` as JSON and back: the form in which the inbox keeps what a channel translated."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from bot.messages import Channel, ChatRef, Incoming, Media, Pin, Said

_SAID = tuple(one.name for one in fields(Incoming))  # by hand: `asdict` copies deeply, on the way of every webhook
_REF = tuple(one.name for one in fields(ChatRef))
_MEDIA = tuple(one.name for one in fields(Media) if one.name != "data")


def to_json(said: Incoming) -> str:
    """The message as the inbox stores it; downloaded bytes never go in."""
    raw = {name: getattr(said, name) for name in _SAID}
    raw["ref"] = {name: getattr(said.ref, name) for name in _REF}
    raw["pin"] = asdict(said.pin) if said.pin is not None else None
    raw["at"] = said.at.isoformat()
    raw["media"] = [{name: getattr(medium, name) for name in _MEDIA} for medium in said.media]
    return json.dumps(raw, ensure_ascii=False, sort_keys=True)


def from_json(stored: str) -> Incoming:
    """The inverse of `to_json`."""
    raw: dict[str, Any] = json.loads(stored)
    raw["ref"] = ChatRef(**{**raw["ref"], "channel": Channel(raw["ref"]["channel"])})
    raw["kind"] = Said(raw["kind"])
    raw["at"] = datetime.fromisoformat(raw["at"])
    raw["media"] = tuple(Media(**one) for one in raw["media"])
    raw["pin"] = Pin(**raw["pin"]) if raw["pin"] else None
    return Incoming(**raw)
