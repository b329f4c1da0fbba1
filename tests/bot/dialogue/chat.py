"""Talk to the dialogue by hand: `python -m tests.bot.dialogue.chat line line …`; prints the replies."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bot.dialogue.talker import Talker, cases
from tests.office_builder import fresh_office


async def main(lines: list[str]) -> None:
    office = await fresh_office(Path(tempfile.mkdtemp()))
    talker = Talker(office)
    for line in lines:
        meaning = talker.read(line)
        print(f"\n> {line}    [{meaning.intent} {meaning.category} {meaning.decision}]")
        replies = await (talker.say(photos=int(line[6:] or 1)) if line.startswith("photo:") else talker.say(line))
        for reply in replies:
            print("   ", reply.text.replace("\n", "\n    "), [one.label for one in reply.choices] or "")
    for case in await cases(office):
        print(
            case.number,
            case.state,
            case.kind,
            case.category_code,
            case.urgency,
            case.place,
            case.area_code,
            case.queue,
            case.assignee,
            repr(case.description),
        )
    await office.database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
