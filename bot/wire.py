"""An `Incoming` as JSON and back: the form in which the inbox keeps what a channel translated."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.messages import Channel, ChatRef, Incoming, Media, Pin, Said


def to_json(said: Incoming) -> str:
    """The message as the inbox stores it; downloaded bytes never go in."""
    raw = asdict(said)
    raw["at"] = said.at.isoformat()
    for medium in raw["media"]:
        medium.pop("data")
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
