"""Data and training: refused when templated or mislabelled, measured the same way every time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.engines.linear import LinearEngine
from nlu.rasa_project.convert import convert
from nlu.taxonomy import Taxonomy
from nlu.training.build import build
from nlu.training.checks import near_duplicates, shortfalls
from nlu.training.compare import LabelledFileRefused, compare_file
from nlu.training.corpus import TRAIN, Example, TrainingDataRefused, data_hash, read_examples
from nlu.training.evaluate import evaluate, held_out_examples
from nlu.training.measures import Judged, calibration_error, coverage_curve, macro_f1
from nlu.training.page import render
from nlu.training.train import TooFewExamples, TrainSettings


def test_the_training_data_is_enough_and_not_templated(taxonomy: Taxonomy) -> None:
    examples = read_examples(TRAIN, taxonomy.leaves)
    assert shortfalls(examples, taxonomy.leaves) == []
    assert near_duplicates(examples) == []


def test_nothing_of_the_test_set_is_trained_on(taxonomy: Taxonomy) -> None:
    trained = {example.text for example in read_examples(TRAIN, taxonomy.leaves) if len(example.text) > 8}
    assert [example.text for example in held_out_examples(taxonomy) if example.text in trained] == []


def test_a_templated_pair_is_found() -> None:
    pair = [
        Example("幸福小区三号楼下面的路灯坏了很久没有人来修", "report"),
        Example("幸福小区五号楼下面的路灯坏了很久没有人来修", "report"),
    ]
    assert len(near_duplicates(pair, 0.6)) == 1
    assert near_duplicates(pair, 0.9) == []


@pytest.mark.parametrize(
    "text",
    [
        "nlu: 3",
        "version: 1",
        "nlu:\n- intent: fly\n  examples: |\n    - x\n",
        "nlu:\n- intent: report/no.leaf\n  examples: |\n    - x\n",
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, taxonomy: Taxonomy, text: str) -> None:
    (tmp_path / "bad.yml").write_text(text, encoding="utf-8")
    with pytest.raises(TrainingDataRefused, match=r"bad\.yml"):
        read_examples(tmp_path, taxonomy.leaves)


def test_the_data_hash_does_not_depend_on_order() -> None:
    one, two = Example("a", "ask"), Example("b", "report", "urban.lighting")
    assert data_hash([one, two]) == data_hash([two, one]) != data_hash([one])


def test_too_few_examples_have_a_named_refusal(taxonomy: Taxonomy) -> None:
    with pytest.raises(TooFewExamples):
        build(
            [Example("路灯坏了", "report", "urban.lighting")],
            taxonomy,
            datetime(2026, 1, 1, tzinfo=UTC),
            TrainSettings(),
        )


def test_corrections_are_learned(examples: tuple[Example, ...], taxonomy: Taxonomy) -> None:
    strange = [Example(f"嘟噜噜咕叽{word}", "report", "environment.noise") for word in ("晚上", "早上", "中午", "天天")]
    model = build(examples, taxonomy, datetime(2026, 1, 1, tzinfo=UTC), TrainSettings(folds=2), strange)
    assert model.facts["corrections"] == 4
    assert LinearEngine(model, taxonomy).classify("嘟噜噜咕叽").categories[0].code == "environment.noise"


def test_measures_by_hand() -> None:
    judged = [Judged("a", "a", 0.95), Judged("a", "b", 0.95), Judged("b", "b", 0.55), Judged("b", "b", 0.55)]
    assert macro_f1(judged) == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-3)
    assert calibration_error(judged) == pytest.approx(0.45)
    assert coverage_curve(judged)[14] == {"threshold": 0.7, "coverage": 0.5, "accuracy": 0.5}


def test_the_evaluation_page_is_self_contained(engine: LinearEngine, examples: tuple[Example, ...]) -> None:
    page = render(evaluate(engine, examples[:200], folder=None), "<script>")
    assert "<svg" in page
    assert "&lt;script&gt;" in page
    assert "http" not in page


def test_anyones_labelled_file_is_learned(tmp_path: Path, examples: tuple[Example, ...]) -> None:
    path = tmp_path / "letters.csv"
    rows = [f'"{e.text}",{e.leaf}' for e in examples if e.leaf and '"' not in e.text]
    path.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")
    report = compare_file(path)
    assert report["linear"]["accuracy"] > 0.7
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(LabelledFileRefused):
        compare_file(path)


def test_rasa_gets_the_same_data(tmp_path: Path, examples: tuple[Example, ...], taxonomy: Taxonomy) -> None:
    target = convert(examples, taxonomy, tmp_path / "rasa", small=True)
    assert "report/urban.lighting" in (target / "data" / "nlu.yml").read_text(encoding="utf-8")
    assert "utter_report/urban.lighting" in (target / "domain.yml").read_text(encoding="utf-8")
