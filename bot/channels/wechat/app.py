"""What happens when WeChat calls: check → store → answer inside five seconds, or say `success` and send later."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.doors import Clock, QuickAnswers, Receive, read_bounded, refused
from bot.channels.wechat.callback import WeChatCallback
from bot.messages import Incoming, Said
from nlu.errors import LinliError

PASSIVE_SECONDS = 4.2  # the platform waits five
ANSWERED_AT_ONCE = (Said.TEXT, Said.PHOTO, Said.VOICE, Said.LOCATION, Said.FOLLOW, Said.SCAN, Said.CHOICE)


@dataclass(frozen=True, slots=True)
class WeChatDoor:
    """The two routes of one official account."""

    callback: WeChatCallback
    receive: Receive
    answers: QuickAnswers
    clock: Clock

    def routes(self) -> list[Route]:
        """`GET /wechat` proves the address is ours, `POST /wechat` brings messages."""
        return [
            Route("/wechat", self.verify, methods=["GET"]),
            Route("/wechat", self.message, methods=["POST"]),
        ]

    async def verify(self, request: Request) -> Response:
        """Answers the platform's echo when the address is registered."""
        try:
            return PlainTextResponse(self.callback.verify_address(request.query_params, self.clock()))
        except LinliError as refusal:
            return refused("wechat", refusal)

    async def message(self, request: Request) -> Response:
        """One callback; the platform repeats it up to three times, which has no effect."""
        try:
            body = await read_bounded(request)
            said = await self.callback.receive(request.query_params, body, self.clock())
        except LinliError as refusal:
            return refused("wechat", refusal)
        message_id = await self.receive(said)
        if message_id is None and said.kind in ANSWERED_AT_ONCE:
            message_id = await self.answers.known(said)
        if message_id is None or said.kind not in ANSWERED_AT_ONCE:
            return PlainTextResponse("success")
        return await self._reply(said, message_id, encrypted=request.query_params.get("encrypt_type") == "aes")

    async def _reply(self, said: Incoming, message_id: int, *, encrypted: bool) -> Response:
        answer = await self.answers.wait_for(message_id, PASSIVE_SECONDS)
        if answer is None:
            return PlainTextResponse("success")
        notice_id, letter = answer
        if letter.media:  # a passive reply is text only
            await self.answers.settle(notice_id, sent=False)
            return PlainTextResponse("success")
        text = self.callback.answer(said, letter, self.clock(), encrypted=encrypted)
        await self.answers.settle(notice_id, sent=True)
        return Response(text, media_type="application/xml")
