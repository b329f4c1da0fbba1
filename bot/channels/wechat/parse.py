"""What a WeChat callback says, in the words of all channels.

wechatpy reads the XML; this file decides what each kind means. Location pins stay GCJ-02 and say so. A position
that the app reports by itself is dropped: we keep one point per case, never a track.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy import parse_message

from bot.channels.refusals import MalformedBody
from bot.channels.safe_input import check_xml, clean_text
from bot.channels.wechat.events import Fields, Meaning, meaning_of_event, text_of
from bot.messages import Channel, ChatRef, Incoming, Media, Pin, Said

_UNREADABLE = (TypeError, KeyError, ValueError, AttributeError, OverflowError, OSError, ExpatError)
LONGEST_KEY = 64


def parse_callback(xml: str, account: str) -> Incoming:
    """The message in `xml` (already opened). MalformedBody when it is not a message.

    `extra["original_id"]` is our own id in the passive reply; `extra["silent"]` marks what needs no answer.
    """
    check_xml(xml)
    try:
        fields = parse_message(xml)._data
        sender, ours = text_of(fields, "FromUserName"), text_of(fields, "ToUserName")
        at = datetime.fromtimestamp(int(text_of(fields, "CreateTime")), UTC)
        kind = str(fields["MsgType"]).lower()
        meaning = meaning_of_event(fields) if kind == "event" else _meaning_of_message(kind, fields)
    except _UNREADABLE as error:
        raise MalformedBody("not a WeChat message") from error
    if not sender or not ours or len(sender) > 128:
        raise MalformedBody("no sender")
    return Incoming(
        ref=ChatRef(Channel.WECHAT, account, sender),
        external_id=_external_id(fields),
        kind=meaning.kind,
        at=at,
        text=clean_text(meaning.text),
        media=meaning.media,
        pin=meaning.pin,
        choice=meaning.choice,
        extra={**meaning.extra, "original_id": ours},
    )


def _external_id(fields: Fields) -> str:
    """MsgId for messages; for events sender, time, event and key, which repeat in the platform's retries."""
    message_id = text_of(fields, "MsgId")
    if message_id:
        return message_id[:LONGEST_KEY]
    parts = [text_of(fields, name) for name in ("FromUserName", "CreateTime", "Event", "EventKey", "MsgID")]
    key = ":".join(parts)
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _meaning_of_message(kind: str, fields: Fields) -> Meaning:
    reader = _MESSAGES.get(kind)
    if reader is None:
        return Meaning(Said.UNKNOWN, text=text_of(fields, "Title"), extra={"vendor_kind": kind[:64]})
    return reader(fields)


def _text(fields: Fields) -> Meaning:
    chosen = text_of(fields, "bizmsgmenuid")  # a tapped line of a menu message
    return Meaning(Said.CHOICE if chosen else Said.TEXT, text=text_of(fields, "Content"), choice=chosen)


def _image(fields: Fields) -> Meaning:
    return Meaning(Said.PHOTO, media=(_media("photo", fields, text_of(fields, "PicUrl")),))


def _voice(fields: Fields) -> Meaning:
    """The 16k recording when there is one. `Recognition` arrives empty today and is used only if it does not."""
    wide = text_of(fields, "MediaId16K")
    narrow = text_of(fields, "MediaId")
    voice = Media("voice", vendor_id=wide or narrow, mime=_voice_mime(text_of(fields, "Format")))
    extra = {"media_id": narrow} if wide else {}
    return Meaning(Said.VOICE, text=text_of(fields, "Recognition"), media=(voice,), extra=extra)


def _voice_mime(name: str) -> str:
    return f"audio/{name.lower()}" if name.isascii() and name.isalnum() else "audio/amr"


def _video(fields: Fields) -> Meaning:
    return Meaning(Said.VIDEO, media=(_media("video", fields),))


def _location(fields: Fields) -> Meaning:
    lat, lon = float(text_of(fields, "Location_X")), float(text_of(fields, "Location_Y"))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("no such place")
    label = clean_text(text_of(fields, "Label"))
    return Meaning(Said.LOCATION, text=label, pin=Pin(lat, lon, "gcj02", label))


def _link(fields: Fields) -> Meaning:
    lines = [text_of(fields, name) for name in ("Title", "Description", "Url")]
    return Meaning(Said.TEXT, text="\n".join(line for line in lines if line), extra={"vendor_kind": "link"})


def _media(kind: str, fields: Fields, url: str = "") -> Media:
    return Media(kind, vendor_id=text_of(fields, "MediaId"), url=url)


_MESSAGES: dict[str, Callable[[dict[str, Any]], Meaning]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}
