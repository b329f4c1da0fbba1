"""Training from the panel: one at a time, beside the event loop, told step by step, and no verb for anybody else."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backend.admin.model_room import AlreadyTraining, ModelRoom
from nlu.engines.opening import SHIPPED
from nlu.engines.sparse_model import SparseModel
from nlu.engines.storage import load
from nlu.taxonomy import load_taxonomy
from nlu.training.corpus import Example
from tests.backend.admin.building import PanelUnderTest
from tests.office_builder import MONDAY


async def test_one_training_at_a_time_and_its_version_is_listed_with_its_gates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shipped: SparseModel
) -> None:
    room = ModelRoom(tmp_path, b"k" * 32, load_taxonomy())

    def small(examples: Any, taxonomy: Any, now: Any, *, corrections: Any, progress: Any) -> SparseModel:
        progress("vocabulary", 0.5)
        assert [one.text for one in corrections] == ["路灯又坏了"]
        return shipped

    monkeypatch.setattr("nlu.training.build.build", small)
    room.start([Example("路灯又坏了", "report", "urban.lighting")], MONDAY)
    with pytest.raises(AlreadyTraining):
        room.start([], MONDAY)
    async with asyncio.timeout(60):
        while room.progress.running:  # noqa: ASYNC110 - the page polls too
            await asyncio.sleep(0.01)  # the loop stays free while the thread works
    assert room.progress.failed == ""
    (version,) = await room.versions()
    assert version.name == room.progress.version
    assert not version.serves
    if not version.fallen:  # a busy machine may fall through the gate of speed
        await room.promote(version.name)
        assert (await room.versions())[0].serves


async def test_without_a_place_for_models_there_is_nothing_to_train(panel: PanelUnderTest) -> None:
    browser = await panel.browser("sysadmin")
    assert (await browser.post("/model/train")).status_code == 404
    assert (await (await panel.browser("dispatcher")).post("/model/train")).status_code == 403


@pytest.fixture(scope="module")
def shipped() -> SparseModel:
    """The model that is in the tree."""
    return load(SHIPPED, None)
