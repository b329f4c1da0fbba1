"""Service items and questions of the invented district, read from `items.yml` and `knowledge.yml` beside this file."""

from importlib.resources import files
from typing import Any

import yaml

from backend.imports.records import ItemRecord, KnowledgeRecord


def _read(name: str) -> Any:
    return yaml.safe_load(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def items() -> list[ItemRecord]:
    """40 items: most admitted, one adjusted, five cancelled with the reason, six with rotating desk days."""
    table = _read("items.yml")
    hours, places = table["defaults"]["hours"], table["defaults"]["place"]
    listed = []
    for code, name, aliases, level, unit, materials, limit, deliverable, state in table["items"]:
        listed.append(
            ItemRecord(
                code,
                name,
                aliases,
                level,
                unit,
                materials,
                limit,
                places[level],
                hours,
                deliverable,
                state,
                fee=table["fees"].get(code, ""),
                desk_days=table["desk_days"].get(code, ""),
                cancelled_reason=table["cancelled"].get(code, ""),
                window_a=table["windows"].get(level, ["", ""])[0],
                window_b=table["windows"].get(level, ["", ""])[1],
            )
        )
    return listed


def articles() -> list[KnowledgeRecord]:
    """60 questions with other wordings and answers; none of them expires."""
    return [KnowledgeRecord(one["q"], ";".join(one["also"]), one["a"]) for one in _read("knowledge.yml")["questions"]]
