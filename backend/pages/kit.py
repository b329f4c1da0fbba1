"""What every page needs, and the one wrapper around them: limits, refusals in the reader's language, headers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from backend.cases.links import LinkUnknown
from backend.office import Office
from backend.pages.forms import check_origin
from backend.pages.refusals import PageUnknown, TwoAtOnce, sentence_of
from backend.pages.rendering import Pages, is_large, language_of, page_headers
from backend.pages.throttle import Throttle
from nlu.errors import LinliError

Clock = Callable[[], datetime]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class PageKit:
    """One per process. `writes` limits one link, `misses` an address that guesses links."""

    office: Office
    clock: Clock
    pages: Pages
    writes: Throttle
    misses: Throttle

    def guarded(self, handler: Handler) -> Handler:
        """The handler with its refusals turned into answers; posts from other sites never reach it."""

        async def answer(request: Request) -> Response:
            try:
                if request.method == "POST":
                    check_origin(request, self.office.public_url)
                    self.writes.check(request.path_params.get("token", ""), self.clock())
                return await handler(request)
            except IntegrityError:  # two writers at the same place in one history: the second looks again
                return self._refused(request, TwoAtOnce())
            except (LinkUnknown, PageUnknown) as unknown:
                return self._refused(request, self._count_miss(request, unknown))
            except LinliError as refusal:
                return self._refused(request, refusal)

        return answer

    def _count_miss(self, request: Request, unknown: LinliError) -> LinliError:
        try:
            self.misses.check(request.client.host if request.client else "", self.clock())
        except LinliError as too_fast:
            return too_fast
        return unknown

    def _refused(self, request: Request, refusal: LinliError) -> Response:
        language = language_of(request)
        sentence = sentence_of(self.office.texts, refusal, language)
        seconds = refusal.facts.get("seconds")
        headers = {"Retry-After": str(seconds)} if seconds else {}
        if wants_json(request):
            body = {"code": refusal.code, "sentence": sentence}
            return JSONResponse(body, status_code=refusal.status, headers={**page_headers(), **headers})
        response = self.pages.answer(
            "refused.html",
            language,
            status=refusal.status,
            large=is_large(request),
            sentence=sentence,
            said=request.query_params.get("said", ""),
            back=request.url.path.removesuffix("/moves") if request.method == "POST" else "",
            home=refusal.facts.get("home", ""),
        )
        response.headers.update(headers)
        return response

    def done(self, request: Request, to: str, said: str) -> Response:
        """After a post: JSON for the page's script, else back to the page, which says what was done."""
        target = f"{to}?said={said}"
        if wants_json(request):
            return JSONResponse({"done": said, "to": target}, headers={"Cache-Control": "no-store"})
        return RedirectResponse(target, status_code=303)


def wants_json(request: Request) -> bool:
    """The page's own script asks for JSON; a plain form does not."""
    return "application/json" in request.headers.get("accept", "")
