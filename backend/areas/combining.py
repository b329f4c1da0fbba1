"""Several pieces of evidence become one answer: names that agree, areas that were named, a pin beside the text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.areas.area_names import AreaNames
from backend.areas.evidence import Evidence
from backend.areas.index import PlaceIndex
from backend.areas.namebook import NameHit
from backend.areas.placement import MOST_CANDIDATES, Candidate, Placement, Reason

SEVERAL = 0.8  # factor when one name lies in several areas: then it is never sure
NAMED_CONFIDENCE = 0.5  # only the community was named: right, but not deep enough to be sure
AREA_DISAGREES, TEXT_DISAGREES, PIN_DISAGREES = 0.7, 0.6, 0.7


@dataclass(frozen=True, slots=True)
class Weighed:
    """A name found and what the list says of it."""

    hit: NameHit
    evidence: Evidence

    @property
    def strength(self) -> float:
        """Confidence with the spelling's quality; evidence with a house or building counts before mere names."""
        return self.evidence.confidence * self.hit.quality


def agreed(weighed: Sequence[Weighed], codes: list[str], index: PlaceIndex, said: str) -> Placement:
    """The areas all evidence agrees on; where the strongest pieces disagree, all of theirs."""
    ranked = sorted(weighed, key=lambda w: (w.evidence.depth == 0, -w.strength, w.hit.start))
    best = ranked[0]
    areas = best.evidence.areas()
    for other in ranked[1:]:
        common = areas & other.evidence.areas()
        if common and common != areas:
            best = Weighed(best.hit, best.evidence.narrowed(common, Reason.CROSSING))
            areas = common
    rivals = [best, *(other for other in ranked[1:] if _contradicts(best, other, areas))]
    lat, lon = _point(best, index)
    return Placement(_candidates(rivals, codes, index), said=said, lat=lat, lon=lon)


def _contradicts(best: Weighed, other: Weighed, areas: set[int]) -> bool:
    """A rival is as firmly said as the best: another house, or (without any house) another name in the text."""
    if areas & other.evidence.areas():
        return False
    return bool(other.evidence.depth) == bool(best.evidence.depth) and other.hit.quality >= best.hit.quality - 0.05


def _candidates(rivals: list[Weighed], codes: list[str], index: PlaceIndex) -> tuple[Candidate, ...]:
    found: dict[str, Candidate] = {}
    for rival in rivals:
        hits = rival.evidence.hits
        total = sum(hit.count for hit in hits)
        reasons = rival.evidence.reasons + ((rival.hit.reason,) if rival.hit.reason else ())
        for hit in hits:
            share = hit.count / total * SEVERAL if len(hits) > 1 else 1.0
            confidence = round(rival.strength * share / len(rivals), 4)
            address = index.address_id(hit.row) if Reason.EXACT in reasons else None
            candidate = Candidate(codes[hit.area], confidence, reasons, address)
            if codes[hit.area] not in found or found[codes[hit.area]].confidence < confidence:
                found[codes[hit.area]] = candidate
    return _ranked(found.values())


def _point(best: Weighed, index: PlaceIndex) -> tuple[float | None, float | None]:
    """Where the one listed address lies, when one was meant and the list says."""
    hits = best.evidence.hits
    point = index.point(hits[0].row) if len(hits) == 1 and Reason.EXACT in best.evidence.reasons else None
    return (round(point[0], 6), round(point[1], 6)) if point else (None, None)


def _ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda c: (-c.confidence, c.area_code)))


def named_candidates(mentioned: list[str], said: str) -> Placement:
    """No listed place, but perhaps a community or street was named: its staff can find out the rest."""
    if not mentioned:
        return Placement(reasons=(Reason.NAME_UNKNOWN,), said=said)
    share = NAMED_CONFIDENCE / len(mentioned)
    found = [Candidate(code, share, (Reason.AREA_NAMED,)) for code in mentioned[:MOST_CANDIDATES]]
    return Placement(tuple(found), said=said)


def collapsed(placement: Placement, mentioned: list[str], areas: AreaNames) -> Placement:
    """Narrowed to the areas named in the text, and lifted to communities or streets when there are too many."""
    candidates = placement.candidates
    if mentioned:
        inside = [c for c in candidates if areas.ancestors(c.area_code) & set(mentioned)]
        if not inside:
            candidates = tuple(
                replace(c, confidence=c.confidence * AREA_DISAGREES, reasons=(*c.reasons, Reason.AREA_DISAGREES))
                for c in candidates
            )
        elif len(inside) < len(candidates):
            scale = sum(c.confidence for c in candidates) / sum(c.confidence for c in inside)
            candidates = tuple(
                replace(c, confidence=min(0.97, c.confidence * scale), reasons=(*c.reasons, Reason.NARROWED_BY_AREA))
                for c in inside
            )
    while len(candidates) > MOST_CANDIDATES:
        lifted = _lifted(candidates, areas)
        if len(lifted) == len(candidates):
            return replace(placement, candidates=(), reasons=(Reason.TOO_MANY,))
        candidates = lifted
    return replace(placement, candidates=candidates)


def _lifted(candidates: tuple[Candidate, ...], areas: AreaNames) -> tuple[Candidate, ...]:
    """The parents of the candidates, each with the sum of its children's confidence."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        area = areas.row(candidate.area_code)
        code = area.parent_code if area and area.parent_code else candidate.area_code
        before = found[code].confidence if code in found else 0.0
        reasons = tuple(dict.fromkeys((*candidate.reasons, Reason.TOO_MANY)))
        found[code] = Candidate(code, round(before + candidate.confidence, 4), reasons)
    return _ranked(found.values())


def with_pin(text: Placement, pinned: list[Candidate], areas: AreaNames, point: tuple[float, float]) -> Placement:
    """Text and pin together: what both name is surer, what they dispute is offered as a choice."""
    if not pinned:
        reasons = (*text.reasons, Reason.PIN_OUTSIDE)
        return replace(text, reasons=reasons)
    lat, lon = point
    if not text.candidates:
        return Placement(tuple(pinned), said=text.said, lat=lat, lon=lon)
    both = _common(text.candidates, pinned, areas)
    if both:
        return Placement(_ranked(both), said=text.said, lat=lat, lon=lon)
    disputed = [
        *(_weakened(c, TEXT_DISAGREES) for c in text.candidates),
        *(_weakened(c, PIN_DISAGREES) for c in pinned),
    ]
    return Placement(_ranked(disputed)[:MOST_CANDIDATES], said=text.said, lat=lat, lon=lon)


def _common(said: tuple[Candidate, ...], pinned: list[Candidate], areas: AreaNames) -> list[Candidate]:
    """Pinned areas that are, or lie under, an area the text gives."""
    both = []
    for pin in pinned:
        above = areas.ancestors(pin.area_code)
        for candidate in said:
            if candidate.area_code in above:
                surer = 1 - (1 - pin.confidence) * (1 - candidate.confidence)
                reasons = (*candidate.reasons, *pin.reasons, Reason.PIN_AGREES)
                both.append(Candidate(pin.area_code, round(surer, 4), reasons, candidate.address_id))
    return both


def _weakened(candidate: Candidate, factor: float) -> Candidate:
    reasons = (*candidate.reasons, Reason.PIN_DISAGREES)
    return replace(candidate, confidence=round(candidate.confidence * factor, 4), reasons=reasons)
