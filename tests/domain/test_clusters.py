"""When two reports look like one event."""

from dataclasses import replace
from datetime import timedelta

from backend.domain.clusters import HotSpot, Sighting, hot_spots, likeness, metres_between, suggest
from tests.domain.builders import NOW

WATER = Sighting("1", "urban.water", "G", NOW, "3号楼停水了", building="和平路12号3号楼", reporters=6)
SAME = Sighting("2", "urban.water", "G", NOW + timedelta(minutes=20), "我们3号楼没水", building="和平路12号3号楼")


def test_neighbours_of_one_building_report_one_water_cut():
    (found,) = suggest(SAME, [WATER])
    assert (found.case_id, found.reporters) == ("1", 6)
    assert found.score > 0.8


def test_another_building_is_another_event():
    assert likeness(WATER, replace(SAME, building="和平路12号9号楼")) == 0


def test_another_class_is_another_event():
    assert likeness(WATER, replace(SAME, category="transport.parking")) == 0


def test_two_days_later_is_another_event():
    assert likeness(WATER, replace(SAME, at=NOW + timedelta(hours=48))) == 0


def test_pins_close_together_count_by_their_distance():
    here = replace(WATER, building=None, point=(31.23, 121.47))
    near, far = replace(SAME, building=None, point=(31.2303, 121.47)), (31.24, 121.47)
    assert likeness(here, near) > 0.7
    assert likeness(here, replace(near, point=far)) == 0


def test_the_same_grid_without_an_exact_place_is_only_half_a_match():
    vague = replace(SAME, building=None, text="停电")
    assert 0 < likeness(WATER, vague) < likeness(WATER, SAME)


def test_likeness_is_symmetric_and_bounded():
    assert likeness(WATER, SAME) == likeness(SAME, WATER) <= 1
    assert likeness(WATER, replace(WATER, case_id="9")) == 1


def test_a_case_is_never_suggested_to_itself():
    assert suggest(WATER, [WATER]) == []


def test_at_most_three_are_offered_best_first():
    others = [replace(WATER, case_id=str(n), at=NOW - timedelta(hours=n)) for n in range(2, 9)]
    assert [s.case_id for s in suggest(WATER, others)] == ["2", "3", "4"]


def test_empty_words_and_emoji_do_no_harm():
    assert suggest(replace(SAME, text="😡😡"), [replace(WATER, text="")])[0].case_id == "1"


def test_a_degree_of_latitude_is_about_111_kilometres():
    assert round(metres_between((31, 121), (32, 121)) / 1000) == 111


def test_hot_spots_count_people_not_cases():
    old = replace(WATER, case_id="0", at=NOW - timedelta(days=9))
    assert hot_spots([WATER, SAME, old], NOW - timedelta(days=7)) == [HotSpot("G", "urban.water", 7, ("1", "2"))]
    assert hot_spots([SAME], NOW - timedelta(days=7)) == []
