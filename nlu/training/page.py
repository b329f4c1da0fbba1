"""The evaluation as one self-contained page: figures, tables and charts drawn as inline SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_SIZE = 260
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2430}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;border-bottom:1px solid #dde3ea;"
    "text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}.charts{display:flex;gap:2rem;"
    "flex-wrap:wrap}svg text{font-size:11px;fill:#556}h1{font-size:1.5rem}figure{margin:0}"
)
_NAMES = {"intent": "意图 Intent", "leaf": "事项 Category", "class": "大类 Class"}


def render(report: Mapping[str, Any], title: str) -> str:
    """HTML for a report of `evaluate`; needs nothing from the network."""
    sections = "".join(_question(name, report[name]) for name in _NAMES if name in report)
    guard = report.get("guard")
    speed = report.get("milliseconds", {})
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>"
        f"<p>{escape(str(report.get('engine', '')))} "
        f"· p50 {speed.get('p50', '–')} ms · p99 {speed.get('p99', '–')} ms</p>"
        f"{sections}{_pairs('守护规则 Guard', guard) if guard else ''}{_entities(report.get('entities'))}</html>\n"
    )


def _question(name: str, measured: Mapping[str, Any]) -> str:
    head = (
        f"<h2>{_NAMES[name]}</h2><p>{measured['count']} 条 · 准确率 accuracy {measured['accuracy']:.3f} · "
        f"macro-F1 {measured['macro_f1']:.3f} · ECE {measured['ece']:.3f}</p>"
    )
    covered = [(row["coverage"], row["accuracy"]) for row in measured["coverage"]]
    trusted = [(row["confidence"], row["accuracy"]) for row in measured["reliability"]]
    charts = (
        f'<div class="charts">{_chart("覆盖率与准确率 coverage × accuracy", covered)}'
        f"{_chart('置信度校准 confidence × accuracy', trusted, diagonal=True)}</div>"
    )
    thresholds = _table(("阈值", "覆盖率", "准确率"), [tuple(row.values()) for row in measured["coverage"]])
    mistakes = _table(("实际", "判为", "次数"), [tuple(row.values()) for row in measured["confusions"]])
    labels = _table(
        ("标签", "P", "R", "F1", "n"), [(label, *row.values()) for label, row in measured["labels"].items()]
    )
    return (
        f"{head}{charts}<details><summary>阈值曲线</summary>{thresholds}</details>"
        f"<details><summary>混淆</summary>{mistakes}</details><details><summary>各标签</summary>{labels}</details>"
    )


def _chart(title: str, points: Sequence[tuple[float, float]], diagonal: bool = False) -> str:
    """A unit square with a line through `points`."""

    def at(x: float, y: float) -> str:
        return f"{30 + x * _SIZE:.1f},{10 + (1 - y) * _SIZE:.1f}"

    line = " ".join(at(x, y) for x, y in points)
    dots = "".join(f'<circle cx="{at(x, y).split(",")[0]}" cy="{at(x, y).split(",")[1]}" r="2.5"/>' for x, y in points)
    ticks = "".join(
        f'<text x="4" y="{14 + (1 - tick / 4) * _SIZE:.0f}">{tick / 4:.2f}</text>'
        f'<text x="{24 + tick / 4 * _SIZE:.0f}" y="{_SIZE + 26}">{tick / 4:.2f}</text>'
        for tick in range(5)
    )
    ideal = f'<polyline points="{at(0, 0)} {at(1, 1)}" stroke="#b8c2cc" stroke-dasharray="4"/>' if diagonal else ""
    return (
        f'<figure><svg width="{_SIZE + 50}" height="{_SIZE + 40}" role="img" aria-label="{escape(title)}">'
        f'<rect x="30" y="10" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#dde3ea"/>{ticks}'
        f'<g fill="none">{ideal}<polyline points="{line}" stroke="#1f6feb" stroke-width="2"/></g>'
        f'<g fill="#1f6feb">{dots}</g></svg><figcaption>{escape(title)}</figcaption></figure>'
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _cell(value: object) -> str:
    kind = ' class="n"' if isinstance(value, int | float) else ""
    return f"<td{kind}>{escape(str(value))}</td>"


def _pairs(title: str, values: Mapping[str, object]) -> str:
    return f"<h2>{escape(title)}</h2>" + _table(("", ""), list(values.items()))


def _entities(measured: Mapping[str, Mapping[str, float]] | None) -> str:
    if not measured:
        return ""
    rows = [(kind, *scores.values()) for kind, scores in measured.items()]
    return "<h2>实体 Entities</h2>" + _table(("类型", "P", "R", "F1", "n"), rows)
