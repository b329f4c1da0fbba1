"""How a message of ours is written for WeChat: passive replies as XML, customer messages as text or a menu.

Text of people is made inert: it can neither close the CDATA section of a reply nor place a tappable link.
"""

import re
from datetime import datetime

from wechatpy.replies import TextReply

from bot.channels.degrade import cut_bytes, plain_text
from bot.channels.limits import WECHAT_TEXT_BYTES
from bot.messages import Incoming, Outgoing

ACKNOWLEDGED = "success"
_ANCHOR = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def inert(text: str) -> str:
    """WeChat turns `<a href>` in a text into a link or a menu line; ours never contain one."""
    return _ANCHOR.sub("＜", text)


def customer_text(message: Outgoing) -> str:
    """The text of a customer message without its choices, at most 2,048 bytes."""
    return cut_bytes(inert(plain_text(message, with_choices=False)), WECHAT_TEXT_BYTES)


def cdata(text: str) -> str:
    """Text that is safe inside CDATA: `]]>` split over two sections, characters outside XML 1.0 removed."""
    return _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")


def passive_reply(to: Incoming, message: Outgoing, now: datetime) -> str:
    """The XML that answers `to` within the 5 seconds; choices become numbered lines."""
    text = cut_bytes(inert(plain_text(message)), WECHAT_TEXT_BYTES)
    reply = TextReply(
        source=cdata(to.extra["original_id"]),
        target=cdata(to.ref.chat),
        time=int(now.timestamp()),
        content=cdata(text),
    )
    xml: str = reply.render()
    return xml
