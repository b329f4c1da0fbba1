"""The product's clients wired to the stand-ins, with one set of made-up keys for all tests."""

from bot.channels.ports import TemplateSpec
from bot.channels.sms.client import SmsClient, SmsKeys
from bot.channels.vendor_http import vendor_client
from bot.channels.wechat.client import WeChatClient
from bot.channels.wechat.crypto import Seal
from bot.channels.wecom.client import WeComClient
from tests.servers.sms import SmsServer
from tests.servers.stores import FixedTemplateBook, MemoryTokenStore
from tests.servers.wechat import WeChatServer
from tests.servers.wechat_signer import Signer
from tests.servers.wecom import WeComServer

TOKEN = "callback-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
READY = "ready"

BOOK = FixedTemplateBook(
    {
        ("wechat.template", READY): TemplateSpec("tpl-ready", {"thing1": "item", "phrase2": "state"}),
        ("wechat.subscribe", READY): TemplateSpec("sub-ready", {"thing1": "item"}),
        ("sms", READY): TemplateSpec("SMS_1", {"item": "item"}),
    }
)


def wechat_seal(server: WeChatServer) -> Seal:
    """The product's side of the callback keys."""
    return Seal(token=TOKEN, encoding_aes_key=AES_KEY, receiver=server.app_id)


def wechat_signer(server: WeChatServer) -> Signer:
    """The platform's side of the same keys."""
    return Signer(TOKEN, AES_KEY, server.app_id)


def wechat_client(server: WeChatServer, store: MemoryTokenStore | None = None) -> WeChatClient:
    """The product's client for a running stand-in; knows two approved templates."""
    server.templates["tpl-ready"] = ("thing1", "phrase2")
    server.notices["sub-ready"] = ("thing1",)
    return WeChatClient(
        vendor_client(),
        app_id=server.app_id,
        app_secret=server.app_secret,
        base=server.base,
        tokens=store or MemoryTokenStore(),
        clock=server.clock,
    )


def wecom_client(server: WeComServer, store: MemoryTokenStore | None = None) -> WeComClient:
    """The product's client for a running stand-in."""
    return WeComClient(
        vendor_client(),
        corp_id=server.corp_id,
        agent_id=server.agent_id,
        secret=server.secret,
        base=server.base,
        tokens=store or MemoryTokenStore(),
        clock=server.clock,
    )


def sms_client(server: SmsServer) -> SmsClient:
    """The product's client for a running stand-in; knows one approved template."""
    server.templates["SMS_1"] = "您的{item}已办好"
    keys = SmsKeys(server.key_id, server.secret)
    return SmsClient(vendor_client(), base=server.base, keys=keys, clock=server.clock)
