"""The worker's task card: title, facts, up to six buttons; each click brings the right to change it once."""

import re
from typing import Any

from bot.channels.degrade import cut_bytes, cut_chars
from bot.channels.limits import WECOM_CARD_BUTTONS
from bot.messages import Outgoing
from nlu.errors import LinliError

CODE_LIVES_HOURS = 72  # a response code works once, within 72 h of its click
_TASK_ID = re.compile(r"[^0-9A-Za-z_@-]")


class CardRefused(LinliError):
    """The message cannot be shown as a button card."""

    code = "card_refused"
    status = 422


def task_id_of(key: str) -> str:
    """The card's unique id from the notice's key: at most 128 of the characters that the platform takes."""
    return _TASK_ID.sub("-", key)[:128]


def button_card(message: Outgoing) -> dict[str, Any]:
    """A `button_interaction` card. First line = title, the rest = description, `fields` = the facts below.

    CardRefused without buttons, with more than six, or without an idempotency key (the unique task id).
    """
    if not 1 <= len(message.choices) <= WECOM_CARD_BUTTONS:
        raise CardRefused(f"a card has 1 to {WECOM_CARD_BUTTONS} buttons")
    if not message.idempotency_key:
        raise CardRefused("a card needs a unique task id")
    title, _, rest = message.text.partition("\n")
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": cut_chars(title, 36), "desc": cut_chars(rest.strip(), 128)},
        "task_id": task_id_of(message.idempotency_key),
        "button_list": [
            {"text": cut_chars(choice.label, 10), "style": 1 if first else 2, "key": choice.id}
            for first, choice in zip([True] + [False] * 5, message.choices, strict=False)
        ],
    }
    facts = [
        {"keyname": cut_chars(name, 5), "value": cut_chars(value, 26)}
        for name, value in list(message.fields.items())[:6]
    ]
    if facts:
        card["horizontal_content_list"] = facts
    if message.link:
        card["card_action"] = {"type": 1, "url": message.link.url}
    return card


def replaced_button(name: str) -> dict[str, Any]:
    """The update that greys the buttons and shows what happened, such as 已由网格员签收."""
    return {"button": {"replace_name": cut_bytes(name, 60)}}
