"""Understanding one message in process: the engine alone, and with guard, entities and decision around it."""

import time
from datetime import UTC, datetime
from pathlib import Path

from bot.bench.figures import Figure, at, show
from nlu.engines.opening import open_linear
from nlu.reader import Reader
from nlu.taxonomy import load_taxonomy

ROUNDS = 60
MESSAGES = (
    "幸福里小区1号楼门口路灯坏了三天了",
    "楼下烧烤店半夜还在吵，孩子睡不着",
    "我家水管爆了，水都流到楼道里了，电话13812345678",
    "想问一下办老年卡要带什么材料",
    "垃圾三天没人收了，臭死了",
    "20261123-00007 办到哪一步了",
    "对",
    "谢谢你们，修得很快",
    "井盖丢了，清泉菜场后面那条巷子，晚上很危险",
    "厨房闻到很重的煤气味",
    "低保怎么申请，我爸爸一个人住",
    "隔壁工地早上五点就开工，还往路上倒渣土",
    "人工",
    "小区门口乱停车，消防车都进不来",
    "建议在河湾新村加一个公交站",
)


def _times(ask: object, rounds: int) -> list[float]:
    assert callable(ask)
    found = []
    for _ in range(rounds):
        for message in MESSAGES:
            begun = time.perf_counter()
            ask(message)
            found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def run(models: Path = Path("var/models"), key: bytes = b"") -> bool:
    """Measures and prints; whether the goals hold."""
    taxonomy, now = load_taxonomy(), datetime.now(UTC)
    engine = open_linear(models, key, taxonomy).engine
    reader = Reader(engine, taxonomy)
    _times(engine.classify, 5)
    alone = _times(engine.classify, ROUNDS)
    whole = _times(lambda text: reader.read(text, now), ROUNDS)
    return show(
        f"understand ({len(MESSAGES) * ROUNDS} messages)",
        (
            Figure("engine p50", f"{at(alone, 0.5):.3f} ms", "≤ 0.15 ms", at(alone, 0.5) <= 0.15),
            Figure("engine p99", f"{at(alone, 0.99):.3f} ms"),
            Figure("with guard and entities p50", f"{at(whole, 0.5):.3f} ms", "≤ 0.5 ms", at(whole, 0.5) <= 0.5),
            Figure("with guard and entities p99", f"{at(whole, 0.99):.3f} ms", "≤ 1 ms", at(whole, 0.99) <= 1),
        ),
    )
