"""A person takes over: the queue, how long it is, the off-hours sentence once, and the way back to the bot."""

from bot.dialogue.turn import Talk


async def call(talk: Talk, why: str) -> None:
    """Puts the conversation into the operators' queue; drafts stay and the person sees them."""
    await talk.desk.call_a_person(why or talk.word("part.wants_person"))
    opens = await talk.errands.opens_again()
    leave = [talk.button("back_to_bot", "h:stop")]
    if opens is None:
        talk.say("human.called", leave, ahead=max(await talk.errands.queue_length() - 1, 0))
    elif talk.once("off_hours", f"{opens:%Y-%m-%d}"):
        talk.say("human.off_hours", leave, opens=f"{opens:%m-%d %H:%M}")
    else:
        talk.say("human.queued", leave)


async def back(talk: Talk) -> None:
    """The resident does not want to wait."""
    await talk.errands.stop_waiting()
    talk.say("human.back")
