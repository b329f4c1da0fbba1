"""A tiny model, trained once for the whole session from a part of the real data."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from nlu.engines.linear import LinearEngine
from nlu.engines.sparse_model import SparseModel
from nlu.reader import Reader
from nlu.taxonomy import Taxonomy, load_taxonomy
from nlu.training.build import build
from nlu.training.corpus import TRAIN, Example, read_examples
from nlu.training.train import TrainSettings

LEAVES = ("urban.lighting", "urban.gas", "urban.manhole", "environment.noise", "civil.low_income")
KEY = b"a key for tests"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=8)))  # Monday


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="session")
def examples(taxonomy: Taxonomy) -> tuple[Example, ...]:
    everything = read_examples(TRAIN, taxonomy.leaves)
    return tuple(example for example in everything if example.leaf is None or example.leaf in LEAVES)


@pytest.fixture(scope="session")
def model(examples: tuple[Example, ...], taxonomy: Taxonomy) -> SparseModel:
    return build(examples, taxonomy, datetime(2026, 1, 1, tzinfo=UTC), TrainSettings(folds=2))


@pytest.fixture(scope="session")
def engine(model: SparseModel, taxonomy: Taxonomy) -> LinearEngine:
    return LinearEngine(model, taxonomy)


@pytest.fixture(scope="session")
def reader(engine: LinearEngine, taxonomy: Taxonomy) -> Reader:
    return Reader(engine, taxonomy)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"
