"""Every refusal of the rules has a code of its own, an HTTP status, and a sentence in every language."""

import inspect

import pytest

from backend.domain import application_needs, joint, refusals, visibility
from backend.texts import LANGUAGES, Texts
from nlu.errors import LinliError

REFUSALS = sorted(
    {
        kind
        for room in (refusals, application_needs, joint, visibility)
        for _, kind in inspect.getmembers(room, inspect.isclass)
        if issubclass(kind, LinliError) and kind is not LinliError
    },
    key=lambda kind: kind.code,
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.code)
def test_a_refusal_says_in_each_language_what_to_do(refusal):
    texts = Texts.load()
    sentences = {texts.say(f"errors.{refusal.code}", language) for language in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)
    assert refusal.__doc__
    assert refusal.status in (403, 404, 409, 422, 500)


def test_no_two_refusals_share_a_code():
    codes = [refusal.code for refusal in REFUSALS]
    assert len(codes) == len(set(codes))
