"""The grid worker's side of the chat: tasks by button or words, photos to the task, findings on patrol, deliveries."""

import re

from backend.desk_facts import CaseFacts
from backend.domain.refusals import MoveRefused
from bot.dialogue import door, filing, mycases, report, words
from bot.dialogue.hearing import part_of
from bot.dialogue.state import Draft, Waiting
from bot.dialogue.turn import Talk
from nlu.errors import LinliError

MOST_LISTED = 8
MOVES = {"accept": "accept", "on_the_way": "on_the_way", "done": "done", "cannot": "return_"}
_TRIM = re.compile(r"^[\s,，。:：;；了、]+|[\s]+$")


async def command(talk: Talk) -> bool:
    """Words or photos of a worker about a task; False when the message is something else."""
    heard = talk.heard
    patrol = words.PATROL.fullmatch(heard.text)
    if patrol is not None:
        await patrol_report(talk, patrol["what"])
        return True
    for name, pattern in words.WORK:
        found = pattern.fullmatch(_without_numbers(talk))
        if found is None:
            continue
        if name == "tasks":
            await tasks(talk)
            return True
        return await _move_by_words(talk, name, _TRIM.sub("", found.groupdict().get("rest") or ""))
    if heard.photos and not heard.text:
        return await _photos(talk)
    return False


def _without_numbers(talk: Talk) -> str:
    text = talk.heard.text
    for number in talk.heard.numbers:
        text = text.replace(number, "")
    return text.strip(" ，,。:：")


async def _move_by_words(talk: Talk, name: str, rest: str) -> bool:
    states = {"accept": ("dispatched",), "on_the_way": ("accepted",), "done": ("accepted", "waiting", "dispatched")}
    held = [one for one in await talk.desk.my_tasks() if one.state in states.get(name, ("dispatched", "accepted"))]
    named = [one for one in held if one.number in talk.heard.numbers or one.number == talk.state.recent]
    case = named[0] if named else held[0] if len(held) == 1 else None
    if case is not None:
        await press(talk, name, case.number, rest)
    elif held:
        choices = [(f"t:{name}:{one.number}", _label(talk, one)) for one in held[:MOST_LISTED]]
        waiting = Waiting("which_task", data={"name": name, "rest": rest})
        if not talk.ask(waiting, "question.which_task", choices):
            await press(talk, name, held[0].number, rest)
    else:
        return False
    return True


def _label(talk: Talk, case: CaseFacts) -> str:
    return talk.word("worker.listed", title=case.title[:14], place=case.place[:12], number=case.number[-5:])


async def press(talk: Talk, name: str, number: str, words_said: str = "") -> None:
    """A task button, or the same in words. Done wants a sentence, cannot wants a reason."""
    waiting = talk.state.waiting
    if waiting is not None and waiting.topic == "which_task":
        words_said = words_said or str(waiting.data.get("rest", ""))
        talk.settled("which_task")
    talk.state.recent = number
    wanted = {"done": "worker_done", "cannot": "worker_cannot"}.get(name)
    if wanted and not words_said and talk.ask(Waiting(wanted, number=number), f"question.{wanted}", number=number):
        return
    await carry_out(talk, name, number, words_said)


async def carry_out(talk: Talk, name: str, number: str, words_said: str) -> None:
    """Makes the move; photos that came along or just before go into the case first."""
    photos = [*talk.state.photos, *talk.heard.photos]
    staff = await talk.desk.staff()
    facts: dict[str, object] = {}
    if name == "done":
        facts = {"result": words_said or talk.word("worker.result_plain")}
    elif name == "cannot":
        facts = {"reason": words_said or talk.word("worker.reason_plain")}
    try:
        if name == "done":
            await _accept_first(talk, number)
        if photos and staff is not None:
            await talk.errands.add_photos(number, photos, staff)
        case = await talk.desk.work(number, MOVES.get(name, name), **facts)
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
        return
    talk.state.photos = []
    talk.settled(f"worker_{name}")
    choices = []
    if name in ("accept", "on_the_way"):
        after = ("on_the_way", "done", "cannot") if name == "accept" else ("done", "cannot")
        choices = [(f"t:{one}:{number}", talk.turn.texts.say(f"notices.button.{one}", talk.language)) for one in after]
    talk.say(f"worker.{name}", choices, number=number, place=case.place, title=case.title)


async def _accept_first(talk: Talk, number: str) -> None:
    """Whoever reports it done without having accepted it accepts it in the same breath."""
    held = await talk.desk.my_tasks(50)
    if any(one.number == number and one.state == "dispatched" for one in held):
        await talk.desk.work(number, "accept")


async def answered(talk: Talk, topic: str, number: str) -> bool:
    """The sentence or reason that was asked for; a photo alone is kept and the sentence still wanted."""
    heard = talk.heard
    if words.CANCEL.fullmatch(heard.text):
        talk.settled(topic)
        talk.say("worker.left", number=number)
        return True
    if heard.photos and not heard.text:
        talk.state.photos += heard.photos
        talk.say("worker.photo_kept", count=len(talk.state.photos))
        return True
    if heard.wordless:
        return False
    await carry_out(talk, topic.removeprefix("worker_"), number, heard.text)
    return True


async def tasks(talk: Talk) -> None:
    """What this worker holds, the most pressing first."""
    held = await talk.desk.my_tasks(MOST_LISTED)
    deliveries = await talk.desk.items.my_deliveries()
    if not held and not deliveries:
        talk.say("worker.no_tasks")
        return
    lines = []
    choices = []
    for case in held:
        due = f"{talk.desk.office.local(case.due_at):%m-%d %H:%M}" if case.due_at else ""
        state = talk.word(f"worker.state.{case.state}")
        lines.append(
            talk.word("worker.line", number=case.number, title=case.title, place=case.place, state=state, due=due)
        )
        name = "accept" if case.state == "dispatched" else "done"
        button = talk.turn.texts.say(f"notices.button.{name}", talk.language)
        choices.append((f"t:{name}:{case.number}", f"{button} {case.number[-5:]}"))
    for one in deliveries:
        lines.append(talk.word("worker.delivery_line", number=one.number, item=one.item_name, slot=one.slot))
        choices += door.buttons(talk, one)
    talk.say("worker.tasks", choices, count=len(held) + len(deliveries), list="\n".join(lines))


async def _photos(talk: Talk) -> bool:
    """Photos alone: to the one task at work, else kept for the next sentence."""
    held = [one for one in await talk.desk.my_tasks() if one.state in ("accepted", "waiting")]
    named = [one for one in held if one.number == talk.state.recent] or held
    staff = await talk.desk.staff()
    if len(named) == 1 and staff is not None:
        await talk.errands.add_photos(named[0].number, talk.heard.photos, staff)
        talk.state.recent = named[0].number
        if not talk.turn.said.album:
            label = talk.turn.texts.say("notices.button.done", talk.language)
            talk.say("worker.photo_joined", [(f"t:done:{named[0].number}", label)], number=named[0].number)
        return True
    talk.state.photos += talk.heard.photos
    if not talk.turn.said.album:
        talk.say("worker.photo_kept", count=len(talk.state.photos))
    return True


async def patrol_report(talk: Talk, text: str) -> None:
    """Something found on patrol: filed at once; settled on the spot when the words say so and a photo shows it."""
    heard = part_of(talk.heard, talk.turn.read(text.strip()))
    draft = await report.open_draft(talk, heard)
    draft.source, draft.category_settled, draft.similar_settled = "patrol", True, True
    await _home_if_unplaced(talk, draft)
    settled = words.SELF_SETTLED_IN.search(text) is not None
    photos = list(draft.photos)
    case = await talk.desk.file(await filing.new_case(talk, draft))
    talk.state.drop(draft)
    talk.state.recent = case.number
    talk.state.waiting = None
    if settled and not photos:
        talk.say("worker.patrol_needs_photo", number=case.number)
    elif settled and await _settle(talk, case, text, photos):
        talk.say("worker.patrol_settled", number=case.number)
        return
    if not settled:
        talk.say("worker.patrol_filed", **filing.filed_facts(talk, case))


async def _home_if_unplaced(talk: Talk, draft: Draft) -> None:
    """Found on patrol without a place we know: the worker's own grid is where they walk."""
    staff = await talk.desk.staff()
    if staff is not None and not draft.area_code:
        draft.area_code, draft.candidates = staff.area_code, []


async def _settle(talk: Talk, case: CaseFacts, text: str, photos: list[int]) -> bool:
    """Settled by the finder: the rules want a photo, and that nobody else has been given it."""
    move = "settle" if case.state == "received" else "done"
    facts: dict[str, object] = {
        "result": text,
        "photo": [str(one) for one in photos],
        "evidence": ("photo", "photo_after"),
    }
    try:
        if move == "done" and case.state == "dispatched":
            await talk.desk.work(case.number, "accept")
        await talk.desk.work(case.number, move, **facts)
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
        return False
    return True


async def delivery(talk: Talk, name: str, number: str) -> None:
    """Courier buttons: setting out, or nobody was there."""
    try:
        if name == "set_out":
            await talk.desk.items.set_out(number)
            choices = [(f"d:{one}:{number}", talk.word(f"button.door_{one}")) for one in ("hand", "failed")]
            talk.say("worker.set_out", choices, number=number)
        elif not talk.ask(Waiting("visit_failed", number=number), "question.visit_failed"):
            await visit_failed(talk, number, talk.word("worker.nobody_home"))
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language))


async def visit_failed(talk: Talk, number: str, reason: str) -> None:
    """The failed visit with its reason: the resident is asked for a new time."""
    talk.settled("visit_failed")
    try:
        await talk.desk.items.visit_failed(number, reason)
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language))
        return
    talk.say("worker.visit_failed", number=number)
