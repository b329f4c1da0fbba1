"""A13 and A36 on what reaches a log: one line per event, and nothing in it that names a person or opens a door."""

import json
import logging

import pytest
import structlog

from bot.logs import one_line, scrub, set_up_logs

PHONE, ID_CARD = "13812345678", "310101199003077715"
DOORS = (
    ("https://api.weixin.qq.com/cgi-bin/message?access_token=72_abcDEF-9", "72_abcDEF-9"),
    ("corpsecret=abcdef123456 tail", "abcdef123456"),
    (
        "https://api.telegram.org/bot7312345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
        "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    ),
    ("authorization: Bearer ll_0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("GET /t/0123456789abcdefghijklmnopqrstuv 200", "0123456789abcdefghijklmnopqrstuv"),
)


@pytest.fixture(autouse=True)
def _quiet_afterwards() -> object:
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = kept, level


@pytest.mark.parametrize(("said", "secret"), DOORS)
def test_a36_what_opens_a_door_is_masked(said: str, secret: str) -> None:
    assert secret not in scrub(said)


@pytest.mark.parametrize(
    "said", ["13812345678", "+86 138 1234 5678", "打138-1234-5678", "电话13812345678。", "'13812345678'"]
)
def test_a36_a_phone_is_masked_however_it_is_written(said: str) -> None:
    assert "12345678" not in scrub(said).replace(" ", "").replace("-", "")


@pytest.mark.parametrize("number", ["20261123-00001", "99010100101", "1763863200", "2026-11-23T02:00:00Z"])
def test_what_is_no_phone_stays_readable(number: str) -> None:
    assert scrub(number) == number


@pytest.mark.parametrize("form", ["console", "json"])
def test_a13_and_a36_one_event_is_one_line_without_anything_personal(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(form)  # type: ignore[arg-type]
    log = structlog.get_logger()
    log.info(
        "case_filed",
        name="王五\r\n2026 forged\x1b[2J\u2028x",
        number=int(PHONE),
        nested={"call": [PHONE, ID_CARD]},
        password="open sesame",
        text="我家的门",
    )
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert not {PHONE, ID_CARD, "\x1b", "open sesame", "我家的门"} & set(_parts(lines[0]))
    for secret in (PHONE, ID_CARD, "\x1b", "open sesame", "我家的门"):
        assert secret not in lines[0]


@pytest.mark.parametrize("form", ["console", "json"])
def test_a36_a_traceback_shows_neither_values_nor_variables(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(form)  # type: ignore[arg-type]
    hidden_local = "a variable of the frame"
    try:
        int(f"call {PHONE}\n2026-11-23 forged line")
    except ValueError as failure:
        structlog.get_logger().error("turn_failed", exc_info=failure)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application %s", PHONE, exc_info=failure)
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert PHONE not in shown
    assert hidden_local not in shown
    for line in shown.splitlines():
        assert not line.startswith("2026-11-23 forged")
        if form == "json":
            assert json.loads(line)


def _parts(line: str) -> list[str]:
    return one_line(line).split()
