"""Measures placing on a made-up city of n addresses: build, start from disk, time of a question, memory.

Budget: with 1,000,000 addresses 99 of 100 questions within 2 ms, the gazetteer within 600 MB.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from backend.areas.gazetteer import AddressRow, Gazetteer
from backend.areas.geometry import AreaRow

_FIRST = "云青石桐柳槐榆枫杉竹梅兰菊荷松柏桂杏桃李梨樱苇芦苏锦绣翠碧丹朱墨白玉珠琥珀珊瑚"
_SECOND = "溪湖山泉河江湾岭坡原野林谷岸洲屿港桥亭台阁楼院庭池塘井堰渡埠"
_THIRD = "里苑居园湾庭府轩筑邸"
_ROADS = "路街巷道"
_GRIDS, _BUILDINGS, _UNITS, _ROOMS = 1200, 6, 2, 6
_PER_ESTATE = _BUILDINGS * _UNITS * _ROOMS


def _name(number: int, endings: str) -> str:
    number, third = divmod(number, len(endings))
    number, second = divmod(number, len(_SECOND))
    number, first = divmod(number, len(_FIRST))
    return _FIRST[number % len(_FIRST)] + _FIRST[first] + _SECOND[second] + endings[third]


def _areas() -> Iterator[AreaRow]:
    yield AreaRow("99", "测量区", "district", None)
    for grid in range(_GRIDS):
        south, west = 30.0 + grid // 40 * 0.004, 120.0 + grid % 40 * 0.004
        ring = [
            [west, south],
            [west + 0.004, south],
            [west + 0.004, south + 0.004],
            [west, south + 0.004],
            [west, south],
        ]
        yield AreaRow(f"99{grid:04d}", f"第{grid}格", "grid", "99", {"type": "Polygon", "coordinates": [ring]})


def _addresses(count: int) -> Iterator[AddressRow]:
    """Three quarters are rooms in estates, one quarter house numbers along roads."""
    for i in range(count):
        if i % 4:
            estate, place = divmod(i - i // 4 - 1, _PER_ESTATE)
            building, rest = divmod(place, _UNITS * _ROOMS)
            grid = (estate * 7 + (building > 2 and estate % 10 == 0)) % _GRIDS
            door = f"{building + 1}号楼{rest // _ROOMS + 1}单元{rest % _ROOMS // 3 + 1}0{rest % 3 + 1}"
            yield AddressRow(
                i, f"{_name(estate, _THIRD)}小区{door}", "", f"99{grid:04d}", 30.0 + grid // 40 * 0.004, 120.0
            )
        else:
            road, number = divmod(i // 4, 400)
            grid = (road * 11 + number // 100) % _GRIDS
            yield AddressRow(i, f"{_name(road, _ROADS)}{number + 1}号", "", f"99{grid:04d}")


def _questions(count: int, asked: int) -> Iterator[str]:
    """As listed, in a sentence, short, misspelt by sound, one letter missing, without house, unknown."""
    estates, roads = max(1, count * 3 // 4 // _PER_ESTATE), max(1, count // 4 // 400)
    for i in range(asked):
        estate, road = _name(i * 37 % estates, _THIRD), _name(i * 13 % roads, _ROADS)
        yield (
            f"{estate}小区{i % 6 + 1}号楼{i % 2 + 1}单元201",
            f"你好，我住在{estate}小区{i % 6 + 1}栋，楼道的灯坏了好几天没人修",
            f"{road}{i % 500 + 1}号门口垃圾没人收",
            f"{estate}{i % 6 + 1}幢",
            f"{estate.replace('苑', '院').replace('居', '局').replace('溪', '西')}小区二号楼三单元",
            f"{estate[0]}{estate[2:]}小区{i % 6 + 1}号楼",
            f"{road}路灯不亮",
            "楼下有人唱歌到半夜，太吵了，能不能管一管",
        )[i % 8]


def _measure(folder: Path, count: int, asked: int) -> dict[str, float]:
    """Run in a process of its own, so that memory is the gazetteer's and not the builder's."""
    empty = _resident_mb()
    started = perf_counter()
    gazetteer = Gazetteer.open(folder, _areas(), "bench")
    assert gazetteer is not None
    opened = perf_counter() - started
    times = []
    placed = 0
    for question in _questions(count, asked):
        before = perf_counter()
        placed += bool(gazetteer.resolve(question).candidates)
        times.append((perf_counter() - before) * 1000)
    times.sort()
    at = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999}
    figures = {name: round(times[int(len(times) * share)], 3) for name, share in at.items()}
    memory = _resident_mb()
    return {"open_s": round(opened, 2), **figures, "placed_share": round(placed / asked, 3), "process_mb": memory,
            "gazetteer_mb": memory - empty}  # fmt: skip


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 // 1_000_000


def run(n: int = 1_000_000, asked: int = 20_000) -> dict[str, float]:
    """Builds n addresses, asks in a fresh process, prints and returns the figures (Linux)."""
    with tempfile.TemporaryDirectory() as place:
        started = perf_counter()
        Gazetteer.build(_addresses(n), _areas()).save(Path(place), "bench")
        figures: dict[str, float] = {"addresses": n, "build_s": round(perf_counter() - started, 1)}
        command = [sys.executable, "-m", "backend.areas.bench", place, str(n), str(asked)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 — ourselves
        figures |= {key: float(value) for key, value in (line.split() for line in answer.stdout.splitlines())}
    for key, value in figures.items():
        print(f"{key:>14} {value:g}")
    return figures


if __name__ == "__main__":
    for figure, amount in _measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])).items():
        print(figure, amount)
