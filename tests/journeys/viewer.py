"""The recorded conversations side by side for review: `python -m tests.journeys.viewer transcripts.html`.

Left what was said, middle what was answered, right what the answer had to mean; the facts afterwards below.
"""

import asyncio
import html
import sys
import tempfile
from pathlib import Path

from tests.bot.dialogue.shelf import stock
from tests.journeys.stage import Heard, Stage, Transcript, transcripts
from tests.office_builder import fresh_office

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#222;background:#f6f6f4}
section{background:#fff;border-radius:8px;padding:1rem 1.5rem;margin:1rem 0;box-shadow:0 1px 3px #0002}
table{border-collapse:collapse;width:100%}td{vertical-align:top;padding:.4rem .6rem;border-top:1px solid #eee;width:33%}
.said{color:#174}.means{color:#777}.button{border:1px solid #99b;border-radius:9px;padding:0 .5rem;margin-right:.3rem}
pre{white-space:pre-wrap;margin:0;font:inherit}
"""


async def played(transcript: Transcript) -> tuple[list[Heard], dict[str, object]]:
    """One conversation in an office of its own, with the facts afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        office = await fresh_office(Path(folder))
        try:
            await stock(office)
            stage = Stage(office, transcript)
            return await stage.play(), await stage.facts()
        finally:
            await office.database.close()


def _row(heard: Heard) -> str:
    skip = ("听到", "没听到", "静", "意思")
    said = "<br>".join(html.escape(f"{key}：{value}") for key, value in heard.line.items() if key not in skip)
    answers = "<hr>".join(
        f"<pre>{html.escape(one.text)}</pre>"
        + "".join(f"<span class=button>{html.escape(choice.label)}</span>" for choice in one.choices)
        for one in heard.replies
    )
    means = [f"{key}：{heard.line[key]}" for key in skip if key in heard.line]
    return f"<tr><td class=said>{said}<td>{answers}<td class=means>{html.escape('；'.join(means))}</tr>"


def _section(transcript: Transcript, lines: list[Heard], facts: dict[str, object]) -> str:
    rows = "".join(_row(one) for one in lines)
    after = "<br>".join(html.escape(f"{name}：{value}") for name, value in facts.items() if value)
    return f"<section><h2>{html.escape(transcript.title)}</h2><table>{rows}</table><p class=means>{after}</p></section>"


async def page() -> str:
    """All conversations as one HTML page."""
    sections = [_section(one, *await played(one)) for one in transcripts()]
    return f"<!doctype html><meta charset=utf-8><title>对话记录</title><style>{_STYLE}</style>{''.join(sections)}"


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "transcripts.html")
    target.write_text(asyncio.run(page()), encoding="utf-8")
    sys.stdout.write(f"{target}: {len(transcripts())}\n")
