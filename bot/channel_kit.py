"""The channels that the settings switch on: their doors, couriers and media sources."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
from pydantic import SecretStr

from backend.notices.callbacks import CallBackCourier
from backend.notices.letters import Channel
from backend.office import Office
from bot.channel_parts import ChannelKit, Parts, plain
from bot.channels.refusals import ChannelMisconfigured
from bot.channels.sms.client import SmsClient, SmsKeys
from bot.channels.sms.sender import SmsSender
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
from bot.couriers import ChannelCourier, DownloadedMedia, SmsCourier, StoredMedia
from bot.messages import Incoming
from bot.quick_answers import OutboxAnswers
from bot.reception import Reception
from bot.settings import Settings, SmsSettings, WeChatSettings, WeComSettings
from bot.stores import NonceTable, TokenTable

__all__ = ["ChannelKit", "build_channels"]

CARD_CHARACTERS = 18  # what a card's button shows
DONE_MARK = "✓"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ClickedCards:
    """Changes the card of a pressed button, so that a second look shows that it was heard."""

    client: WeComClient

    async def acknowledge(self, said: Incoming, answer: str) -> None:
        """Each click's right to change its card works once, for 72 hours."""
        await self.client.update_card(said.ref.sender, said.reply_token, answer[:CARD_CHARACTERS] or DONE_MARK)


def build_channels(
    settings: Settings, office: Office, reception: Reception, http: httpx.AsyncClient, clock: Clock, owner: str
) -> ChannelKit:
    """Every channel whose settings are filled in. Half-filled settings raise `ChannelMisconfigured`."""
    parts = Parts(office, reception, http, clock, owner)
    kit = ChannelKit()
    kit.couriers[Channel.PHONE] = CallBackCourier(office, clock)
    kit.sources[Channel.WEB] = StoredMedia(office.media_folder)
    kit.sources[Channel.TERMINAL] = LocalFiles()
    if settings.wechat.app_id:
        _add_wechat(kit, parts, settings.wechat)
    if settings.wecom.corp_id:
        _add_wecom(kit, parts, settings.wecom)
    if plain(settings.telegram.token):
        from bot.telegram_kit import add_telegram  # noqa: PLC0415  (aiogram costs 166 MB: only for a switched-on bot)

        add_telegram(kit, parts, settings.telegram, settings.public_url)
    if settings.sms.url:
        _add_sms(kit, parts, settings.sms)
    return kit


def _seal(token: SecretStr, aes_key: SecretStr, receiver: str) -> Seal:
    return Seal(token=plain(token), encoding_aes_key=plain(aes_key), receiver=receiver)


def _add_wechat(kit: ChannelKit, parts: Parts, wechat: WeChatSettings) -> None:
    _need("WECHAT", app_secret=plain(wechat.app_secret), token=plain(wechat.token))
    client = WeChatClient(
        parts.http,
        app_id=wechat.app_id,
        app_secret=plain(wechat.app_secret),
        base=wechat.api_base,
        tokens=TokenTable(parts.office),
        clock=parts.clock,
    )
    seal = _seal(wechat.token, wechat.encoding_aes_key, wechat.app_id)
    callback = WeChatCallback(seal, NonceTable(parts.office), allow_plaintext=wechat.allow_plaintext)
    answers = OutboxAnswers(parts.office, parts.clock, f"{parts.owner}:passive", parts.reception.handled)
    kit.routes += WeChatDoor(callback, parts.reception.receive, answers, parts.clock).routes()
    kit.couriers[Channel.WECHAT] = ChannelCourier(
        {
            "customer": CustomerSender(client, parts.clock),
            "template": TemplateSender(client, parts.book, parts.clock),
            "subscribe": SubscribeSender(client, parts.book, parts.clock),
        }
    )
    kit.accounts[Channel.WECHAT] = wechat.app_id
    kit.sources[Channel.WECHAT] = DownloadedMedia(client.download_media)


def _add_wecom(kit: ChannelKit, parts: Parts, wecom: WeComSettings) -> None:
    _need("WECOM", secret=plain(wecom.secret), token=plain(wecom.token), agent_id=str(wecom.agent_id or ""))
    client = WeComClient(
        parts.http,
        corp_id=wecom.corp_id,
        agent_id=wecom.agent_id,
        secret=plain(wecom.secret),
        base=wecom.api_base,
        tokens=TokenTable(parts.office),
        clock=parts.clock,
    )
    seal = _seal(wecom.token, wecom.encoding_aes_key, wecom.corp_id)
    callback = WeComCallback(seal, NonceTable(parts.office))
    kit.routes += WeComDoor(callback, parts.reception.receive, parts.clock).routes()
    kit.couriers[Channel.WECOM] = ChannelCourier({"chat": WeComSender(client, parts.clock)})
    kit.acknowledgers[Channel.WECOM] = ClickedCards(client)
    kit.accounts[Channel.WECOM] = wecom.corp_id
    kit.sources[Channel.WECOM] = DownloadedMedia(client.download_media)


def _add_sms(kit: ChannelKit, parts: Parts, sms: SmsSettings) -> None:
    _need("SMS", key=sms.key, secret=plain(sms.secret))
    keys = SmsKeys(sms.key, plain(sms.secret))
    client = SmsClient(parts.http, base=sms.url, keys=keys, clock=parts.clock)
    kit.accounts[Channel.SMS] = "sms"
    kit.couriers[Channel.SMS] = SmsCourier(parts.office, SmsSender(client, parts.book))


def _need(channel: str, **values: str) -> None:
    """Every named setting must be filled in, or the start is refused with their names."""
    missing = [f"LINLI_{channel}__{name.upper()}" for name, value in values.items() if not value]
    if missing:
        raise ChannelMisconfigured(f"set {', '.join(missing)}, or leave the whole channel out")
