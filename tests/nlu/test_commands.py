"""The commands of understanding, run as an operator runs them: nothing trained twice, nothing unsound serves."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nlu.cli import Wiring, build_nlu_app
from nlu.engines.opening import CURRENT, SHIPPED, open_linear
from nlu.engines.sparse_model import SparseModel
from nlu.engines.storage import MODEL, save
from nlu.taxonomy import Taxonomy
from nlu.training.promote import promote
from tests.nlu.conftest import KEY

SCORES = {
    "intent": {"accuracy": 0.95, "ece": 0.02},
    "class": {"accuracy": 0.9},
    "leaf": {"accuracy": 0.85, "ece": 0.03},
    "guard": {"danger_recall": 1.0, "false_alarms_everyday": 0.0},
    "milliseconds": {"p99": 0.3},
}


def test_train_if_missing_trains_nothing_when_the_shipped_model_serves(models: Path) -> None:
    app = build_nlu_app(Wiring(models=lambda: models, key=lambda: KEY))
    result = CliRunner().invoke(app, ["train", "--if-missing"])
    assert result.exit_code == 0
    assert str(SHIPPED) in result.output
    assert not models.exists()


@pytest.mark.parametrize("gate", ["intent", "class", "leaf", "guard", "milliseconds"])
def test_promote_refuses_when_any_gate_falls(model: SparseModel, models: Path, gate: str) -> None:
    worst = {"accuracy": 0.1, "ece": 0.9, "danger_recall": 0.9, "false_alarms_everyday": 0.5, "p99": 99.0}
    fallen = {**SCORES, gate: {name: worst[name] for name in SCORES[gate]}}
    model.facts["scores"] = fallen
    save(model, models / "v1", KEY)
    app = build_nlu_app(Wiring(models=lambda: models, key=lambda: KEY))
    result = CliRunner().invoke(app, ["promote", "v1"])
    assert result.exit_code == 1
    assert "promotion_refused" in result.output
    assert not (models / CURRENT).exists()


def test_a_corrupt_model_is_refused_by_name_and_the_shipped_one_serves(
    model: SparseModel, models: Path, taxonomy: Taxonomy
) -> None:
    model.facts["scores"] = SCORES
    save(model, models / "v1", KEY)
    promote(models, "v1", KEY)
    assert open_linear(models, KEY, taxonomy).source == models / "v1"
    path = models / "v1" / MODEL
    path.write_bytes(path.read_bytes()[:-7] + b"garbage")
    opened = open_linear(models, KEY, taxonomy)
    assert opened.source == SHIPPED
    assert str(path) in str(opened.refused)


def test_a_model_signed_with_another_key_is_refused(model: SparseModel, models: Path, taxonomy: Taxonomy) -> None:
    model.facts["scores"] = SCORES
    save(model, models / "v1", b"somebody else's key")
    (models / CURRENT).write_text("v1\n", encoding="utf-8")
    assert open_linear(models, KEY, taxonomy).source == SHIPPED


def test_restore_brings_the_earlier_version_back(model: SparseModel, models: Path, taxonomy: Taxonomy) -> None:
    model.facts["scores"] = SCORES
    for version in ("v1", "v2"):
        save(model, models / version, KEY)
        promote(models, version, KEY)
    app = build_nlu_app(Wiring(models=lambda: models, key=lambda: KEY))
    assert CliRunner().invoke(app, ["restore"]).exit_code == 0
    assert open_linear(models, KEY, taxonomy).source == models / "v1"
