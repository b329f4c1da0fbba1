"""What a Telegram update says, in the words of all channels.

aiogram reads the update. An update that this version of aiogram cannot read is still a message from somebody: it
becomes UNKNOWN when its chat can be found, and is refused (400) only when it cannot.
"""

from datetime import UTC, datetime
from typing import Any

from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from pydantic import ValidationError

from bot.channels.refusals import MalformedBody
from bot.channels.safe_input import clean_text, read_json_object
from bot.channels.telegram.content import content_of
from bot.messages import Channel, ChatRef, Incoming, Said

_LARGEST_ID = 2**63 - 1
_GONE = ("kicked", "left")
_SILENT = {"silent": "yes"}


def read_webhook(body: bytes) -> dict[str, Any]:
    """A webhook's body as an update; MalformedBody 400, BodyTooLarge 413."""
    return read_json_object(body)


def parse_update(update: dict[str, Any], account: str, now: datetime) -> Incoming:
    """The message in an update. `account` is our bot's id; `now` dates updates that carry no time of their own."""
    update_id = update.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool) or not 0 <= update_id <= _LARGEST_ID:
        raise MalformedBody("no update_id")
    key = str(update_id)
    try:
        read = Update.model_validate(update)
    except (ValidationError, RecursionError, OverflowError):
        return _unreadable(update, key, account, now)
    if read.message:
        return _message(read.message, key, account)
    if read.edited_message:
        return _message(read.edited_message, key, account, edited=True)
    if read.callback_query:
        return _pressed(read.callback_query, key, account, now)
    if read.my_chat_member:
        return _membership(read.my_chat_member, key, account)
    return _unreadable(update, key, account, now)


def _ref(account: str, chat: Chat, sender: User | None) -> ChatRef:
    group = chat.type in ("group", "supergroup")
    person = str(sender.id) if group and sender else ""
    return ChatRef(Channel.TELEGRAM, account, str(chat.id), person, is_group=group)


def _message(message: Message, key: str, account: str, *, edited: bool = False) -> Incoming:
    content = content_of(message)
    extra = {"message_id": str(message.message_id), **content.extra}
    if message.from_user and message.from_user.is_bot:
        extra |= _SILENT
    if message.from_user and message.from_user.language_code:
        extra["language"] = message.from_user.language_code[:16]
    if message.reply_to_message:
        extra["reply_to"] = str(message.reply_to_message.message_id)
    if edited:
        extra["edited_kind"] = content.kind.value
    return Incoming(
        ref=_ref(account, message.chat, message.from_user),
        external_id=key,
        kind=Said.EDITED if edited else content.kind,
        at=message.date.astimezone(UTC),
        text=clean_text(content.text),
        media=content.media,
        pin=content.pin,
        choice=clean_text(content.choice),
        album=message.media_group_id or "",
        contact_phone=clean_text(content.contact_phone),
        extra=extra,
    )


def _pressed(query: CallbackQuery, key: str, account: str, now: datetime) -> Incoming:
    extra = {"language": query.from_user.language_code[:16]} if query.from_user.language_code else {}
    if query.message:
        ref = _ref(account, query.message.chat, query.from_user)
        extra["message_id"] = str(query.message.message_id)
    else:
        ref = ChatRef(Channel.TELEGRAM, account, str(query.from_user.id))
    return Incoming(
        ref=ref,
        external_id=key,
        kind=Said.CHOICE,
        at=now,  # a press carries no time
        choice=clean_text(query.data or ""),
        reply_token=query.id,
        extra=extra,
    )


def _membership(change: ChatMemberUpdated, key: str, account: str) -> Incoming:
    """Blocked or removed → UNFOLLOW; unblocked or added → FOLLOW. Neither needs an answer by itself."""
    gone = change.new_chat_member.status in _GONE
    return Incoming(
        ref=_ref(account, change.chat, change.from_user),
        external_id=key,
        kind=Said.UNFOLLOW if gone else Said.FOLLOW,
        at=change.date.astimezone(UTC),
        extra={"status": str(change.new_chat_member.status), **_SILENT},
    )


def _unreadable(update: dict[str, Any], key: str, account: str, now: datetime) -> Incoming:
    """Kinds we do not read (channel posts, polls, reactions, tomorrow's inventions): recorded under their chat."""
    kind = next((name for name in update if name != "update_id"), "")
    part = update.get(kind)
    chat = _chat_of(part) if isinstance(part, dict) else None
    if chat is None:
        raise MalformedBody("an update from nobody")
    number, is_group, person = chat
    asked = kind == "message"  # somebody wrote to us and deserves a kind sentence
    return Incoming(
        ref=ChatRef(Channel.TELEGRAM, account, number, person, is_group=is_group),
        external_id=key,
        kind=Said.UNKNOWN,
        at=now,
        extra={"event": kind[:64], **({} if asked else _SILENT)},
    )


def _chat_of(part: dict[str, Any]) -> tuple[str, bool, str] | None:
    """Chat id, whether it is a group, and the person in it, as far as they can be found."""
    inner = part.get("message")
    chat = part.get("chat") or (inner.get("chat") if isinstance(inner, dict) else None)
    sender = part.get("from") or part.get("user")
    person = sender.get("id") if isinstance(sender, dict) else None
    number = chat.get("id") if isinstance(chat, dict) else person
    if not isinstance(number, int) or abs(number) > _LARGEST_ID:
        return None
    is_group = isinstance(chat, dict) and chat.get("type") in ("group", "supergroup")
    return str(number), is_group, str(person) if is_group and isinstance(person, int) else ""
