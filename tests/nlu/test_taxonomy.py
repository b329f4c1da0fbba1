"""The taxonomy: complete, sound, and refused by name when it is not."""

from pathlib import Path

import pytest

from nlu.taxonomy import CLASSES, SHIPPED, TaxonomyRefused, UnknownCategory, load_taxonomy


def test_fifteen_classes_and_at_least_ninety_leaves() -> None:
    taxonomy = load_taxonomy()
    assert tuple(taxonomy.classes) == CLASSES
    assert len(taxonomy.leaves) >= 90
    assert all(taxonomy.leaves_of(code) for code in CLASSES)


def test_street_lighting_exists_with_all_its_facts() -> None:
    leaf = load_taxonomy().leaf("urban.lighting")
    assert (leaf.name, leaf.limit.unit, leaf.evidence) == ("路灯照明", "working_days", "photo")


def test_no_alias_belongs_to_two_leaves_of_one_class_under_the_same_name() -> None:
    taxonomy = load_taxonomy()
    names = [leaf.name for leaf in taxonomy.leaves.values()]
    assert len(names) == len(set(names))


def test_an_unknown_category_has_a_named_refusal() -> None:
    with pytest.raises(UnknownCategory):
        load_taxonomy().leaf("urban.nothing")


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("limit: 3 working_days", "limit: 3 moons", "limit"),
        ("close: photo", "close: cake", "close"),
        ("highest: district", "highest: moon", "highest"),
        ("  urban.lighting:", "  sea.lighting:", "sea.lighting"),
    ],
)
def test_an_unsound_taxonomy_is_refused_by_name(tmp_path: Path, right: str, wrong: str, named: str) -> None:
    broken = tmp_path / "taxonomy.yml"
    broken.write_text(SHIPPED.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(TaxonomyRefused, match=named):
        load_taxonomy(broken)
