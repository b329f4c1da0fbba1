"""What one Telegram message holds: text, command, photo in its largest size, voice, place, contact, or unknown."""

from dataclasses import dataclass, field

from aiogram.types import Document, Message

from bot.messages import Media, Pin, Said


@dataclass(frozen=True, slots=True)
class Content:
    """The part of an Incoming that depends on the kind of message."""

    kind: Said
    text: str = ""
    media: tuple[Media, ...] = ()
    pin: Pin | None = None
    choice: str = ""
    contact_phone: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def content_of(message: Message) -> Content:
    """The content; service messages of groups are UNKNOWN and silent."""
    if message.text is not None:
        return _text(message.text)
    return _media(message) or _place(message) or _contact(message) or _other(message)


def _text(text: str) -> Content:
    """`/start` greets; `/start PAYLOAD` (a deep link) is a scan; other commands keep their text and are named."""
    if not text.startswith("/"):
        return Content(Said.TEXT, text=text)
    command, _, arguments = text[1:].partition(" ")
    command = command.partition("@")[0].lower()
    arguments = arguments.strip()
    extra = {"command": command[:32], "arguments": arguments[:256]}
    if command != "start":
        return Content(Said.TEXT, text=text, extra=extra)
    return Content(Said.SCAN if arguments else Said.FOLLOW, choice=arguments[:64], extra=extra)


def _media(message: Message) -> Content | None:
    caption = message.caption or ""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Content(Said.PHOTO, caption, (Media("photo", largest.file_id, mime="image/jpeg"),))
    if message.voice:
        return Content(Said.VOICE, caption, (Media("voice", message.voice.file_id, mime="audio/ogg"),))
    if message.audio:
        return Content(
            Said.VOICE, caption, (Media("voice", message.audio.file_id, mime=message.audio.mime_type or ""),)
        )
    video = message.video or message.video_note or message.animation
    if video:
        return Content(Said.VIDEO, caption, (Media("video", video.file_id, mime="video/mp4"),))
    return _document(message.document, caption) if message.document else None


def _document(document: Document, caption: str) -> Content:
    """A picture sent as a file is a photo; a video a video; any other file is kept but not understood."""
    mime = document.mime_type or ""
    kind, said = "file", Said.UNKNOWN
    if mime.startswith("image/"):
        kind, said = "photo", Said.PHOTO
    elif mime.startswith("video/"):
        kind, said = "video", Said.VIDEO
    media = Media(kind, document.file_id, mime=mime, name=(document.file_name or "")[:128])
    return Content(said, caption, (media,), extra={"vendor_kind": "document"})


def _place(message: Message) -> Content | None:
    if not message.location:
        return None
    label = f"{message.venue.title} {message.venue.address}".strip() if message.venue else ""
    live = {"live": "yes"} if message.location.live_period else {}
    pin = Pin(message.location.latitude, message.location.longitude, "wgs84", label)
    return Content(Said.LOCATION, text=label, pin=pin, extra=live)


def _contact(message: Message) -> Content | None:
    """Somebody's card. `own` says that it is the sender's own number, confirmed by Telegram."""
    if not message.contact:
        return None
    own = message.from_user is not None and message.contact.user_id == message.from_user.id
    return Content(Said.CONTACT, contact_phone=message.contact.phone_number, extra={"own": "yes" if own else "no"})


def _other(message: Message) -> Content:
    kind = str(message.content_type).rpartition(".")[2].lower()
    if message.sticker:
        return Content(Said.UNKNOWN, text=message.sticker.emoji or "", extra={"vendor_kind": "sticker"})
    if message.migrate_to_chat_id:
        moved = {"migrate_to": str(message.migrate_to_chat_id), "silent": "yes"}
        return Content(Said.UNKNOWN, extra={"vendor_kind": kind, **moved})
    asked = message.poll or message.dice or message.game or message.story or message.paid_media
    return Content(Said.UNKNOWN, extra={"vendor_kind": kind[:64], **({} if asked else {"silent": "yes"})})
