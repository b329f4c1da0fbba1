"""The diagrams in the READMEs are those of the table of moves: `make diagram` redraws them."""

import pytest

from backend.domain.words import CaseState
from tests.house.diagrams import READMES, ROOT, drawn, with_diagram


@pytest.mark.parametrize(("name", "language"), READMES.items())
def test_the_readme_shows_the_table_of_moves(name: str, language: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert with_diagram(text, language) == text, "run `make diagram`"


@pytest.mark.parametrize("language", READMES.values())
def test_every_state_is_in_the_diagram(language: str) -> None:
    assert [state for state in CaseState if state.value not in drawn(language)] == []
