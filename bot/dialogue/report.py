"""A problem from the first word to its number: one draft each, only what is missing is asked, then it is read back."""

from backend.domain.refusals import MoveRefused
from bot.dialogue import drafting, filing, placing, readback, words
from bot.dialogue.hearing import Heard, part_of
from bot.dialogue.state import MOST_DRAFTS, Draft, Waiting
from bot.dialogue.turn import Talk
from bot.messages import Pin

COMMON = (  # what is reported most; each has an everyday name in `dialogue.common`
    *("urban.lighting", "urban.sanitation", "urban.drainage", "urban.water", "urban.power", "urban.road"),
    *("urban.parking", "commerce.elevator", "environment.noise", "justice.dogs"),
)


async def report(talk: Talk) -> None:
    """A message about one or several problems: drafts are opened, then the first is carried as far as it goes."""
    heard = talk.heard
    spans = [_without_mark(heard.text[a:b]) for a, b in heard.meaning.problems if b <= len(heard.text)]
    whole = _without_mark(heard.text)
    one = [heard] if whole == heard.text else [part_of(heard, talk.turn.read(whole))]
    parts = [part_of(heard, talk.turn.read(text)) for text in spans] if len(spans) > 1 else one
    parts = parts[:MOST_DRAFTS]
    opened = [await open_draft(talk, part) for part in parts]
    if len(opened) > 1:
        _share(talk, opened)
        listed = "\n".join(f"{place}. {one.title}" for place, one in enumerate(opened, start=1))
        talk.say("report.several", count=len(opened), list=listed)
    await advance(talk, opened[0])


def _without_mark(text: str) -> str:
    """A problem without the 还有, 另外, 2、 it began with."""
    return words.COUNTED_IN.sub("", words.MORE_IN.sub("", text)).strip() or text


async def open_draft(talk: Talk, heard: Heard) -> Draft:
    """A draft from one message; photos and a pin that came before any word join it."""
    state = talk.state
    draft = state.drafts[-1] if len(state.drafts) >= MOST_DRAFTS else state.new_draft()
    await take(talk, draft, heard)
    draft.photos += [one for one in state.photos if one not in draft.photos]
    state.photos = []
    if state.pin and not draft.place_settled:
        pin = Pin(*state.pin)
        placing.put_place(talk, draft, draft.place or pin.label, placing.locate(talk, draft.place, pin))
        state.pin = []
    return draft


async def take(talk: Talk, draft: Draft, heard: Heard, as_answer_to: str = "") -> None:
    """Lets a message flow into a draft: words (or the answer to a follow-up), photos, meaning, place, phone."""
    if as_answer_to:
        draft.answers.append([as_answer_to, heard.text])
    else:
        draft.add_text(heard.text)
    draft.photos += [one for one in heard.photos if one not in draft.photos]
    leaf = talk.desk.office.taxonomy.leaves.get(heard.meaning.category.code) if heard.meaning.category else None
    drafting.take_meaning(draft, heard.meaning, leaf.evidence if leaf is not None else "")
    if not draft.place_settled:
        found = placing.place_in(talk, heard)
        if found is not None and (found[1].candidates or not draft.place):
            placing.put_place(talk, draft, *found)
    await keep_phone(talk, heard)


async def keep_phone(talk: Talk, heard: Heard) -> bool:
    """Remembers a phone number said in passing; it is never asked for afterwards."""
    mobile = next((one for one in heard.phones if one), "")
    if not mobile:
        return False
    await talk.desk.remember_phone(mobile)
    talk.state.told["phone_asked"] = "yes"
    return True


def _share(talk: Talk, drafts: list[Draft]) -> None:
    """Problems of one message share their place and their photos go with the first."""
    for draft in drafts:
        draft.batch = drafts[0].id
    placed = next((one for one in drafts if one.place or one.area_code), None)
    for draft in drafts:
        if placed is not None and not (draft.place or draft.area_code):
            draft.place, draft.area_code, draft.candidates = placed.place, placed.area_code, list(placed.candidates)
            draft.lat, draft.lon, draft.place_settled = placed.lat, placed.lon, placed.place_settled
    for draft in drafts[1:]:
        draft.photos = []


async def advance(talk: Talk, draft: Draft) -> None:
    """Asks the one next thing that is missing, or reads the draft back; files when nothing may be asked any more."""
    if _ask_what(talk, draft) or _ask_category(talk, draft):
        return
    if await placing.ask_place(talk, draft) or await _offer_similar(talk, draft):
        return
    if not readback.read_back(talk, draft):
        await file_and_go_on(talk, draft, unconfirmed=True)


async def file_and_go_on(talk: Talk, draft: Draft, unconfirmed: bool = False) -> None:
    """Files the draft; then the next one in line, or once the question for a phone."""
    await filing.file(talk, draft, unconfirmed)
    if talk.state.drafts:
        await next_draft(talk)
    else:
        filing.ask_phone(talk, draft)


async def next_draft(talk: Talk) -> None:
    """Goes on with the next problem in line."""
    draft = talk.state.drafts[0]
    talk.say("report.next", title=draft.title)
    await advance(talk, draft)


def _ask_what(talk: Talk, draft: Draft) -> bool:
    """A photo or a pin alone says nothing yet."""
    return not draft.text and talk.ask(Waiting("what", draft.id), "question.what", draft=draft)


def _ask_category(talk: Talk, draft: Draft) -> bool:
    if draft.category_settled or draft.kind in drafting.UNPLACED:
        return False
    foreign = drafting.is_foreign(draft.text)
    if foreign:  # the model has read Chinese only: what it makes of this is not worth showing
        draft.category, draft.category_sure, draft.options = "", False, list(COMMON)
    if draft.category_sure or len(draft.options) < 2:
        return False
    key = "question.common" if foreign else "question.category"
    if talk.ask(Waiting("category", draft.id), key, category_choices(talk, draft), draft=draft):
        return True
    draft.category_settled = True
    return False


def category_choices(talk: Talk, draft: Draft) -> list[tuple[str, str]]:
    """The likeliest categories (for other languages the commonest, by their everyday names) and "none of these"."""
    name = talk.desk.office.taxonomy.name_of
    if set(draft.options) <= set(COMMON) and drafting.is_foreign(draft.text):
        choices = [(f"k:{draft.id}:{code}", talk.word(f"common.{code.replace('.', '_')}")) for code in draft.options]
        return [*choices, talk.button("none_of_these", f"k:{draft.id}:-")]
    choices = [(f"k:{draft.id}:{code}", name(code)) for code in draft.options]
    return [*choices, talk.button("none_of_these", f"k:{draft.id}:-")]


async def _offer_similar(talk: Talk, draft: Draft) -> bool:
    """An open case of the neighbours that may be the same event: joining it is one tap."""
    if draft.similar_settled or not draft.category or not draft.area_code or draft.kind in drafting.UNPLACED:
        return False
    draft.similar_settled = True
    if draft.against or draft.anonymous:
        return False
    found = await talk.desk.similar(draft.area_code, draft.category, draft.place, draft.text)
    if not found:
        return False
    best = found[0]
    if best.category_code and best.category_code != draft.category:
        return False
    mine = await talk.desk.my_case(best.number) is not None
    key = "question.similar_mine" if mine else "question.similar"
    choices = [talk.button("same", f"j:{draft.id}:{best.number}"), talk.button("not_same", f"j:{draft.id}:-")]
    facts = {"count": max(best.reporters, 1), "title": best.title, "place": best.place, "number": best.number}
    return talk.ask(Waiting("similar", draft.id, best.number), key, choices, draft=draft, **facts)


async def join(talk: Talk, draft: Draft, number: str) -> None:
    """The draft is the same event as an open case: its words and photos go there."""
    mine = await talk.desk.my_case(number)
    try:
        case = mine or await talk.desk.join(number)
        await talk.desk.act(number, "supplement", text=draft.text)
        if draft.photos:
            await talk.errands.add_photos(number, draft.photos)
    except MoveRefused:
        draft.similar_settled = True
        await advance(talk, draft)
        return
    talk.state.drop(draft)
    talk.state.recent = number
    talk.say("report.supplemented" if mine else "report.joined", **filing.filed_facts(talk, case))
    if talk.state.drafts:
        await next_draft(talk)


async def cancel(talk: Talk, draft: Draft) -> None:
    """The resident does not want to report it after all."""
    talk.state.drop(draft)
    talk.say("report.cancelled", title=draft.title)
    if talk.state.drafts:
        await next_draft(talk)


def set_place_again(talk: Talk, draft: Draft, said: str) -> None:
    """A corrected place: looked up anew, asked about anew."""
    draft.place_settled, draft.similar_settled = False, False
    draft.asked.pop("grid", None)
    placing.put_place(talk, draft, said, placing.locate(talk, said, None))


def correct(talk: Talk, draft: Draft, text: str) -> bool:
    """ "不是3号楼，是5号楼", "地址改成…": True when the draft was corrected by these words."""
    swap = drafting.correction(text)
    if swap is not None:
        old, new = swap
        draft.text = draft.text.replace(old, new)
        if old in draft.place:
            set_place_again(talk, draft, draft.place.replace(old, new))
        elif placing.locate(talk, new, None).candidates:
            set_place_again(talk, draft, new)
        else:
            draft.add_text(text)
        return True
    moved = words.PLACE_CHANGE_IN.search(text)
    if moved is not None:
        set_place_again(talk, draft, words.PLACE_SAY.sub("", moved["new"]))
        return True
    return False
