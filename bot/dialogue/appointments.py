"""Appointments by chat at counters and rotating desks: which item, which time, a place or the waiting list."""

from bot.dialogue import words
from bot.dialogue.hearing import said
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk
from nlu.errors import LinliError

MOST_SLOTS = 5


async def wish(talk: Talk) -> bool:
    """ "预约居住证", "我的预约", "取消预约"; False when the message is about something else."""
    text = talk.heard.text
    if words.APPOINTMENT_OFF_IN.search(text):
        await take_back(talk)
    elif said(words.MY_APPOINTMENTS, text):
        await list_mine(talk)
    elif said(words.APPOINTMENT, text):
        await offer(talk)
    else:
        return False
    return True


async def offer(talk: Talk) -> None:
    """The times of the item that is meant: named in the words, or the one shown last."""
    found = await talk.desk.items.find(talk.heard.text)
    named = next((one.code for one in found if one.offered and (one.sure or len(found) == 1)), "")
    code = named or talk.state.item
    if code:
        await offer_for(talk, code)
    elif not talk.ask(Waiting("appointment"), "question.appointment"):
        talk.say("human.offer", [talk.button("human", "h:call")])


async def offer_for(talk: Talk, code: str) -> None:
    """Open times of one desk; full ones are offered as a place in the waiting list."""
    talk.settled("appointment")
    item = await talk.desk.items.item(code)
    slots = await talk.desk.items.desk_slots(code)
    if item is None or not slots:
        name, place, hours = (item.name, item.place, item.hours) if item is not None else ("", "", "")
        key = "appointment.walk_in" if item is not None else "items.none"
        talk.say(key, [talk.button("human", "h:call")], name=name, place=place, hours=hours)
        return
    talk.state.item = code
    choices = []
    for slot in slots[:MOST_SLOTS]:
        left = talk.word("appointment.free", count=slot.free) if slot.free else talk.word("appointment.full")
        choices.append((f"p:book:{slot.id}", f"{slot.label} {left}"))
    if not talk.ask(Waiting("slot_wanted", number=code), "question.slot_wanted", choices, name=item.name):
        talk.say("human.offer", [talk.button("human", "h:call")])


async def asked_which(talk: Talk) -> bool:
    """The answer to "for what?": an item's name."""
    if talk.heard.no or said(words.CANCEL, talk.heard.text):
        talk.settled("appointment")
        talk.say("appointment.left")
        return True
    found = await talk.desk.items.find(talk.heard.text)
    if talk.heard.wordless or not found or not found[0].offered or not (found[0].sure or len(found) == 1):
        return False
    await offer_for(talk, found[0].code)
    return True


async def asked_slot(talk: Talk) -> bool:
    """Words where a time was to be chosen."""
    if talk.heard.no or said(words.CANCEL, talk.heard.text):
        talk.settled("slot_wanted")
        talk.say("appointment.left")
        return True
    return False


async def book(talk: Talk, slot_id: int) -> None:
    """A place, or one in the waiting list. Refusals rise to whoever pressed."""
    made = await talk.desk.items.book(slot_id)
    talk.settled("slot_wanted")
    off = [talk.button("appointment_off", f"p:cancel:{made.id}")]
    facts = {"title": made.title, "slot": made.label, "place": made.place, "line": made.place_in_line}
    talk.say("appointment.waiting" if made.state == "waiting" else "appointment.booked", off, "", **facts)


async def list_mine(talk: Talk) -> None:
    """Appointments to come, each with the way to cancel it."""
    mine = await talk.desk.items.my_appointments()
    if not mine:
        talk.say("appointment.none")
        return
    off = talk.word("button.appointment_off")
    listed = "\n".join(f"· {one.label} {one.title} {one.place}" for one in mine)
    talk.say("appointment.mine", [(f"p:cancel:{one.id}", f"{off} {one.label}") for one in mine], list=listed)


async def take_back(talk: Talk) -> None:
    """Cancels the only appointment; of several one is chosen."""
    mine = await talk.desk.items.my_appointments()
    if len(mine) == 1:
        try:
            await talk.desk.items.cancel_appointment(mine[0].id)
        except LinliError as refused:
            talk.say_text(talk.desk.items.sentence(refused, talk.language))
            return
        talk.say("items.appointment_cancelled")
    else:
        await list_mine(talk)
