"""A question: the sure answer with "did it help?", else up to three to choose, else noted and a way to a person."""

from backend.cases.filing import NewCase
from backend.domain.words import Kind, Source, Urgency
from backend.knowledge.learning import note_unanswered, was_it_helpful
from bot.dialogue import filing, people
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk

MOST_OFFERED = 3


async def ask(talk: Talk) -> None:
    """Answers the message as a question."""
    answers = await talk.desk.answers(talk.heard.text, talk.visitor.home_area_code or "")
    talk.settled("answers")
    if not answers:
        await no_answer(talk, talk.heard.text)
    elif answers[0].sure:
        _tell(talk, answers[0].answer, answers[0].article_id)
    else:
        offered = answers[:MOST_OFFERED]
        choices = [(f"q:{place}", one.question) for place, one in enumerate(offered)]
        choices.append(talk.button("none_of_these", "q:-"))
        kept = [[one.article_id, one.answer] for one in offered]
        waiting = Waiting("answers", data={"answers": kept, "text": talk.heard.text})
        if not talk.ask(waiting, "question.answers", choices):
            await no_answer(talk, talk.heard.text)


def _tell(talk: Talk, answer: str, article_id: int | None) -> None:
    choices = []
    if article_id is not None:
        choices = [talk.button("helped", f"u:yes:{article_id}"), talk.button("not_helped", f"u:no:{article_id}")]
    talk.say_text(answer, choices)
    talk.state.told["question"] = talk.heard.text[:200]


async def chosen(talk: Talk, which: str) -> None:
    """One of the offered questions, or none of them."""
    waiting = talk.state.waiting
    data = waiting.data if waiting is not None and waiting.topic == "answers" else {}
    talk.settled("answers")
    kept = data.get("answers", [])
    if which.isdigit() and int(which) < len(kept):
        article_id, answer = kept[int(which)]
        _tell(talk, str(answer), article_id if isinstance(article_id, int) else None)
        return
    await no_answer(talk, str(data.get("text", talk.heard.text)))


async def no_answer(talk: Talk, text: str) -> None:
    """Nothing fits: the question is kept for staff, and the resident may be called back or talk to a person."""
    meaning = talk.turn.read(text)
    await note_unanswered(talk.desk.session, talk.desk.office, talk.desk.masked(meaning), talk.turn.now)
    talk.state.told["question"] = text[:500]
    talk.say("ask.none", [talk.button("register", "y:register:-"), talk.button("human", "h:call")])


async def helped(talk: Talk, article_id: str, yes: bool) -> None:
    """Whether the answer was the right one."""
    if article_id.isdigit():
        await was_it_helpful(talk.desk.session, int(article_id), yes)
    if yes:
        talk.say("ask.glad")
    else:
        await no_answer(talk, talk.state.told.get("question", talk.heard.text))


async def register(talk: Talk) -> None:
    """The question becomes a consultation that somebody answers in writing."""
    text = talk.state.told.get("question") or talk.heard.text
    meaning = talk.turn.read(text)
    new = NewCase(
        text=text,
        kind=Kind.CONSULTATION,
        category=meaning.category.code if meaning.category is not None else "",
        urgency=Urgency.NORMAL,
        source=Source(talk.desk.conversation.channel),
        area_code=talk.visitor.home_area_code or talk.desk.office.district_code,
        entities=meaning.entities,
        resident_id=talk.visitor.resident_id,
        category_sure=meaning.decision.value == "act",
    )
    case = await talk.desk.file(new)
    talk.state.recent = case.number
    talk.state.told.pop("question", None)
    talk.say("ask.registered", **filing.filed_facts(talk, case))


async def to_person(talk: Talk) -> None:
    """A way out that is always open."""
    await people.call(talk, talk.heard.text)
