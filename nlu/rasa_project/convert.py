"""Writes Rasa's view of the one source of data: nlu.yml, a full domain.yml, and (reduced) only a part of it."""

import shutil
from collections import defaultdict
from pathlib import Path

import yaml

from nlu.taxonomy import Taxonomy
from nlu.training.corpus import Example

HERE = Path(__file__).parent
REDUCED_LEAVES = (
    "urban.lighting",
    "urban.water",
    "urban.manhole",
    "environment.noise",
    "environment.site_noise",
)
REDUCED_EACH = 25
_REGEXES = {
    "phone": r"(?<!\d)1[3-9]\d{9}(?!\d)",
    "case_number": r"20\d{6}-\d{5}",
    "id_card": r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])",
}


def reduced(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """A few examples of a few labels, for a training that takes a minute."""
    counts: dict[str, int] = defaultdict(int)
    kept: list[Example] = []
    for example in examples:
        if example.leaf is not None and (example.leaf not in REDUCED_LEAVES or example.intent != "report"):
            continue
        if counts[example.label] < REDUCED_EACH:
            counts[example.label] += 1
            kept.append(example)
    return tuple(kept)


def convert(examples: tuple[Example, ...], taxonomy: Taxonomy, target: Path, small: bool = False) -> Path:
    """Writes a Rasa project for `examples` into `target` (emptied first) and returns it."""
    if target.exists():
        shutil.rmtree(target)
    (target / "data").mkdir(parents=True)
    chosen = reduced(examples) if small else examples
    by_label: dict[str, list[str]] = defaultdict(list)
    for example in chosen:
        by_label[example.label].append(plain(example.text))
    # A retrieval intent needs every example under a leaf; general praise gets a leaf of its own.
    retrieval = {label.partition("/")[0] for label in by_label if "/" in label}
    blocks: list[dict[str, str]] = [
        {
            "intent": label if "/" in label or label not in retrieval else f"{label}/general",
            "examples": "".join(f"- {text}\n" for text in texts),
        }
        for label, texts in sorted(by_label.items())
    ]
    blocks += [{"regex": name, "examples": f"- {pattern}\n"} for name, pattern in _REGEXES.items()]
    _write(target / "data" / "nlu.yml", {"version": "3.1", "nlu": blocks})
    intents = sorted({block["intent"].partition("/")[0] for block in blocks if "intent" in block})
    responses = {
        f"utter_{block['intent']}": [{"text": taxonomy.name_of(block["intent"].partition("/")[2])}]
        for block in blocks
        if "/" in block.get("intent", "")
    }
    domain = yaml.safe_load((HERE / "domain.yml").read_text(encoding="utf-8"))
    _write(target / "domain.yml", {**domain, "intents": intents, "responses": responses})
    config = HERE / ("config.reduced.yml" if small else "config.yml")
    shutil.copyfile(config, target / "config.yml")
    return target


def plain(text: str) -> str:
    """Square brackets and braces mark entities in Rasa's format; none of our texts means that."""
    return text.translate(str.maketrans("[]{}", "()()"))


def _write(path: Path, content: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000), encoding="utf-8")
