"""What the Bot API reads and refuses: its three encodings, lengths of texts, data of buttons, the form of errors."""

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Answer = dict[str, Any]
Form = dict[str, Any]


class Refused(Exception):
    """A Bot API error: HTTP status, description, and for floods the seconds to wait."""

    def __init__(self, status: int, words: str, **parameters: int) -> None:
        super().__init__(words)
        self.status, self.words, self.parameters = status, words, parameters


async def read_form(request: Request) -> Form:
    """Fields and files of any of the three encodings the Bot API takes."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(json.loads(await request.body()))
    form: Form = dict(request.query_params)
    for name, value in (await request.form()).items():
        form[name] = await value.read() if isinstance(value, UploadFile) else value
    return form


def failure(refusal: Refused) -> Response:
    answer: Answer = {"ok": False, "error_code": refusal.status, "description": refusal.words}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return JSONResponse(answer, refusal.status)


def check_text(text: str, most: int, what: str) -> None:
    if not text.strip():
        raise Refused(400, f"Bad Request: {what} text is empty")
    if len(text.encode("utf-16-le")) // 2 > most:
        raise Refused(400, f"Bad Request: {what} is too long")


def check_buttons(markup: Answer) -> None:
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if "url" not in button and not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")


def buttons_of(markup: Answer) -> list[tuple[str, str]]:
    """(label, id or address) of every button."""
    rows = markup.get("inline_keyboard", [])
    return [(button["text"], button.get("callback_data") or button.get("url", "")) for row in rows for button in row]
