"""Every milestone, state, button and refusal of the item desk has a sentence in every language."""

import pytest

from backend.domain.application_moves import STEPS
from backend.domain.words import ApplicationState
from backend.items import refusals
from backend.items.milestones import APPLICATION_TELLS, NO_COURIER
from backend.items.sentences import refusal_sentence
from backend.texts import LANGUAGES
from nlu.errors import LinliError
from tests.office_builder import TEXTS

OWN = [one for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, LinliError)]


def test_every_step_of_the_table_says_whom_it_tells() -> None:
    assert set(APPLICATION_TELLS) == set(STEPS)


def test_every_milestone_and_button_has_words() -> None:
    rows = [row for rows in APPLICATION_TELLS.values() for row in rows] + [NO_COURIER]
    audience = {"former_courier": "courier"}
    missing = [row for row in rows if not TEXTS.has(f"items.{audience.get(row.to, row.to)}.{row.milestone}")]
    assert missing == []
    assert [name for row in rows for name in row.buttons if not TEXTS.has(f"items.button.{name}")] == []


def test_every_state_has_a_word() -> None:
    assert [state for state in ApplicationState if not TEXTS.has(f"items.state.{state}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence_of_its_own(language: str) -> None:
    general = TEXTS.say("items.refusal.other", language)
    bare = [refusal.code for refusal in OWN if refusal is not LinliError]
    said = {code: refusal_sentence(TEXTS, _raised(code), language) for code in bare}
    assert [code for code, sentence in said.items() if sentence == general] == []


def _raised(code: str) -> LinliError:
    return next(refusal for refusal in OWN if refusal.code == code)()


def test_a_refusal_without_a_sentence_gets_the_general_one() -> None:
    assert refusal_sentence(TEXTS, LinliError()) == TEXTS.say("items.refusal.other")
