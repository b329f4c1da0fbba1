"""Danger to life: advice at once, then the alarm and a case with whatever is known; only then a question."""

from datetime import datetime, timedelta

from backend.desk_facts import CaseFacts
from backend.domain.refusals import MoveRefused
from bot.dialogue import filing, placing, report
from bot.dialogue.state import Draft, Waiting
from bot.dialogue.turn import Talk

SAME_EVENT = timedelta(minutes=30)  # further cries in this time belong to the same case


async def emergency(talk: Talk) -> None:
    """The fixed advice first; a further cry about the same event joins its case."""
    hit = talk.heard.danger
    assert hit is not None
    talk.say_text(talk.turn.texts.say(f"guard.{hit.advice}", talk.language))
    if await _joins_running(talk):
        return
    draft = await _draft(talk)
    draft.urgency, draft.category_settled, draft.similar_settled = "emergency", True, True
    has_place = bool(draft.area_code or draft.place)
    case = await talk.desk.file(await filing.new_case(talk, draft))
    await talk.errands.sound_alarm(case.number, talk.word(f"danger.{hit.advice}"))
    talk.state.drop(draft)
    talk.state.recent = case.number
    talk.state.told["emergency"] = f"{case.number} {talk.turn.now.isoformat()} {hit.advice}"
    if hit.advice == "suicide":
        await talk.desk.call_a_person(talk.word(f"danger.{hit.advice}"))
        talk.say("emergency.person", number=case.number)
        return
    talk.say("emergency.filed", **filing.filed_facts(talk, case))
    if not draft.area_code:
        key = "question.emergency_place" if not has_place else "question.emergency_place_unknown"
        talk.ask(Waiting("emergency_place", number=case.number), key, place=draft.place)


async def _draft(talk: Talk) -> Draft:
    """The cry as a draft; a draft without a matter yet (a place or photos alone) becomes it, else lends its place."""
    waiting = talk.state.waiting
    current = talk.state.draft(waiting.draft) if waiting is not None else None
    if current is not None and not current.category:
        await report.take(talk, current, talk.heard)
        return current
    return await report.open_draft(talk, talk.heard)


async def _joins_running(talk: Talk) -> bool:
    case = await _running(talk)
    if case is None:
        return False
    number = case.number
    await talk.desk.act(number, "supplement", text=talk.heard.text)
    if talk.heard.photos:
        await talk.errands.add_photos(number, talk.heard.photos)
    found = placing.place_in(talk, talk.heard)
    if not case.place and found is not None:
        await place(talk, number)
    else:
        talk.say("emergency.added", number=number)
    return True


async def _running(talk: Talk) -> CaseFacts | None:
    """The emergency of the last half hour, while it is open."""
    number, _, rest = talk.state.told.get("emergency", "").partition(" ")
    at = rest.partition(" ")[0]
    if not at or talk.turn.now - datetime.fromisoformat(at) > SAME_EVENT:
        return None
    case = await talk.desk.my_case(number)
    return case if case is not None and case.state in ("received", "dispatched", "accepted", "waiting") else None


async def place_heard(talk: Talk) -> bool:
    """A place said soon after the cry is where help is needed, whatever else goes on: never a new report."""
    heard = talk.heard
    if heard.choice or (heard.wordless and heard.pin is None):
        return False
    case = await _running(talk)
    found = placing.place_in(talk, heard) if case is not None and not case.place else None
    if case is None or found is None or not found[1].candidates:
        return False
    return await place(talk, case.number)


async def place(talk: Talk, number: str) -> bool:
    """The answer to "where?": the case gets its place and an owner."""
    heard = talk.heard
    if heard.photos:
        await talk.errands.add_photos(number, heard.photos)
    if heard.wordless and heard.pin is None:
        return bool(heard.photos)
    found = placing.place_in(talk, heard)
    said = found[0] if found is not None else heard.text[: placing.PLACE_LENGTH]
    placement = found[1] if found is not None else placing.locate(talk, heard.text, heard.pin)
    best = placement.sure or (placement.candidates[0] if len(placement.candidates) == 1 else None)
    area = (
        best.area_code if best is not None else placing.shared_area(talk, [c.area_code for c in placement.candidates])
    )
    try:
        await talk.errands.place_case(number, said or heard.text, area, placement.lat, placement.lon)
    except MoveRefused:
        return False
    talk.settled("emergency_place")
    in_despair = talk.state.told.get("emergency", "").endswith(" suicide")
    key = "emergency.placed_person" if in_despair else "emergency.placed"
    talk.say(key, place=said, area=talk.desk.area_name(area))
    return True
