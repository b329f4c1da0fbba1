"""One demonstration district, loaded once by the real program; each test works on a copy of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
Linli = Callable[..., subprocess.CompletedProcess[str]]


def linli_in(folder: Path) -> Linli:
    """The program in a scratch folder, with its environment free of the developer's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}

    def call(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            cwd=folder,
            env={**clean, "PYTHONPATH": str(ROOT)},
            input=said,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with secret, tables and the demonstration district."""
    folder = tmp_path_factory.mktemp("demo")
    linli = linli_in(folder)
    assert linli("init").returncode == 0
    told = linli("demo", "--format", "json")
    assert told.returncode == 0, told.stderr
    (folder / "logins.json").write_text(told.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def office_folder(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the loaded folder."""
    folder = tmp_path / "office"
    shutil.copytree(loaded, folder)
    return folder


@pytest.fixture
def linli(office_folder: Path) -> Linli:
    """The program in the copy."""
    return linli_in(office_folder)
