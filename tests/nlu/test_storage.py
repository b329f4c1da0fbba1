"""Models on disk: signed, whole, promoted through gates, restored; a bad one is named and never served."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nlu.engines.opening import CURRENT, SHIPPED, open_linear
from nlu.engines.sparse_model import SparseModel
from nlu.engines.storage import MODEL, SIGNATURE, ModelRefused, load, save
from nlu.taxonomy import Taxonomy
from nlu.training.promote import NothingToRestore, PromotionRefused, fallen_gates, promote, restore
from tests.nlu.conftest import KEY

GOOD: dict[str, Any] = {
    "intent": {"accuracy": 0.95, "ece": 0.02},
    "class": {"accuracy": 0.9},
    "leaf": {"accuracy": 0.85, "ece": 0.02},
    "guard": {"danger_recall": 1.0, "false_alarms_everyday": 0.0},
    "milliseconds": {"p99": 0.3},
}


def version(model: SparseModel, directory: Path, name: str, scores: dict[str, Any]) -> None:
    save(replace(model, facts={**model.facts, "version": name, "scores": scores}), directory / name, KEY)


def test_a_saved_model_answers_as_before(model: SparseModel, tmp_path: Path) -> None:
    save(model, tmp_path, KEY)
    again = load(tmp_path, KEY)
    assert (again.logits("路灯坏了") == model.logits("路灯坏了")).all()


@pytest.mark.parametrize("harm", ["altered", "truncated", "unsigned", "other key"])
def test_a_harmed_model_is_refused_by_name_and_the_shipped_one_serves(
    model: SparseModel, models: Path, taxonomy: Taxonomy, harm: str
) -> None:
    version(model, models, "v1", GOOD)
    promote(models, "v1", KEY)
    path = models / "v1" / MODEL
    if harm == "altered":
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content)
    elif harm == "truncated":
        path.write_bytes(path.read_bytes()[:1000])
    elif harm == "unsigned":
        (models / "v1" / SIGNATURE).unlink()
    key = b"another" if harm == "other key" else KEY
    with pytest.raises(ModelRefused, match=MODEL.replace(".", r"\.")):
        load(models / "v1", key)
    opened = open_linear(models, key, taxonomy)
    assert opened.source == SHIPPED
    assert opened.refused is not None
    assert "v1" in opened.refused


def test_a_pointer_out_of_the_directory_is_refused(models: Path, taxonomy: Taxonomy) -> None:
    models.mkdir()
    (models / CURRENT).write_text("../../etc")
    assert open_linear(models, KEY, taxonomy).refused is not None


def test_a_version_below_a_gate_is_not_promoted(model: SparseModel, models: Path) -> None:
    version(model, models, "bad", {**GOOD, "guard": {"danger_recall": 0.99, "false_alarms_everyday": 0.0}})
    with pytest.raises(PromotionRefused, match="danger recall"):
        promote(models, "bad", KEY)


def test_a_version_worse_than_the_serving_one_is_not_promoted() -> None:
    worse = {**GOOD, "leaf": {"accuracy": 0.8, "ece": 0.02}}
    assert fallen_gates(GOOD, None) == []
    assert any("leaf" in sentence for sentence in fallen_gates(worse, GOOD))


def test_the_earlier_version_can_be_restored(model: SparseModel, models: Path, taxonomy: Taxonomy) -> None:
    for name in ("v1", "v2"):
        version(model, models, name, GOOD)
        promote(models, name, KEY)
    assert open_linear(models, KEY, taxonomy).engine.version == "v2"
    assert restore(models, KEY) == "v1"
    assert open_linear(models, KEY, taxonomy).engine.version == "v1"
    with pytest.raises(NothingToRestore):
        restore(models, KEY)


def test_the_shipped_model_is_sound(taxonomy: Taxonomy, tmp_path: Path) -> None:
    opened = open_linear(tmp_path, KEY, taxonomy)
    assert opened.refused is None
    assert opened.engine.classify("路灯不亮").categories[0].code == "urban.lighting"


def test_an_empty_key_signs_nothing(model: SparseModel, models: Path) -> None:
    with pytest.raises(ModelRefused, match="no signing key"):
        save(model, models / "v1", b"")
