"""What happens when a browser calls: /chat shows the talk, POST /chat/messages stores, GET /chat/stream brings letters.

Nothing is acknowledged before it is durable; the page repeats a message under its own id, which has no effect.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import anyio
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backend.notices.mailbox import Mailbox
from backend.office import Office
from backend.pages.assets import Assets
from backend.pages.forms import check_origin, read_body, read_form
from backend.pages.refusals import FieldWrong, PageUnknown, sentence_of
from backend.pages.rendering import (
    LANGUAGE_COOKIE,
    LARGE_COOKIE,
    Pages,
    is_large,
    language_of,
    page_headers,
    set_preference,
)
from backend.pages.throttle import Throttle
from backend.people.residents import speaker_for
from backend.texts import LANGUAGES
from bot.channels.doors import Clock
from bot.channels.safe_input import read_json_object
from bot.channels.web.parse import ACCOUNT, from_form, from_json
from bot.channels.web.record import Sitter, last_letter, letters_after, photo_of, sitter_of, talk_of
from bot.channels.web.sessions import ChatCookies, Session
from bot.channels.web.stream import HEARTBEAT_SECONDS, Closing, Streams
from bot.channels.web.uploads import Uploads
from bot.messages import Channel, Incoming, Said
from bot.reception import Reception
from nlu.errors import LinliError

PACKAGES = ("backend.pages", "bot.channels.web")
LONG_TEXT = 4000  # longer messages are kept whole; we ask kindly to be brief
GRACE_SECONDS = 2.0  # streams have so long to end when the server stops
PATIENCE_SECONDS = 2.5  # a page without JavaScript waits so long for the first answer
PERSON_RATE, PERSON_BURST = 2.0, 30  # messages a second, and at once: a photo album with words
ADDRESS_RATE, ADDRESS_BURST = 20.0, 300  # many people share one address
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class WebDoor:
    """The routes of the web chat. `frame_ancestors`: origins of sites that may embed the page, as CSP writes them."""

    office: Office
    reception: Reception
    mailbox: Mailbox
    key: bytes
    clock: Clock
    frame_ancestors: Sequence[str] = ()
    streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        self.streams = Streams(self.office, self.mailbox)
        self._cookies = ChatCookies(self.key, self.office.public_url, embedded=bool(self.frame_ancestors))
        self._uploads = Uploads(self.office.media_folder / "incoming")
        self._assets = Assets("/assets/chat", PACKAGES)
        self._pages = Pages(self.office, self._assets, PACKAGES)
        self._people = Throttle(PERSON_RATE, PERSON_BURST)
        self._addresses = Throttle(ADDRESS_RATE, ADDRESS_BURST)
        self._ancestors = " ".join(("'self'", *self.frame_ancestors))

    def routes(self) -> list[Route]:
        """Everything below /chat, and its static files."""
        return [
            Route("/chat", self._guarded(self.page), methods=["GET"]),
            Route("/chat/messages", self._guarded(self.message), methods=["POST"]),
            Route("/chat/stream", self._guarded(self.stream), methods=["GET"]),
            Route("/chat/seen", self._guarded(self.seen), methods=["POST"]),
            Route("/chat/preferences", self._guarded(self.preferences), methods=["POST"]),
            Route("/chat/photos/{photo:int}", self._guarded(self.photo), methods=["GET"]),
            Route("/chat/embed.js", self.embed, methods=["GET"]),
            *self._assets.routes(),
        ]

    def close(self) -> None:
        """Ends the open streams, so that the server can stop."""
        self.streams.close()

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────
    async def page(self, request: Request) -> Response:
        """The chat with everything said so far."""
        return await self._show(request, self._cookies.read(request))

    async def _show(
        self, request: Request, session: Session, *, status: int = 200, problem: str = "", kept: str = ""
    ) -> Response:
        async with self.office.database.read() as database:
            sitter = Sitter() if session.is_new else await sitter_of(database, session.chat)
            lines = await talk_of(database, self.office, session.chat, sitter)
            newest = 0 if session.is_new else await last_letter(database, session.chat)
        response = self._pages.answer(
            "chat.html",
            language_of(request, sitter.language),
            status=status,
            frame_ancestors=self._ancestors,
            large=is_large(request, sitter.large_text),
            lines=lines,
            newest=newest,
            problem=problem,
            kept=kept,
            form_id=secrets.token_hex(8),
            grid=request.query_params.get("grid", "")[:64],
            embedded=request.query_params.get("embed") == "1",
        )
        self._cookies.give(response, request, session)
        return response

    async def photo(self, request: Request) -> Response:
        """A photo of this very chat, as we encoded it; anything else is 404."""
        session = self._cookies.read(request)
        async with self.office.database.read() as database:
            sitter = await sitter_of(database, session.chat)
            found = await photo_of(database, request.path_params["photo"], sitter)
        if found is None:
            raise PageUnknown
        headers = {**page_headers(), "Cache-Control": "private, max-age=86400"}
        return FileResponse(self.office.media_folder / found.path, media_type=found.mime, headers=headers)

    async def embed(self, request: Request) -> Response:
        """The one line another site includes; it makes the frame."""
        headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
        return Response(self._assets.body("embed.js"), media_type="text/javascript; charset=utf-8", headers=headers)

    # ── messages ─────────────────────────────────────────────────────────────────────────────────────────
    async def message(self, request: Request) -> Response:
        """One message (JSON) or a form with photos: durable before it is acknowledged."""
        session = self._admitted(request)
        if request.headers.get("content-type", "").startswith("application/json"):
            body = read_json_object(await read_body(request))
            said = [from_json(body, session.chat, self._today())]
        else:
            form = await read_form(request)
            request.state.kept = form.fields.get("text", "")
            names = await asyncio.to_thread(self._uploads.keep, form.photos())
            said = from_form(form, names, session.chat, self._today())
        bell = self.mailbox.listen(session.chat)
        try:
            repeated = await self._store(said)
            if _wants_json(request):
                return self._acknowledged(request, session, said, repeated=repeated)
            return await self._back_to_talk(request, session, bell)
        finally:
            self.mailbox.stop_listening(session.chat, bell)

    def _admitted(self, request: Request) -> Session:
        """The session of somebody who may write now. Raises `ForeignOrigin` or `TooFast` before the body is read."""
        check_origin(request, self.office.public_url)
        session = self._cookies.read(request)
        now = self.clock()
        self._addresses.check(request.client.host if request.client else "", now)
        self._people.check(session.chat, now)
        return session

    def _today(self) -> datetime:
        """The page has no clock we trust, and a repeat must be the same message: so only the day is noted."""
        return self.office.local(self.clock()).replace(hour=0, minute=0, second=0, microsecond=0)

    async def _store(self, said: Sequence[Incoming]) -> bool:
        """Stores every part; whether all of them had come before."""
        ids = [await self.reception.receive(one) for one in said]
        return all(one is None for one in ids)

    def _acknowledged(
        self, request: Request, session: Session, said: Sequence[Incoming], *, repeated: bool
    ) -> Response:
        answer: dict[str, object] = {"stored": True, "repeated": repeated}
        if any(one.kind is Said.TEXT and len(one.text) > LONG_TEXT for one in said):
            answer["note"] = self.office.texts.say("pages.chat.long_text", language_of(request))
        response = JSONResponse(answer, headers={"Cache-Control": "no-store"})
        self._cookies.give(response, request, session)
        return response

    async def _back_to_talk(self, request: Request, session: Session, bell: asyncio.Event) -> Response:
        with suppress(TimeoutError):  # then the answer will be there at the next look
            await asyncio.wait_for(bell.wait(), PATIENCE_SECONDS)
        response = RedirectResponse("/chat#end", status_code=303)
        self._cookies.give(response, request, session)
        return response

    # ── letters ──────────────────────────────────────────────────────────────────────────────────────────
    async def stream(self, request: Request) -> Response:
        """Letters as server-sent events; resumes after `Last-Event-ID` (or `?after=`), else from now on."""
        session = self._cookies.read(request)
        self.streams.admit(session.chat)
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else 0
        response = EventSourceResponse(
            self.streams.letters(session.chat, after),
            ping=HEARTBEAT_SECONDS,
            headers={**page_headers(), "X-Accel-Buffering": "no"},
            shutdown_event=cast(anyio.Event, Closing(self.streams)),
            shutdown_grace_period=GRACE_SECONDS,
        )
        self._cookies.give(response, request, session)
        return response

    async def seen(self, request: Request) -> Response:
        """The page has shown the letters up to an id."""
        session = self._admitted(request)
        up_to = read_json_object(await read_body(request)).get("up_to")
        if not isinstance(up_to, int) or isinstance(up_to, bool) or not 0 < up_to < 2**53:
            raise FieldWrong(field="up_to")
        async with self.office.database.read() as database:
            unseen = await letters_after(
                database, self.office, session.chat, await self.mailbox.seen_up_to(database, session.chat), 1
            )
        if unseen:
            async with self.office.database.write() as database:
                await self.mailbox.mark_seen(database, session.chat, up_to)
        return Response(status_code=204)

    async def preferences(self, request: Request) -> Response:
        """Language and large letters, for this browser and for everything we say to this person."""
        session = self._admitted(request)
        form = await read_form(request)
        response = RedirectResponse("/chat?embed=1" if form.text("embed") == "1" else "/chat", status_code=303)
        language, large = form.text("language"), form.text("large")
        if language in LANGUAGES:
            set_preference(response, LANGUAGE_COOKIE, language)
        if large in ("0", "1"):
            set_preference(response, LARGE_COOKIE, large)
        now = self.clock()
        async with self.office.database.write() as database:
            speaker = await speaker_for(database, self.office, Channel.WEB.value, ACCOUNT, session.chat, now)
            speaker.resident.language = language if language in LANGUAGES else speaker.resident.language
            speaker.resident.large_text = large == "1" if large in ("0", "1") else speaker.resident.large_text
        self._cookies.give(response, request, session)
        return response

    # ── refusals ─────────────────────────────────────────────────────────────────────────────────────────
    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except LinliError as refusal:
                return await self._refused(request, refusal)

        return answer

    async def _refused(self, request: Request, refusal: LinliError) -> Response:
        """A refusal in the reader's language: JSON for the page's script, the page itself for a plain form."""
        sentence = sentence_of(self.office.texts, refusal, language_of(request))
        seconds = refusal.facts.get("seconds")
        headers = {"Retry-After": str(seconds)} if seconds else {}
        if request.method == "GET" or _wants_json(request):
            body = {"code": refusal.code, "sentence": sentence}
            return JSONResponse(body, status_code=refusal.status, headers={**page_headers(), **headers})
        kept = getattr(request.state, "kept", "")
        session = self._cookies.read(request)
        response = await self._show(request, session, status=refusal.status, problem=sentence, kept=kept)
        response.headers.update(headers)
        return response


def _wants_json(request: Request) -> bool:
    """The page's own script and other programs ask for JSON; a plain form does not."""
    return request.headers.get("content-type", "").startswith(
        "application/json"
    ) or "text/html" not in request.headers.get("accept", "")
