"""What must never be in the tree: secrets, paths of one machine, registry hosts; and what must be findable."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(r"(https?://(files|registry)[.]|/[s]imple/|/[r]oot/|-----BEGIN [A-Z ]*PRIVATE KEY)")


def tracked() -> list[Path]:
    """The files git knows; every file of the tree where there is no git."""
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = found.stdout.splitlines() or [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py")]
    return [ROOT / name for name in names]


def test_no_file_names_a_registry_a_machine_or_a_private_key() -> None:
    guilty = []
    for path in tracked():
        if path.suffix in (".png", ".npz", ".svg", ".ico") or path == Path(__file__) or not path.is_file():
            continue
        if FORBIDDEN.search(path.read_text(encoding="utf-8", errors="replace")):
            guilty.append(str(path.relative_to(ROOT)))
    assert guilty == []


def test_every_target_of_the_makefile_is_listed_with_a_sentence() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    targets = [line for line in lines if re.match(r"^[a-z][a-z-]*:", line)]
    assert targets
    assert all("##" in line for line in targets), [line for line in targets if "##" not in line]


def test_the_readmes_name_each_other_and_both_commands() -> None:
    for name, other in (("README.md", "README.zh-CN.md"), ("README.zh-CN.md", "README.md")):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert other in text
        assert "make run" in text
        assert "make test" in text


def test_every_picture_of_a_readme_exists() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / name).read_text(encoding="utf-8")):
            assert (ROOT / picture).is_file(), f"{name}: {picture}"
