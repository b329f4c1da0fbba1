"""Ready: come for it, or the grid worker brings it home in a slot, with a code only the resident knows."""

from backend.items.facts import ApplicationFacts
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk
from nlu.errors import LinliError

MOST_SLOTS = 5
NEEDS_ADDRESS = frozenset({"delivery_address_needed", "delivery_address_unclear"})


async def wish(talk: Talk) -> None:
    """ "送到家吧": for the application that is ready."""
    ready = [one for one in await talk.desk.items.mine() if one.state == "ready"]
    if not ready:
        talk.say("deliver.nothing_ready")
    elif len(ready) == 1 or any(one.number == talk.state.application for one in ready):
        number = next((one.number for one in ready if one.number == talk.state.application), ready[0].number)
        await offer_slots(talk, number)
    else:
        choices = [(f"a:deliver:{one.number}", f"{one.item_name}（{one.number[-5:]}）") for one in ready]
        if not talk.ask(Waiting("which_ready"), "question.which_ready", choices):
            await offer_slots(talk, ready[0].number)


async def collect(talk: Talk, number: str) -> None:
    """The resident comes for it."""
    try:
        facts = await talk.desk.items.choose_collect(number)
    except LinliError as refused:
        _refuse(talk, refused)
        return
    talk.state.application = number
    talk.say("deliver.collect", item=facts.item_name, place=facts.place, hours=facts.hours, number=number)


async def offer_slots(talk: Talk, number: str) -> None:
    """The times at which it can be brought."""
    try:
        slots = await talk.desk.items.slots(number)
    except LinliError as refused:
        _refuse(talk, refused)
        return
    talk.state.application = number
    if not slots:
        talk.say("deliver.no_slots", [talk.button("collect", f"a:collect:{number}"), talk.button("human", "h:call")])
        return
    choices = [(f"s:{number}:{slot.id}", slot.label) for slot in slots[:MOST_SLOTS]]
    choices.append(talk.button("collect", f"a:collect:{number}"))
    if not talk.ask(
        Waiting("slot", number=number, data={"slots": [one.id for one in slots]}), "question.slot", choices
    ):
        talk.say("human.offer", [talk.button("human", "h:call")])


async def slot_chosen(talk: Talk, number: str, slot: str, address: str = "") -> None:
    """A slot; an address is asked for when none is known."""
    try:
        facts = await talk.desk.items.choose_delivery(number, slot, address_text=address)
    except LinliError as refused:
        if refused.code not in NEEDS_ADDRESS:
            _refuse(talk, refused)
            return
        key = "question.delivery_address" if not address else "question.delivery_address_unclear"
        if not talk.ask(Waiting("delivery_address", number=number, data={"slot": slot}), key):
            _refuse(talk, refused)
        return
    talk.settled("slot")
    talk.settled("delivery_address")
    _promised(talk, facts)


def _promised(talk: Talk, facts: ApplicationFacts) -> None:
    role = f"notices.role.{facts.courier_role}"
    known = facts.courier_surname and talk.turn.texts.has(role)
    who = talk.turn.texts.say(role, talk.language, surname=facts.courier_surname) if known else talk.word("part.worker")
    talk.say("deliver.promised", item=facts.item_name, slot=facts.slot, who=who, code=facts.door_code)


def _refuse(talk: Talk, refused: LinliError) -> None:
    choices = [talk.button("human", "h:call")]
    talk.say_text(talk.desk.items.sentence(refused, talk.language), choices)
