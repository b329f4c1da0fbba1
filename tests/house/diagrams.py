"""Draws the state diagram of the READMEs from the table of moves: `python -m tests.house.diagrams` (`make diagram`)."""

from pathlib import Path

from backend.domain.lifecycle import diagram
from backend.domain.moves import MOVES
from backend.domain.vocabularies import STATE_NAMES

ROOT = Path(__file__).parents[2]
START, END = "<!-- states -->", "<!-- /states -->"
READMES = {"README.md": "en", "README.zh-CN.md": "zh_CN"}
VERBS_ZH = {row.name.rstrip("_"): row.zh for row in MOVES.values()}


def drawn(language: str) -> str:
    """The diagram as a Mermaid block; in Chinese with the words people know."""
    text = diagram()
    if language == "zh_CN":
        head, *edges = text.rstrip("\n").splitlines()
        names = [f'    state "{name}" as {state.value}' for state, name in STATE_NAMES.items()]
        text = "\n".join([head, *names, *map(_in_chinese, edges)]) + "\n"
    return f"```mermaid\n{text}```\n"


def _in_chinese(edge: str) -> str:
    way, colon, verbs = edge.partition(": ")
    return way + colon + "、".join(VERBS_ZH[verb] for verb in verbs.split(", ")) if colon else edge


def with_diagram(readme: str, language: str) -> str:
    """The README with the block between the markers drawn anew. Raises ValueError where a marker is missing."""
    head, _, rest = readme.partition(START)
    _, end, tail = rest.partition(END)
    if not end:
        raise ValueError(f"no {START} … {END} in this README")
    return f"{head}{START}\n{drawn(language)}{END}{tail}"


def main() -> None:
    """Rewrites the blocks of both READMEs."""
    for name, language in READMES.items():
        path = ROOT / name
        path.write_text(with_diagram(path.read_text(encoding="utf-8"), language), encoding="utf-8")


if __name__ == "__main__":
    main()
