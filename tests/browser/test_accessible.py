"""The pages people use, judged by axe-core: nothing serious or critical stands between them and anybody."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backend.cases.models import Case
from tests.backend.admin.building import file_lamp
from tests.browser.conftest import PHONE, Walk
from tests.browser.shift import Shift
from tests.browser.test_chat_to_done import report, task_link

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
INSTALL_SECONDS = 90
RULES = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map((one) => [one.impact, one.id, one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | ')])"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, fetched by npm; skipped where npm or the registry is not there."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so axe-core cannot judge the pages")
    folder = tmp_path_factory.mktemp("axe")
    order = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "axe-core@4"]
    try:
        subprocess.run(order, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS)
    except (subprocess.SubprocessError, OSError):
        pytest.skip("npm could not fetch axe-core here")
    return (Path(folder) / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


async def grave(page: Any, axe: str) -> list[list[str]]:
    """What axe finds that keeps somebody out."""
    await page.evaluate(axe)
    return [found for found in await page.evaluate(RULES) if found[0] in GRAVE]


async def test_chat_task_and_case_keep_nobody_out(walk: Walk, axe: str) -> None:
    page = await walk.page(PHONE)
    progress = await report(walk, page)
    found = {"chat": await grave(page, axe)}
    for name, path in (("case", progress), ("task", await task_link(walk))):
        await page.goto(walk.base + path)
        found[name] = await grave(page, axe)
    assert found == {"chat": [], "case": [], "task": []}


async def test_the_panel_keeps_nobody_out(shift: Shift, axe: str) -> None:
    case: Case = await file_lamp(shift.panel.office, shift.panel.clock(), lat=30.004, lon=120.003)
    page = await shift.page("dispatcher")
    found = {}
    for path in ("/cases", f"/cases/{case.number}", "/dashboard", "/call", "/notices", "/map"):
        await page.goto(shift.base + path)
        await page.wait_for_load_state("load")
        if grave_ones := await grave(page, axe):
            found[path] = grave_ones
    assert found == {}
