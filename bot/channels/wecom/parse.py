"""What a WeCom callback says, in the words of all channels. A card click carries the right to update that card once."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from xml.parsers.expat import ExpatError

from wechatpy.work.parser import parse_message

from bot.channels.refusals import MalformedBody
from bot.channels.safe_input import check_xml, clean_text
from bot.channels.wechat.events import Fields, Meaning, text_of
from bot.messages import Channel, ChatRef, Incoming, Media, Pin, Said

_UNREADABLE = (TypeError, KeyError, ValueError, AttributeError, OverflowError, OSError, ExpatError)
_SYSTEM_SENDER = "sys"  # change-of-contacts and batch events come from here, not from a person


def parse_callback(xml: str, account: str) -> Incoming:
    """The message in `xml` (already opened). MalformedBody when it is not a message."""
    check_xml(xml)
    try:
        fields = parse_message(xml)._data  # template_card_event has no class of its own there
        sender, ours = text_of(fields, "FromUserName"), text_of(fields, "ToUserName")
        at = datetime.fromtimestamp(int(text_of(fields, "CreateTime")), UTC)
        kind = str(fields["MsgType"]).lower()
        meaning = _event(fields) if kind == "event" else _message(kind, fields)
    except _UNREADABLE as error:
        raise MalformedBody("not a WeCom message") from error
    if not sender or len(sender) > 128:
        raise MalformedBody("no sender")
    silent = {"silent": "yes"} if sender == _SYSTEM_SENDER else {}
    return Incoming(
        ref=ChatRef(Channel.WECOM, account, sender),
        external_id=_external_id(fields),
        kind=meaning.kind,
        at=at,
        text=clean_text(meaning.text),
        media=meaning.media,
        pin=meaning.pin,
        choice=meaning.choice,
        reply_token=text_of(fields, "ResponseCode"),
        extra={**meaning.extra, **silent, "original_id": ours},
    )


def _external_id(fields: Fields) -> str:
    """MsgId, or the event's own marks; a retry repeats them all, a second click has a new response code."""
    message_id = text_of(fields, "MsgId")
    if message_id:
        return message_id[:64]
    names = ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ResponseCode", "ChangeType")
    key = ":".join(text_of(fields, name) for name in names)
    return key if len(key) <= 64 else hashlib.sha256(key.encode()).hexdigest()


def _event(fields: Fields) -> Meaning:
    name = text_of(fields, "Event").lower()
    key = text_of(fields, "EventKey")
    match name:
        case "template_card_event":
            extra = {"task_id": text_of(fields, "TaskId"), "event": name}
            return Meaning(Said.CHOICE, choice=key, extra=extra)
        case "click":
            return Meaning(Said.CHOICE, choice=key, extra={"event": name})
        case "subscribe":
            return Meaning(Said.FOLLOW)
        case "unsubscribe":
            return Meaning(Said.UNFOLLOW, extra={"silent": "yes"})
        case _:
            return Meaning(Said.UNKNOWN, extra={"event": name[:64], "silent": "yes"})


def _message(kind: str, fields: Fields) -> Meaning:
    reader = _MESSAGES.get(kind)
    if reader is None:
        return Meaning(Said.UNKNOWN, text=text_of(fields, "Title"), extra={"vendor_kind": kind[:64]})
    return reader(fields)


def _text(fields: Fields) -> Meaning:
    return Meaning(Said.TEXT, text=text_of(fields, "Content"))


def _image(fields: Fields) -> Meaning:
    picture = Media("photo", vendor_id=text_of(fields, "MediaId"), url=text_of(fields, "PicUrl"))
    return Meaning(Said.PHOTO, media=(picture,))


def _voice(fields: Fields) -> Meaning:
    return Meaning(Said.VOICE, media=(Media("voice", vendor_id=text_of(fields, "MediaId"), mime="audio/amr"),))


def _video(fields: Fields) -> Meaning:
    return Meaning(Said.VIDEO, media=(Media("video", vendor_id=text_of(fields, "MediaId")),))


def _location(fields: Fields) -> Meaning:
    lat, lon = float(text_of(fields, "Location_X")), float(text_of(fields, "Location_Y"))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("no such place")
    label = clean_text(text_of(fields, "Label"))
    return Meaning(Said.LOCATION, text=label, pin=Pin(lat, lon, "gcj02", label))


def _link(fields: Fields) -> Meaning:
    lines = [text_of(fields, name) for name in ("Title", "Description", "Url")]
    return Meaning(Said.TEXT, text="\n".join(line for line in lines if line), extra={"vendor_kind": "link"})


_MESSAGES: dict[str, Callable[[Fields], Meaning]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "location": _location,
    "link": _link,
}
