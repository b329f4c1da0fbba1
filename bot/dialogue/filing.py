"""From a draft to a number: filing it, joining an open case instead, and what is said about who has it."""

from typing import Any

from backend.cases.filing import NewCase
from backend.desk_facts import CaseFacts
from backend.domain.words import Kind, Source, Urgency
from bot.dialogue import placing, words
from bot.dialogue.drafting import UNPLACED
from bot.dialogue.state import Draft, Waiting
from bot.dialogue.turn import Talk


async def file(talk: Talk, draft: Draft, unconfirmed: bool = False) -> CaseFacts:
    """Files the draft and tells the number and who has it; the caller goes on with the next draft."""
    case = await talk.desk.file(await new_case(talk, draft))
    talk.state.drop(draft)
    talk.state.recent = case.number
    talk.state.waiting = None
    facts = filed_facts(talk, case)
    if draft.kind == "praise" and await talk.errands.pass_praise_on(case.number):
        talk.say("report.praise_passed_on", page=case.page, number=case.number)
        return case
    talk.say("report.filed_unconfirmed" if unconfirmed else "report.filed", **facts)
    if not case.has_owner and draft.kind not in UNPLACED:
        talk.say("report.no_owner_yet" if draft.area_code else "report.no_place_yet", number=case.number)
    return case


def filed_facts(talk: Talk, case: CaseFacts) -> dict[str, Any]:
    """The facts of the sentence that tells a number."""
    office = talk.desk.office
    due = f"{office.local(case.due_at):%m-%d %H:%M}" if case.due_at else talk.word("part.soon")
    who = case.unit or talk.word("part.desk")
    if case.holder_surname:
        who = talk.turn.texts.say(f"notices.role.{case.holder_role}", talk.language, surname=case.holder_surname)
    return {"number": case.number, "title": case.title, "who": who, "due": due, "page": case.page}


def blamed_in(draft: Draft) -> str:
    """The words in which a member of staff may be accused by name: all of a complaint, nothing of a repair."""
    accuses = draft.against or draft.kind in ("complaint", "report") or words.CONDUCT_IN.search(draft.text)
    return draft.text if accuses and draft.kind != "praise" else ""


async def new_case(talk: Talk, draft: Draft) -> NewCase:
    """The draft as the desk files it; entities are read again over the whole text, so that spans fit."""
    area = placing.area_to_file(talk, draft)
    against = await talk.errands.accused(draft.against, area, blamed_in(draft))
    channel = talk.desk.conversation.channel
    patrol = draft.source == "patrol"
    text = draft.text or talk.word("part.photo_only")
    return NewCase(
        text=text,
        kind=Kind(draft.kind),
        category=draft.category,
        urgency=Urgency(draft.urgency),
        source=Source.PATROL if patrol else Source(channel),
        area_code=area,
        place=draft.place,
        lat=draft.lat,
        lon=draft.lon,
        entities=talk.turn.read(text).entities,
        attachments=tuple(draft.photos),
        resident_id=None if patrol else talk.visitor.resident_id,
        anonymous=draft.anonymous,
        category_sure=draft.category_sure,
        candidates=tuple(draft.candidates) if not draft.area_code else (),
        against=against,
        against_text=draft.against,
        answers=tuple((asked, said) for asked, said in draft.answers),
    )


def ask_phone(talk: Talk, draft: Draft) -> None:
    """After the number: one optional question for a phone, once per person, never for an anonymous report."""
    if draft.anonymous or talk.visitor.phone or talk.visitor.staff_id is not None:
        return
    if talk.state.told.get("phone_asked") is None and talk.desk.conversation.channel != "phone":
        talk.state.told["phone_asked"] = "yes"
        talk.ask(Waiting("phone"), "question.phone", [talk.button("skip_phone", "n:phone")])
