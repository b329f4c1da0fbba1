"""Cleaning: one form, and every character knows where it came from."""

import pytest

from nlu.normalise import MAX_CHARS, clean


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("路燈壞咗", "路灯坏了"),
        ("３号楼，Ａ座", "3号楼,A座"),
        ("a\x00b\u200bc\u202ed", "abcd"),
        ("一  二\r\n\n三", "一 二\n三"),
        ("坏\ud800了", "坏了"),
        ("㎡", "m2"),
        ("", ""),
    ],
)
def test_texts_are_cleaned(raw: str, plain: str) -> None:
    assert clean(raw).text == plain


def test_a_cleaned_span_leads_back_to_the_original() -> None:
    cleaned = clean("\u200b請到 \u202e３號樓\u200b來")
    place = cleaned.text.index("3号楼")
    start, end = cleaned.span(place, place + 3)
    assert cleaned.original[start:end] == "３號樓"


def test_a_very_long_text_is_cut() -> None:
    assert len(clean("长" * 100_000).text) == MAX_CHARS
