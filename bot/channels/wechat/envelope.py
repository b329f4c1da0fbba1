"""The outer XML of an encrypted callback, which holds nothing of use but the ciphertext."""

from defusedxml.ElementTree import fromstring

from bot.channels.refusals import MalformedBody


def ciphertext_of(xml: str) -> str:
    """The `Encrypt` field of a checked envelope; MalformedBody when there is none."""
    root = fromstring(xml, forbid_dtd=True)
    ciphertext = root.findtext("Encrypt") if root.tag == "xml" else None
    if not ciphertext:
        raise MalformedBody("no Encrypt field")
    return str(ciphertext)
