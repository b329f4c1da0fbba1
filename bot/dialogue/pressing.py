"""What each button does: its id is `<letter>:<name>:<about>`; a table from letter to handler.

Letters shared with the notices: c (a resident's case), t (a worker's task), a (an application), d (a delivery).
"""

from collections.abc import Awaitable, Callable

from backend.domain.refusals import MoveRefused
from bot.dialogue import (
    appointments,
    asking,
    delivering,
    door,
    draft_answers,
    items,
    linking,
    mycases,
    opening,
    papers,
    people,
    personal,
    questions,
    rating,
    report,
    volunteers,
    worker,
)  # fmt: skip
from bot.dialogue.hearing import part_of
from bot.dialogue.state import Draft
from bot.dialogue.turn import Talk
from nlu.errors import LinliError

Button = Callable[[Talk, str, str], Awaitable[None]]
STARS = {"rate5": 5, "rate4": 4, "rate3": 3, "rate2": 2, "rate1": 1}


async def press(talk: Talk, choice: str) -> bool:
    """Does what the button says; an unknown or stale one gets a kind sentence. False only for no button at all."""
    letter, _, rest = choice.partition(":")
    name, _, about = rest.partition(":")
    handler = _LETTERS.get(letter)
    if handler is None or not rest:
        return False
    try:
        await handler(talk, name, about)
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language), [talk.button("human", "h:call")])
    return True


def _draft(talk: Talk, number: str) -> Draft | None:
    draft = talk.state.draft(int(number)) if number.isdigit() else None
    if draft is None:
        talk.say("report.gone", opening.menu(talk))
    return draft


async def _confirm(talk: Talk, name: str, about: str) -> None:
    draft = _draft(talk, about)
    if draft is None:
        return
    if name == "yes":
        await draft_answers.confirmed(talk, draft)
    elif name == "change":
        await draft_answers.ask_change(talk, draft)
    else:
        await report.cancel(talk, draft)


async def _category(talk: Talk, name: str, about: str) -> None:
    draft = _draft(talk, name)
    if draft is not None:
        await draft_answers.category_pressed(talk, draft, about)


async def _grid(talk: Talk, name: str, about: str) -> None:
    draft = _draft(talk, name)
    if draft is not None:
        await draft_answers.grid_pressed(talk, draft, about)


async def _join(talk: Talk, name: str, about: str) -> None:
    draft = _draft(talk, name)
    if draft is None:
        return
    if about == "-":
        await report.advance(talk, draft)
    else:
        await report.join(talk, draft, about)


async def _edit(talk: Talk, name: str, about: str) -> None:
    draft = _draft(talk, about)
    if draft is not None:
        await draft_answers.change_pressed(talk, draft, name)


async def _go_on(talk: Talk, name: str, about: str) -> None:
    draft = _draft(talk, name)
    if draft is not None:
        draft.asked.clear()
        await report.advance(talk, draft)


async def _case(talk: Talk, name: str, about: str) -> None:
    if name in STARS:
        await rating.give_stars(talk, about, STARS[name])
    elif name == "confirm":
        await rating.solved(talk, about)
    elif name == "redo":
        await rating.unsolved(talk, about)
    elif name == "urge":
        await mycases.urge_number(talk, about, "")
    elif name == "supplement":
        mycases.ask_supplement(talk, about)
    else:
        await mycases.tell_number(talk, about)


async def _task(talk: Talk, name: str, about: str) -> None:
    if talk.visitor.staff_id is None:
        talk.say("worker.not_bound")
    elif name in worker.MOVES:
        await worker.press(talk, name, about)


async def _application(talk: Talk, name: str, about: str) -> None:
    if name == "collect":
        await delivering.collect(talk, about)
    elif name == "deliver":
        await delivering.offer_slots(talk, about)
    elif name == "papers":
        await papers.ask_for(talk, about)


async def _courier(talk: Talk, name: str, about: str) -> None:
    if talk.visitor.staff_id is None:
        talk.say("worker.not_bound")
    elif name == "hand":
        await door.begin(talk, about)
    else:
        await worker.delivery(talk, name, about)


async def _volunteer(talk: Talk, name: str, about: str) -> None:
    if name == "ask":
        await volunteers.ask_for(talk, about)
    else:
        await volunteers.leave(talk)


async def _appointment(talk: Talk, name: str, about: str) -> None:
    if name == "book" and about.isdigit():
        await appointments.book(talk, int(about))
    elif name == "cancel" and about.isdigit():
        await talk.desk.items.cancel_appointment(int(about))
        talk.say("items.appointment_cancelled")


async def _slot(talk: Talk, name: str, about: str) -> None:
    await delivering.slot_chosen(talk, name, about)


async def _item(talk: Talk, name: str, about: str) -> None:
    code = f"{name}:{about}" if about else name
    if code == "-":
        talk.settled("item")
        talk.say("items.none", [talk.button("human", "h:call")])
    else:
        await items.chosen(talk, code)


async def _begin(talk: Talk, name: str, about: str) -> None:
    code = f"{name}:{about}" if about else name
    if code == "-":
        talk.settled("item_go")
        talk.say("items.just_asked")
    else:
        await items.begin(talk, code)


async def _papers(talk: Talk, name: str, about: str) -> None:
    await items.papers_pressed(talk, name, about)


async def _which(talk: Talk, name: str, about: str) -> None:
    await questions.which_chosen(talk, name, about)


async def _question(talk: Talk, name: str, about: str) -> None:
    await asking.chosen(talk, name)


async def _helped(talk: Talk, name: str, about: str) -> None:
    await asking.helped(talk, about, name == "yes")


async def _human(talk: Talk, name: str, about: str) -> None:
    if name == "stop":
        await people.back(talk)
    else:
        await people.call(talk, talk.state.told.get("question", ""))


async def _language(talk: Talk, name: str, about: str) -> None:
    await personal.set_language(talk, name)


async def _no_phone(talk: Talk, name: str, about: str) -> None:
    if name == "link":
        linking.leave(talk)
        return
    talk.settled("phone")
    talk.say("personal.phone_skipped")


async def _menu(talk: Talk, name: str, about: str) -> None:
    where = opening.chosen(talk, name)
    if where == "track":
        await mycases.track(talk)
    elif where == "human":
        await people.call(talk, "")


async def _sure(talk: Talk, name: str, about: str) -> None:
    """Answers to "are you sure?" and their like."""
    if name == "withdraw":
        await mycases.withdraw_number(talk, about)
    elif name == "keep":
        talk.settled("withdraw")
        talk.say("mine.kept", number=about)
    elif name == "forget":
        await personal.forget(talk)
    elif name == "stay":
        talk.settled("forget")
        talk.say("personal.kept")
    elif name == "contact":
        await rating.contact(talk, about == "yes")
    elif name == "register":
        await asking.register(talk)
    elif name == "as_report":
        await _as_report(talk)


async def _as_report(talk: Talk) -> None:
    """What we did not understand is a report all the same."""
    text = talk.state.told.pop("question", "")
    draft = await report.open_draft(talk, part_of(talk.heard, talk.turn.read(text)))
    await report.advance(talk, draft)


_LETTERS: dict[str, Button] = {
    "f": _confirm,
    "k": _category,
    "g": _grid,
    "j": _join,
    "e": _edit,
    "r": _go_on,
    "c": _case,
    "t": _task,
    "a": _application,
    "d": _courier,
    "p": _appointment,
    "s": _slot,
    "i": _item,
    "b": _begin,
    "m": _papers,
    "w": _which,
    "q": _question,
    "u": _helped,
    "h": _human,
    "l": _language,
    "n": _no_phone,
    "o": _menu,
    "y": _sure,
    "z": _volunteer,
}
