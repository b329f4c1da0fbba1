"""Papers that come later: "补材料", photos sent alone, or a word that the original is there; for one application."""

from backend.items.facts import ApplicationFacts
from bot.dialogue import words
from bot.dialogue.hearing import said
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk
from nlu.errors import LinliError


async def ask_for(talk: Talk, number: str) -> None:
    """What was missing comes now."""
    if not talk.ask(Waiting("more_papers", number=number), "question.more_papers"):
        talk.say("human.offer", [talk.button("human", "h:call")])


async def wished(talk: Talk) -> bool:
    """ "补材料": for the application that lacks some; False when it was not said."""
    if not said(words.PAPERS, talk.heard.text):
        return False
    lacking = [one for one in await talk.desk.items.mine() if _lacks_papers(one)]
    if not lacking:
        talk.say("items.nothing_missing")
    elif len(lacking) == 1 or any(one.number == talk.state.application for one in lacking):
        await ask_for(talk, next((n.number for n in lacking if n.number == talk.state.application), lacking[0].number))
    else:
        choices = [(f"a:papers:{one.number}", f"{one.item_name}（{one.number[-5:]}）") for one in lacking]
        if not talk.ask(Waiting("which_papers"), "question.which_papers", choices):
            await ask_for(talk, lacking[0].number)
    return True


async def shown(talk: Talk) -> bool:
    """Photos alone while the application talked about last lacks papers: they are those papers."""
    number = talk.state.application
    application = await talk.desk.items.my_application(number) if number else None
    if application is None or not _lacks_papers(application):
        return False
    talk.state.waiting = Waiting("more_papers", number=number)
    return await brought_later(talk)


def _lacks_papers(application: ApplicationFacts) -> bool:
    """Asked for again by the window, or known to be missing since it was filed."""
    return bool(application.missing) and application.state in ("received", "incomplete")


async def brought_later(talk: Talk) -> bool:
    """Photos or names of the papers that were missing."""
    waiting, heard = talk.state.waiting, talk.heard
    assert waiting is not None
    if said(words.CANCEL, heard.text):
        talk.settled("more_papers")
        talk.say("items.later")
        return True
    if not heard.photos and heard.wordless:
        return False
    application = await talk.desk.items.my_application(waiting.number)
    missing = application.missing if application is not None else ()
    brought = [name for name in missing if name in heard.text] or (list(missing) if heard.yes else [])
    try:
        filed = await talk.desk.items.add_papers(waiting.number, heard.photos, brought, text=heard.text)
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language))
        return True
    if not filed.missing:
        talk.settled("more_papers")
        talk.say("items.complete", number=filed.number)
    else:
        talk.say("items.still_missing", missing="、".join(filed.missing))
    return True
