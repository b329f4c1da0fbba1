"""The channels that the settings switch on: their doors, couriers and media sources."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from pydantic import SecretStr
from starlette.routing import Route

from backend.notices.courier import Courier
from backend.notices.letters import Channel
from backend.office import Office
from bot.channels.refusals import ChannelMisconfigured
from bot.channels.sms.client import SmsClient, SmsKeys
from bot.channels.sms.sender import SmsSender
from bot.channels.telegram.app import TelegramDoor
from bot.channels.telegram.callback import require_secret
from bot.channels.telegram.client import build_bot
from bot.channels.telegram.media import TelegramMedia
from bot.channels.telegram.sender import TelegramSender
from bot.channels.terminal import LocalFiles
from bot.channels.wechat.app import WeChatDoor
from bot.channels.wechat.callback import WeChatCallback
from bot.channels.wechat.client import WeChatClient
from bot.channels.wechat.crypto import Seal
from bot.channels.wechat.senders import CustomerSender, SubscribeSender, TemplateSender
from bot.channels.wecom.app import WeComDoor
from bot.channels.wecom.callback import WeComCallback
from bot.channels.wecom.client import WeComClient
from bot.channels.wecom.sender import WeComSender
from bot.counter import MediaSource
from bot.couriers import ChannelCourier, DownloadedMedia, SmsCourier, StoredMedia
from bot.quick_answers import OutboxAnswers
from bot.reception import Reception
from bot.settings import Settings, SmsSettings, TelegramSettings, WeChatSettings, WeComSettings
from bot.stores import NonceTable, TemplateTable, TokenTable

Clock = Callable[[], datetime]


@dataclass
class ChannelKit:
    """What the switched-on channels bring. `background`: loops to run beside the web server (Telegram polling)."""

    couriers: dict[Channel, Courier] = field(default_factory=dict)
    sources: dict[Channel, MediaSource] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    background: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    at_start: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    at_close: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    book: TemplateTable | None = None

    async def templates(self) -> frozenset[str]:
        """Milestones that WeChat has an approved template for; none while WeChat is off."""
        return (
            await self.book.milestones() if self.book is not None and Channel.WECHAT in self.couriers else frozenset()
        )

    async def close(self) -> None:
        """Closes what the channels opened."""
        for close in self.at_close:
            await close()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What every builder below may need."""

    office: Office
    reception: Reception
    http: httpx.AsyncClient
    clock: Clock
    owner: str

    @property
    def book(self) -> TemplateTable:
        return TemplateTable(self.office)


def build_channels(
    settings: Settings, office: Office, reception: Reception, http: httpx.AsyncClient, clock: Clock, owner: str
) -> ChannelKit:
    """Every channel whose settings are filled in. Half-filled settings raise `ChannelMisconfigured`."""
    parts = _Parts(office, reception, http, clock, owner)
    kit = ChannelKit(book=parts.book)
    kit.sources[Channel.WEB] = StoredMedia(office.media_folder)
    kit.sources[Channel.TERMINAL] = LocalFiles()
    if settings.wechat.app_id:
        _add_wechat(kit, parts, settings.wechat)
    if settings.wecom.corp_id:
        _add_wecom(kit, parts, settings.wecom)
    if _plain(settings.telegram.token):
        _add_telegram(kit, parts, settings.telegram, settings.public_url)
    if settings.sms.url:
        _add_sms(kit, parts, settings.sms)
    return kit


def _plain(secret: SecretStr) -> str:
    return secret.get_secret_value()


def _seal(token: SecretStr, aes_key: SecretStr, receiver: str) -> Seal:
    return Seal(token=_plain(token), encoding_aes_key=_plain(aes_key), receiver=receiver)


def _add_wechat(kit: ChannelKit, parts: _Parts, wechat: WeChatSettings) -> None:
    _need("WECHAT", app_secret=_plain(wechat.app_secret), token=_plain(wechat.token))
    client = WeChatClient(
        parts.http,
        app_id=wechat.app_id,
        app_secret=_plain(wechat.app_secret),
        base=wechat.api_base,
        tokens=TokenTable(parts.office),
        clock=parts.clock,
    )
    seal = _seal(wechat.token, wechat.encoding_aes_key, wechat.app_id)
    callback = WeChatCallback(seal, NonceTable(parts.office), allow_plaintext=wechat.allow_plaintext)
    answers = OutboxAnswers(parts.office, parts.clock, f"{parts.owner}:passive")
    kit.routes += WeChatDoor(callback, parts.reception.receive, answers, parts.clock).routes()
    kit.couriers[Channel.WECHAT] = ChannelCourier(
        {
            "customer": CustomerSender(client, parts.clock),
            "template": TemplateSender(client, parts.book, parts.clock),
            "subscribe": SubscribeSender(client, parts.book, parts.clock),
        }
    )
    kit.sources[Channel.WECHAT] = DownloadedMedia(client.download_media)


def _add_wecom(kit: ChannelKit, parts: _Parts, wecom: WeComSettings) -> None:
    _need("WECOM", secret=_plain(wecom.secret), token=_plain(wecom.token), agent_id=str(wecom.agent_id or ""))
    client = WeComClient(
        parts.http,
        corp_id=wecom.corp_id,
        agent_id=wecom.agent_id,
        secret=_plain(wecom.secret),
        base=wecom.api_base,
        tokens=TokenTable(parts.office),
        clock=parts.clock,
    )
    seal = _seal(wecom.token, wecom.encoding_aes_key, wecom.corp_id)
    callback = WeComCallback(seal, NonceTable(parts.office))
    kit.routes += WeComDoor(callback, parts.reception.receive, parts.clock).routes()
    kit.couriers[Channel.WECOM] = ChannelCourier({"chat": WeComSender(client, parts.clock)})
    kit.sources[Channel.WECOM] = DownloadedMedia(client.download_media)


def _add_telegram(kit: ChannelKit, parts: _Parts, telegram: TelegramSettings, public_url: str) -> None:
    bot = build_bot(_plain(telegram.token), telegram.api_base)
    secret = require_secret(_plain(telegram.webhook_secret)) if telegram.mode == "webhook" else ""
    door = TelegramDoor(bot, parts.reception.receive, parts.clock, secret)
    kit.routes += door.routes()
    if secret:
        kit.at_start.append(lambda: door.register(public_url))
    else:
        kit.background.append(door.poll)
    kit.couriers[Channel.TELEGRAM] = ChannelCourier({"chat": TelegramSender(bot)})
    kit.sources[Channel.TELEGRAM] = TelegramMedia(bot)
    kit.at_close.append(bot.session.close)


def _add_sms(kit: ChannelKit, parts: _Parts, sms: SmsSettings) -> None:
    _need("SMS", key=sms.key, secret=_plain(sms.secret))
    keys = SmsKeys(sms.key, _plain(sms.secret))
    client = SmsClient(parts.http, base=sms.url, keys=keys, clock=parts.clock)
    kit.couriers[Channel.SMS] = SmsCourier(parts.office, SmsSender(client, parts.book))


def _need(channel: str, **values: str) -> None:
    """Every named setting must be filled in, or the start is refused with their names."""
    missing = [f"LINLI_{channel}__{name.upper()}" for name, value in values.items() if not value]
    if missing:
        raise ChannelMisconfigured(f"set {', '.join(missing)}, or leave the whole channel out")
