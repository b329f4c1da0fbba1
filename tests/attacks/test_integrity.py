"""A36: refused secrets, and a whole journey that leaves nothing personal behind."""

import contextlib
import io
import json
import logging
import re
import sys
from pathlib import Path

import httpx
import pytest
import structlog
from pydantic import ValidationError
from sqlalchemy import text
from structlog._config import BoundLoggerLazyProxy

from backend.people.masked import Masked, Secret
from backend.people.vault import Vault, WeakSecret
from bot.logs import set_up_logs
from bot.main import master_secret
from bot.settings import Settings
from tests.attacks.stand import TELEGRAM_SECRET, TELEGRAM_TOKEN, Stand, settings_for
from tests.backend.admin.building import PASSWORD
from tests.office_builder import SECRET
from tests.servers.wired import AES_KEY, TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "changeme",
        "secret",
        "linli",
        "a" * 64,
        "12345678" * 4,
        "changeme-changeme-changeme-changeme",
        "please-change-me-please-change-me",
        "secret-secret-secret-secret-secret",
        "your-secret-key-here-your-secret-key",
        "0123456789abcdef0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz012345",
        "32+ random characters 32+ random characters",
    ],
)
async def test_a36_a_default_or_guessable_secret_does_not_start(secret: str) -> None:
    with pytest.raises(WeakSecret):
        Vault(Secret(secret))


async def test_a36_the_secret_that_is_made_is_random_strong_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    made = [master_secret(Settings(_env_file=None), tmp_path / f"key{place}") for place in range(3)]  # type: ignore[call-arg]
    assert len({one.reveal() for one in made}) == 3
    for one in made:
        Vault(one)
    assert oct((tmp_path / "key0").stat().st_mode)[-3:] == "600"
    assert master_secret(Settings(_env_file=None), tmp_path / "key0").reveal() == made[0].reveal()  # type: ignore[call-arg]


async def test_a36_settings_and_personal_values_do_not_print_themselves() -> None:
    settings = settings_for(Path("x"))
    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings}"):
        for secret in (SECRET, TOKEN, AES_KEY, TELEGRAM_TOKEN, TELEGRAM_SECRET, "an-app-secret-0123456789"):
            assert secret not in shown
    phone = Masked("13812345678", "phone")
    for shown in (f"{phone}", repr(phone), f"{[phone]}", "%s" % phone, f"{phone!r:>20}", repr({"p": phone})):  # noqa: UP031
        assert "12345678" not in shown
    assert "x" * 32 not in f"{Secret('x' * 32)!r}{Secret('x' * 32)}"


async def test_a36_audit_lines_kept_shorter_than_180_days_are_no_setting() -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, audit_days=179)  # type: ignore[call-arg]


async def test_a36_a_broken_page_tells_nothing_outside(stand: Stand) -> None:
    answer = await stand.client().get("/-/broken?secret=abcdef")
    assert (answer.status_code, answer.json()) == (500, {"code": "error"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/%00", "/chat?x=%00", "/chat?" + "x" * 9000):
        assert (await stand.client().get(path)).status_code == 400


async def test_a36_every_answer_carries_the_headers(stand: Stand) -> None:
    for path in ("/", "/healthz", "/metrics", "/nowhere", "/api/v1/cases", "/open311/v2/requests.json", "/admin/login"):
        answer = await stand.client(base="https://127.0.0.1:8000").get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert "strict-transport-security" in answer.headers, path
        assert "server" not in answer.headers


async def test_a36_the_public_figures_name_nobody(stand: Stand) -> None:
    for path in ("/metrics", "/readyz", "/healthz"):
        shown = (await stand.client().get(path)).text
        for personal in ("o-1", "13812345678", "staff:", "resident:", "openid"):
            assert personal not in shown


JOURNEY = (
    "我叫王小明，电话13812345678，身份证310101199003077715，幸福里1号楼门口的路灯坏了三天",
    "幸福里小区1号楼",
    "对",
    "我上次报的怎么样了",
)
PERSONAL = re.compile(r"13812345678|138\d{4}5678|310101199003077715|王小明|路灯坏了三天|o-journey")


async def test_a36_the_logs_of_a_whole_journey_hold_nothing_personal_and_no_secret(stand: Stand) -> None:
    """WeChat in and out, a token call, logins right and wrong, the API, a broken page, a poison message."""
    logged = io.StringIO()
    with _logs_into(logged):
        for number, said in enumerate(JOURNEY, start=360_001):
            await stand.post_wechat(stand.wechat_text(said, "o-journey", number, f"n{number}"))
            stand.pass_by(20)
            await stand.work()
        stand.vendors.says = lambda _request: httpx.Response(500, text="no 13812345678 today")
        await stand.post_wechat(stand.wechat_text("13812345678 打这个", "o-journey", 360_009, "n360009"))
        await stand.work()
        await stand.post_wechat(stand.wechat.sealed_callback("<broken", stand.stamp, "n360010"))
        await stand.post_telegram({"update_id": 1}, "a-wrong-secret-0123456789")
        for password in (PASSWORD, "wrong 13812345678"):
            await stand.client().post("/admin/login", data={"username": "13812345678", "password": password})
        headers = await stand.token("operator")
        await stand.client().get("/api/v1/cases", headers=headers)
        await stand.client().get("/-/broken?secret=" + TELEGRAM_TOKEN)
        await _poison(stand)
    shown = logged.getvalue()
    assert '"event"' in shown, "the logs were caught"
    assert "request_failed" in shown
    assert "turn_failed" in shown
    assert not PERSONAL.findall(shown)
    token = headers["authorization"].removeprefix("Bearer ")
    for secret in (
        SECRET,
        TOKEN,
        AES_KEY,
        TELEGRAM_TOKEN,
        TELEGRAM_SECRET,
        PASSWORD,
        token,
        "a-vendor-token-0123456789",
        "an-app-secret-0123456789",
    ):
        assert secret not in shown
    for line in shown.splitlines():
        assert json.loads(line)


async def _poison(stand: Stand) -> None:
    """A message whose handling fails with everything in its hands."""
    original = stand.house.counter.read

    def fail(said: str, _now: object) -> object:
        raise RuntimeError(f"cannot read {said} of 13812345678")

    object.__setattr__(stand.house.counter, "read", fail)
    object.__setattr__(stand.house.counter, "ahead", None)
    await stand.post_wechat(stand.wechat_text("我叫王小明，13812345678", "o-poison", 360_020, "n360020"))
    for _ in range(4):
        stand.pass_by(60)
        await stand.house.counter.work_off(50)
    object.__setattr__(stand.house.counter, "read", original)
    async with stand.office.database.read() as session:
        errors = (
            (await session.execute(text("SELECT error FROM inbox_message WHERE status = 'quarantined'")))
            .scalars()
            .all()
        )
    assert errors
    assert not PERSONAL.findall(str(errors)), "an error kept in the table is read by operators"


@contextlib.contextmanager
def _logs_into(stream: io.StringIO):  # type: ignore[no-untyped-def]
    """The real set-up of the logs, writing where the test can read."""
    root = logging.getLogger()
    kept, level, before = list(root.handlers), root.level, structlog.get_config()
    with contextlib.redirect_stderr(stream):
        set_up_logs("json")
        structlog.configure(cache_logger_on_first_use=False)
        _forget_cached_loggers()
        try:
            yield
        finally:
            structlog.configure(**before)
            _forget_cached_loggers()
            root.handlers[:], root.level = kept, level


def _forget_cached_loggers() -> None:
    """Loggers remember where they wrote first; here they shall write where the test reads."""
    for module in list(sys.modules.values()):
        logger = vars(module).get("log")
        if isinstance(logger, BoundLoggerLazyProxy):
            vars(logger).pop("bind", None)


async def test_a36_no_address_we_give_out_names_a_person(stand: Stand) -> None:
    """Links carry a random token and nothing else; no form sends a telephone by GET."""
    for page in ("/chat", "/admin/login"):
        shown = (await stand.client().get(page)).text
        for form in re.findall(r"<form[^>]*>", shown):
            assert 'method="post"' in form.lower(), form
