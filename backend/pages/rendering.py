"""From facts to a page: the templates, the sentences in the reader's language, and the headers every page carries."""

import json
import re
from collections.abc import Sequence
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from backend.office import Office
from backend.pages.assets import Assets
from backend.texts import LANGUAGES

LANGUAGE_COOKIE, LARGE_COOKIE = "linli_lang", "linli_big"
YEAR = 365 * 86_400
_CALLS = re.compile(r"(?<!\d)(110|119|120|122|12345)(?!\d)")
HTML_LANG = {"zh_CN": "zh-CN", "en": "en"}


def content_policy(frame_ancestors: str = "'none'") -> str:
    """Nothing inline, nothing from elsewhere."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )


def page_headers(frame_ancestors: str = "'none'") -> dict[str, str]:
    """The headers of every page."""
    return {
        "Content-Security-Policy": content_policy(frame_ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }


def language_of(request: Request, known: str = "") -> str:
    """The reader's own choice, else what we know of them, else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    if known in LANGUAGES:
        return known
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else LANGUAGES[0]


def is_large(request: Request, known: bool = False) -> bool:
    """Whether the page is read in large letters."""
    chosen = request.cookies.get(LARGE_COOKIE, "")
    return chosen == "1" if chosen in ("0", "1") else known


def set_preference(response: Response, name: str, value: str) -> None:
    """Remembers how this browser wants to read."""
    response.set_cookie(name, value, max_age=YEAR, path="/", httponly=True, samesite="lax")


def with_calls(text: str) -> Markup:
    """Text in which emergency and service numbers can be tapped to call."""
    return Markup(_CALLS.sub(r'<a href="tel:\1">\1</a>', str(escape(text))))  # noqa: S704  escaped one call before


def safe_url(url: str) -> str:
    """An address that a link may carry; anything but http(s) and our own paths becomes "#"."""
    return url if url.startswith(("http://", "https://")) or (url[:1] == "/" and url[1:2] != "/") else "#"


class Pages:
    """The templates of one or more packages over one office."""

    def __init__(self, office: Office, assets: Assets, packages: Sequence[str]) -> None:
        self.office = office
        self.assets = assets
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in packages]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(with_calls=with_calls, safe_url=safe_url)

    def html(self, name: str, language: str, *, large: bool = False, **facts: Any) -> str:
        """One template filled in; `t("task.accept")` in it says `pages.task.accept`."""
        say = self.office.texts.say

        def t(key: str, *, missing_ok: bool = False, **inside: Any) -> str:
            if missing_ok and not self.office.texts.has(f"pages.{key}"):
                return ""
            return say(f"pages.{key}", language, **inside)

        def texts_under(prefix: str) -> str:
            start = f"pages.{prefix}."
            return json.dumps({key.removeprefix(start): say(key, language) for key in self.office.texts.keys(start)})

        return self._environment.get_template(name).render(
            t=t,
            texts_under=texts_under,
            asset=self.assets.url,
            language=language,
            html_lang=HTML_LANG[language],
            large=large,
            is_demo=self.office.is_demo,
            zone=self.office.zone.key,
            district=self.office.atlas.full_name(self.office.district_code),
            when=lambda moment: f"{self.office.local(moment):%m-%d %H:%M}",
            iso=lambda moment: self.office.local(moment).isoformat(timespec="minutes"),
            **facts,
        )

    def answer(
        self,
        name: str,
        language: str,
        *,
        status: int = 200,
        frame_ancestors: str = "'none'",
        large: bool = False,
        **facts: Any,
    ) -> HTMLResponse:
        """A whole page with its headers."""
        body = self.html(name, language, large=large, **facts)
        return HTMLResponse(body, status_code=status, headers=page_headers(frame_ancestors))
