"""What an office writes out it can bring in again; whole phones leave only with a reason."""

from pathlib import Path

import pytest

from tests.bot.commands.conftest import Linli


@pytest.mark.parametrize("kind", ["areas", "addresses", "items", "knowledge"])
def test_a_list_that_was_written_out_changes_nothing_when_it_comes_back(
    linli: Linli, office_folder: Path, kind: str
) -> None:
    name = f"{kind}.{'geojson' if kind == 'areas' else 'csv'}"
    written = linli("export", kind, name)
    assert written.returncode == 0, written.stderr
    assert (office_folder / name).stat().st_size > 100
    back = linli("import", name, "--check", "--language", "en")
    assert back.returncode == 0, back.stderr + back.stdout
    assert "0 new, 0 changed" in back.stdout, back.stdout


def test_phones_of_staff_are_masked_unless_a_reason_is_given(linli: Linli, office_folder: Path) -> None:
    assert linli("export", "staff", "staff.csv").returncode == 0
    masked = (office_folder / "staff.csv").read_text(encoding="utf-8-sig")
    assert "****" in masked
    assert linli("export", "staff", "whole.csv", "--with-phones").returncode != 0
    assert linli("export", "staff", "whole.csv", "--with-phones", "--reason", "新通讯录").returncode == 0
    whole = (office_folder / "whole.csv").read_text(encoding="utf-8-sig")
    assert "****" not in whole
    refused = linli("import", "staff.csv", "--check")
    assert refused.returncode == 1, "a masked list is refused, it would take the numbers away"
    assert linli("verify-audit").returncode == 0
