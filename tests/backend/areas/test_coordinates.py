"""The shift of mainland maps and its way back."""

import pytest

from backend.areas.coordinates import gcj02_to_wgs84, in_china, metres_between, wgs84_to_gcj02

PLACES = [(39.9042, 116.4074), (31.2304, 121.4737), (23.1291, 113.2644), (43.8, 87.6), (18.25, 109.5), (49.2, 119.7)]


@pytest.mark.parametrize(("lat", "lon"), PLACES)
def test_the_way_back_ends_within_a_centimetre(lat: float, lon: float) -> None:
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lat, lon))
    assert metres_between(lat, lon, *back) < 0.01


@pytest.mark.parametrize(("lat", "lon"), PLACES)
def test_the_shift_is_some_hundred_metres(lat: float, lon: float) -> None:
    assert 50 < metres_between(lat, lon, *wgs84_to_gcj02(lat, lon)) < 1000


def test_the_shift_at_tiananmen_is_the_known_one() -> None:
    lat, lon = wgs84_to_gcj02(39.9042, 116.4074)
    assert (lat - 39.9042, lon - 116.4074) == (pytest.approx(0.001404, abs=2e-5), pytest.approx(0.006242, abs=2e-5))


def test_outside_china_nothing_is_shifted() -> None:
    assert not in_china(48.85, 2.35)
    assert wgs84_to_gcj02(48.85, 2.35) == gcj02_to_wgs84(48.85, 2.35) == (48.85, 2.35)
