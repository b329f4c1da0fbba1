"""Every sentence stands in every language, with the same facts in it."""

import re
from pathlib import Path

import pytest
import yaml

from backend.cases.milestones import CASE_TELLS
from backend.texts import LANGUAGES, Texts

FOLDER = Path(__file__).parents[2] / "backend" / "texts"
FACT = re.compile(r"\{(\w+)[^}]*\}")


def test_all_languages_hold_the_same_keys() -> None:
    assert Texts.load().keys()


@pytest.mark.parametrize("name", sorted(path.name for path in (FOLDER / "zh_CN").glob("*.yml")))
def test_no_language_promises_a_fact_that_the_other_does_not_know(name: str) -> None:
    texts = Texts.load()
    for key in texts.keys(f"{name[:-4]}."):
        used = [set(FACT.findall(" ".join(texts.wordings(key, language)))) for language in LANGUAGES]
        assert used[1] <= used[0] or used[0] <= used[1], (key, used)


def test_every_milestone_of_the_table_has_its_sentence_and_buttons() -> None:
    texts = Texts.load()
    for rows in CASE_TELLS.values():
        for row in rows:
            who = "worker" if row.to == "former_worker" else row.to
            assert texts.has(f"notices.{who}.{row.milestone}"), row
            for button in row.buttons:
                assert texts.has(f"notices.button.{button}"), button


def test_chinese_pages_hold_chinese() -> None:
    for path in sorted((FOLDER / "zh_CN").glob("*.yml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert re.search(r"[一-鿿]", str(table)), path.name
