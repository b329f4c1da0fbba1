"""What happens when WeCom calls: always encrypted; check → store → empty 200; everything is sent afterwards."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.doors import Clock, Receive, read_bounded, refused
from bot.channels.wecom.callback import WeComCallback
from nlu.errors import LinliError


@dataclass(frozen=True, slots=True)
class WeComDoor:
    """The two routes of one application."""

    callback: WeComCallback
    receive: Receive
    clock: Clock

    def routes(self) -> list[Route]:
        """`GET /wecom` proves the address is ours, `POST /wecom` brings messages and clicks."""
        return [
            Route("/wecom", self.verify, methods=["GET"]),
            Route("/wecom", self.message, methods=["POST"]),
        ]

    async def verify(self, request: Request) -> Response:
        """Answers the opened echo."""
        try:
            return PlainTextResponse(self.callback.verify_address(request.query_params, self.clock()))
        except LinliError as refusal:
            return refused("wecom", refusal)

    async def message(self, request: Request) -> Response:
        """One callback; repeats have no effect."""
        try:
            body = await read_bounded(request)
            said = await self.callback.receive(request.query_params, body, self.clock())
        except LinliError as refusal:
            return refused("wecom", refusal)
        await self.receive(said)
        return PlainTextResponse("")
