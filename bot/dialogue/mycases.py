"""A resident's own cases: how they stand, more about them, please hurry, please forget it."""

from backend.desk_facts import CaseFacts
from backend.domain.refusals import MoveRefused
from backend.items.facts import ApplicationFacts
from bot.dialogue import choosing, words
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk

DETAILS_FROM = 8  # an urging or supplement of fewer characters says nothing beyond itself


async def track(talk: Talk) -> None:
    """How does it stand? By number, by words, the only one, or a short list."""
    heard = talk.heard
    if heard.numbers:
        await tell_number(talk, heard.numbers[0])
        return
    cases = await talk.desk.my_cases(choosing.LOOKED_AT)
    named = choosing.by_ending(cases, heard.text)
    if named is not None:
        tell(talk, named)
        return
    applications = [
        one for one in await talk.desk.items.mine() if one.state not in ("closed", "withdrawn", "collected")
    ]
    fitting = _application_meant(applications, heard.text, has_cases=bool(cases))
    if fitting is not None:
        tell_application(talk, fitting)
        return
    alive = [one for one in cases if one.state in choosing.OPEN]
    if not alive and cases:
        tell(talk, cases[0])
        return
    case = await choosing.pick(talk, "track", choosing.OPEN, heard.text)
    if case is not None:
        tell(talk, case)


def _application_meant(found: list[ApplicationFacts], text: str, *, has_cases: bool) -> ApplicationFacts | None:
    if not found:
        return None
    named = [one for one in found if one.item_name and (one.item_name in text or _overlap(one.item_name, text))]
    if named:
        return named[0]
    return found[0] if not has_cases else None


def _overlap(name: str, text: str) -> bool:
    return any(name[place : place + 2] in text for place in range(len(name) - 1)) and any(
        sign in text for sign in "证办批申补"
    )


async def tell_number(talk: Talk, number: str) -> None:
    """A case or application by its number; unknown ones and other people's read the same."""
    case = await talk.desk.my_case(number)
    application = await talk.desk.items.my_application(number) if case is None else None
    if case is not None:
        tell(talk, case)
    elif application is not None:
        tell_application(talk, application)
    else:
        talk.say("track.unknown", number=number)


def tell(talk: Talk, case: CaseFacts) -> None:
    """Where a case stands, who has it, until when, and what can be done about it now."""
    office = talk.desk.office
    who = case.unit or talk.word("part.desk")
    if case.holder_surname:
        who = talk.turn.texts.say(f"notices.role.{case.holder_role}", talk.language, surname=case.holder_surname)
    due = f"{office.local(case.due_at):%m-%d %H:%M}" if case.due_at else talk.word("part.soon")
    when = f"{office.local(case.updated_at):%m-%d %H:%M}"
    stands = talk.word(f"state.{case.state}", who=who, due=due)
    choices: list[tuple[str, str]] = []
    if case.state in choosing.AT_WORK:
        choices = [
            talk.button("urge", f"c:urge:{case.number}"),
            talk.button("supplement", f"c:supplement:{case.number}"),
        ]
    elif case.state == "done":
        say = talk.turn.texts.say
        choices = [
            (f"c:{name}:{case.number}", say(f"notices.button.{name}", talk.language)) for name in ("confirm", "redo")
        ]
    talk.state.recent = case.number
    talk.say("track.case", choices, number=case.number, title=case.title, stands=stands, when=when)
    talk.settled("which")


def tell_application(talk: Talk, application: ApplicationFacts) -> None:
    """Where an application stands and what is still to do."""
    missing = "、".join(application.missing)
    due = f"{talk.desk.office.local(application.due_at):%m-%d}" if application.due_at else talk.word("part.soon")
    facts = {"missing": missing, "due": due, "reason": application.decision_reason, "appeal": application.appeal,
             "place": application.place, "hours": application.hours, "slot": application.slot}  # fmt: skip
    stands = talk.word(f"application.{application.state}", **facts)
    choices: list[tuple[str, str]] = []
    if application.state == "ready":
        choices = [talk.button("collect", f"a:collect:{application.number}")]
        if application.deliverable:
            choices.append(talk.button("deliver", f"a:deliver:{application.number}"))
    elif application.state == "incomplete":
        choices = [talk.button("papers", f"a:papers:{application.number}")]
    talk.state.application = application.number
    talk.say("track.application", choices, number=application.number, item=application.item_name, stands=stands)


async def list_mine(talk: Talk) -> None:
    """Everything of this person, newest first."""
    cases = (await talk.desk.my_cases(choosing.MOST_LISTED)) or []
    applications = await talk.desk.items.mine()
    if not cases and not applications:
        talk.say("none.track")
        return
    choices = [(f"w:track:{one.number}", choosing.label(talk, one)) for one in cases]
    choices += [(f"w:track:{one.number}", f"{one.item_name}（{one.number[-5:]}）") for one in applications]
    talk.say("track.all", choices, count=len(choices))


async def supplement(talk: Talk) -> None:
    """More about a case that is under way: words or photos."""
    case = await _meant(talk, "supplement")
    if case is None:
        return
    if (len(talk.heard.text) < DETAILS_FROM and not talk.heard.photos) or talk.heard.text == case.number:
        ask_supplement(talk, case.number)
        return
    await add_to(talk, case.number, talk.heard.text, talk.heard.photos)


def ask_supplement(talk: Talk, number: str) -> None:
    """What is to be added?"""
    if not talk.ask(Waiting("supplement", number=number), "question.supplement"):
        talk.say("human.offer", [talk.button("human", "h:call")])


async def add_to(talk: Talk, number: str, text: str, photos: tuple[int, ...]) -> None:
    """Writes words and photos into a case; what waits for the resident goes on with it."""
    try:
        if photos:
            await talk.errands.add_photos(number, photos)
        case = await talk.desk.act(number, "supplement", text=text or talk.word("part.photo_only"))
        if case.state == "waiting":
            case = await talk.desk.act(number, "resume", text=text)
    except MoveRefused as refused:
        refuse(talk, refused)
        return
    talk.state.recent = number
    talk.settled("supplement")
    talk.settled("which")
    talk.say("mine.supplemented", number=number)


async def urge(talk: Talk) -> None:
    """Please hurry: the right case, once."""
    case = await _meant(talk, "urge", choosing.AT_WORK)
    if case is not None:
        await urge_number(talk, case.number, talk.heard.text)


async def urge_number(talk: Talk, number: str, text: str) -> None:
    """Urges one case; the worker hears the resident's words."""
    try:
        case = await talk.desk.act(number, "urge", text=text)
    except MoveRefused as refused:
        refuse(talk, refused)
        return
    talk.state.recent = number
    talk.settled("which")
    due = f"{talk.desk.office.local(case.due_at):%m-%d %H:%M}" if case.due_at else talk.word("part.soon")
    talk.say("mine.urged", number=number, due=due)


async def withdraw(talk: Talk) -> None:
    """Please forget it: asked once more, since it cannot be taken back."""
    if talk.heard.numbers and await talk.desk.my_case(talk.heard.numbers[0]) is None:
        application = await talk.desk.items.my_application(talk.heard.numbers[0])
        if application is not None:
            _ask_withdraw(talk, application.number, application.item_name)
            return
    case = await _meant(talk, "withdraw", choosing.AT_WORK)
    if case is not None:
        _ask_withdraw(talk, case.number, case.title)


async def ask_withdraw_number(talk: Talk, number: str) -> None:
    """The case chosen from the list."""
    case = await talk.desk.my_case(number)
    _ask_withdraw(talk, number, case.title if case is not None else number)


def _ask_withdraw(talk: Talk, number: str, title: str) -> None:
    choices = [talk.button("withdraw_yes", f"y:withdraw:{number}"), talk.button("keep", f"y:keep:{number}")]
    if not talk.ask(Waiting("withdraw", number=number), "question.withdraw", choices, number=number, title=title):
        talk.say("mine.kept", number=number)


async def withdraw_number(talk: Talk, number: str) -> None:
    """Withdraws a case or an application, confirmed."""
    talk.settled("withdraw")
    talk.settled("which")
    try:
        if await talk.desk.my_case(number) is not None:
            await talk.desk.act(number, "withdraw", reason=talk.heard.text or "")
        else:
            await talk.desk.items.withdraw(number)
    except MoveRefused as refused:
        refuse(talk, refused)
        return
    if talk.state.recent == number:
        talk.state.recent = ""
    talk.say("mine.withdrawn", number=number)


async def _meant(talk: Talk, action: str, states: frozenset[str] = choosing.OPEN) -> CaseFacts | None:
    for number in talk.heard.numbers:
        case = await talk.desk.my_case(number)
        if case is not None:
            return case
        talk.say("track.unknown", number=number)
        return None
    named = choosing.by_ending(await talk.desk.my_cases(choosing.LOOKED_AT), talk.heard.text)
    return named or await choosing.pick(talk, action, states, talk.heard.text)


def refuse(talk: Talk, refused: Exception) -> None:
    """A refused move as a sentence, with a person as the way out."""
    code = getattr(refused, "code", "")
    key = f"refused.{code}" if talk.turn.texts.has(f"dialogue.refused.{code}") else "refused.other"
    talk.say(key, [talk.button("human", "h:call")])


def wants_list(text: str) -> bool:
    """ "我的诉求"."""
    return words.MINE.fullmatch(text) is not None
