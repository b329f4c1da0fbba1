"""Measures answering over a made-up shelf of n articles: build, and the time of one question from text to answers.

Goal: at most 5 ms at 10,000 articles on two cores. Run: `python -m backend.knowledge.bench [articles]`.
"""

import sys
from collections.abc import Iterator
from datetime import date
from time import perf_counter

from backend.items.wording import wording
from backend.knowledge.article_index import ArticleIndex, ArticleRow

_PLACES = [f"{first}{second}" for first in "云青石桐柳槐榆枫杉竹梅兰菊荷" for second in "桥里园湾坊巷岭塘浦院台堰"]
_THINGS = (
    *("居住证", "老年证", "社保卡", "低保", "公租房", "养老金认证", "残疾证", "狗证", "路灯", "下水道"),
    *("停水", "停电", "垃圾分类", "充电桩", "电梯", "物业费", "停车位", "图书馆", "体检", "疫苗"),
)
_ASKS = ("怎么办", "在哪里办", "要带什么材料", "多久能办好", "收费吗", "找谁", "几点开门", "可以代办吗")
_ANSWER = "带上身份证到便民服务中心二楼窗口，工作日上午九点到十二点，下午一点到五点，五个工作日内答复。"
_QUESTIONS = (
    "请问{place}那边{thing}咋个弄呀，要准备些啥子",
    "{thing}丢了在{place}能补吗",
    "{place}{thing}好几天了找哪个部门",
)


def _articles(count: int) -> Iterator[ArticleRow]:
    for i in range(count):
        place, thing, ask = _PLACES[i % len(_PLACES)], _THINGS[i // 7 % len(_THINGS)], _ASKS[i // 3 % len(_ASKS)]
        variants = f"{place}的{thing}{_ASKS[(i + 1) % len(_ASKS)]};{thing}{ask}"
        yield ArticleRow(i, f"{place}{thing}{ask}", variants, f"{thing}：{_ANSWER}")


def measure(count: int, questions: int = 600) -> dict[str, float]:
    """Seconds to build, and milliseconds of a question at the middle and at 99 of 100."""
    began = perf_counter()
    index = ArticleIndex(_articles(count), wording())
    built = perf_counter() - began
    times = []
    for i in range(questions):
        form = _QUESTIONS[i % len(_QUESTIONS)]
        text = form.format(place=_PLACES[i * 31 % len(_PLACES)], thing=_THINGS[i * 17 % len(_THINGS)])
        began = perf_counter()
        index.search(text, date(2026, 11, 23), ())
        times.append((perf_counter() - began) * 1000)
    times.sort()
    return {
        "articles": float(count),
        "build_s": round(built, 2),
        "p50_ms": round(times[questions // 2], 3),
        "p99_ms": round(times[questions * 99 // 100], 3),
    }


if __name__ == "__main__":
    for name, value in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000).items():
        print(f"{name} {value:g}")
