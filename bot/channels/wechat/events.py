"""What each WeChat event means: follow, leave, scan, menu click, consent, receipt; the rest is recorded silently."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.channels.refusals import MalformedBody
from bot.messages import Media, Pin, Said

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The part of an Incoming that depends on the kind of message."""

    kind: Said
    text: str = ""
    media: tuple[Media, ...] = ()
    pin: Pin | None = None
    choice: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def text_of(fields: Fields, name: str) -> str:
    """A field as text, "" when absent. MalformedBody when it holds a structure instead."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise MalformedBody(f"{name} is not a text")
    return str(value)


def meaning_of_event(fields: Fields) -> Meaning:
    """The meaning of an event; an unknown one is UNKNOWN and silent."""
    name = text_of(fields, "Event").lower()
    reader = _EVENTS.get(name)
    if reader is None:
        return _silent(name, fields)
    return reader(fields)


def _silent(name: str, fields: Fields) -> Meaning:
    extra = {"event": name[:64], "silent": "yes"}
    if name == "view":
        extra["url"] = text_of(fields, "EventKey")[:512]
    return Meaning(Said.UNKNOWN, extra=extra)


def _follow(fields: Fields) -> Meaning:
    scene = text_of(fields, "EventKey").removeprefix("qrscene_")
    return Meaning(Said.FOLLOW, choice=scene)


def _unfollow(_fields: Fields) -> Meaning:
    return Meaning(Said.UNFOLLOW, extra={"silent": "yes"})


def _scan(fields: Fields) -> Meaning:
    return Meaning(Said.SCAN, choice=text_of(fields, "EventKey"))


def _click(fields: Fields) -> Meaning:
    return Meaning(Said.CHOICE, choice=text_of(fields, "EventKey"), extra={"event": "click"})


def _template_finished(fields: Fields) -> Meaning:
    status = text_of(fields, "Status")
    extra = {"vendor_id": text_of(fields, "MsgID"), "status": status, "silent": "yes"}
    return Meaning(Said.RECEIPT, extra=extra)


def _consents(fields: Fields) -> Meaning:
    """Template id → accept or reject, from the pop-up and from later changes in the person's settings."""
    rows = _rows(fields, "SubscribeMsgPopupEvent") or _rows(fields, "SubscribeMsgChangeEvent")
    answers = {text_of(row, "TemplateId"): text_of(row, "SubscribeStatusString") for row in rows}
    return Meaning(Said.CONSENT, extra={name: answer for name, answer in answers.items() if name})


def _notice_sent(fields: Fields) -> Meaning:
    """The platform reports one notice per event; further rows, should they come, are numbered."""
    extra = {"silent": "yes"}
    for number, row in enumerate(_rows(fields, "SubscribeMsgSentEvent")):
        suffix = f".{number}" if number else ""
        extra[f"vendor_id{suffix}"] = text_of(row, "MsgID")
        extra[f"status{suffix}"] = text_of(row, "ErrorStatus") or text_of(row, "ErrorCode")
        extra[f"error_code{suffix}"] = text_of(row, "ErrorCode")
        extra[f"template_id{suffix}"] = text_of(row, "TemplateId")
    return Meaning(Said.RECEIPT, extra=extra)


def _rows(fields: Fields, name: str) -> list[Fields]:
    holder = fields.get(name)
    rows = holder.get("List") if isinstance(holder, dict) else None
    if isinstance(rows, dict):
        rows = [rows]
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


_EVENTS: dict[str, Callable[[Fields], Meaning]] = {
    "subscribe": _follow,
    "subscribe_scan": _follow,  # wechatpy's name for a follow through a scene
    "unsubscribe": _unfollow,
    "scan": _scan,
    "click": _click,
    "templatesendjobfinish": _template_finished,
    "subscribe_msg_popup_event": _consents,
    "subscribe_msg_change_event": _consents,
    "subscribe_msg_sent_event": _notice_sent,
}
