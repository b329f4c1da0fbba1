"""The worker's task card: title, facts, up to six buttons; each click brings the right to change it once."""

import re
from typing import Any

from bot.channels.degrade import cut_bytes, cut_chars
from bot.channels.limits import WECOM_CARD_BUTTONS
from bot.messages import Outgoing
from nlu.errors import LinliError

CODE_LIVES_HOURS = 72  # a response code works once, within 72 h of its click
TITLE_CHARS = 36
TEXT_BYTES = 512
FACT_NAME_CHARS = 5
FACT_CHARS = 26
MOST_FACTS = 6
_TASK_ID = re.compile(r"[^0-9A-Za-z_@-]")


class CardRefused(LinliError):
    """The message cannot be shown as a button card."""

    code = "card_refused"
    status = 422


def task_id_of(key: str) -> str:
    """The card's unique id from the notice's key: at most 128 of the characters that the platform takes."""
    return _TASK_ID.sub("-", key)[:128]


def button_card(message: Outgoing) -> dict[str, Any]:
    """A `button_interaction` card: first line = title, short lines `名：值` = facts, the other lines = text below.

    CardRefused without buttons, with more than six, or without an idempotency key (the unique task id).
    """
    if not 1 <= len(message.choices) <= WECOM_CARD_BUTTONS:
        raise CardRefused(f"a card has 1 to {WECOM_CARD_BUTTONS} buttons")
    if not message.idempotency_key:
        raise CardRefused("a card needs a unique task id")
    title, facts, rest = _parts(message.text)
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": cut_chars(title, TITLE_CHARS)},
        "task_id": task_id_of(message.idempotency_key),
        "button_list": [
            {"text": cut_chars(choice.label, 10), "style": 2 if number else 1, "key": choice.id}
            for number, choice in enumerate(message.choices)
        ],
    }
    if rest:
        card["sub_title_text"] = cut_bytes(rest, TEXT_BYTES)
    if facts:
        card["horizontal_content_list"] = [{"keyname": name, "value": value} for name, value in facts]
    if message.link:
        card["card_action"] = {"type": 1, "url": message.link.url}
    return card


def _parts(text: str) -> tuple[str, list[tuple[str, str]], str]:
    """Title, facts and the rest; a fact too long for its row stays in the rest, so that nothing is cut away."""
    title, _, body = text.partition("\n")
    facts: list[tuple[str, str]] = []
    rest: list[str] = []
    for line in body.splitlines():
        name, mark, value = line.strip().partition("：")
        short = bool(mark) and 0 < len(name) <= FACT_NAME_CHARS and 0 < len(value.strip()) <= FACT_CHARS
        if short and len(facts) < MOST_FACTS:
            facts.append((name, value.strip()))
        else:
            rest.append(line)
    return title, facts, "\n".join(rest).strip()


def replaced_button(name: str) -> dict[str, Any]:
    """The update that greys the buttons and shows what happened, such as 已由网格员签收."""
    return {"button": {"replace_name": cut_bytes(name, 60)}}
