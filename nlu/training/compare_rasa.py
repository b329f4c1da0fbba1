"""Rasa on anyone's labelled file: trained on the very split the linear learner gets, asked over its HTTP server."""

import os
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from nlu.errors import LinliError
from nlu.rasa_project.build import ENVIRONMENT, NO_PYTHON, QUIET
from nlu.rasa_project.convert import HERE, plain
from nlu.training.compare import read_labelled, split
from nlu.training.measures import Judged, percentile, summary

READY_SECONDS = 180
_PARTS = ("JiebaTokenizer", "CountVectorsFeaturizer", "DIETClassifier")


class RasaMissing(LinliError):
    """There is no Rasa environment; the message says how to get one."""

    code = "rasa_missing"
    status = 503


def rasa_on_file(path: Path, epochs: int) -> dict[str, Any]:
    """Scores, speed and cost of DIET with our pipeline on the held-out rows of `path`. Raises `RasaMissing`."""
    if not (ENVIRONMENT / "bin" / "rasa").exists():
        raise RasaMissing(f"run `make rasa` first. {NO_PYTHON}")
    train, held = split(read_labelled(path))
    names = sorted({label for _, label in train})
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write_flat_project(project, train, names, epochs)
        begin = time.perf_counter()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        _rasa(project, "train", "nlu", "--nlu", "data", "--config", "config.yml", "--out", "models",
              "--fixed-model-name", "file")  # fmt: skip
        seconds = time.perf_counter() - begin
        peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        with served(project, project / "models" / "file.tar.gz") as (url, process):
            measured = ask_all(url, held, names)
            return {
                "rasa": {
                    **measured,
                    "epochs": epochs,
                    "training_seconds": round(seconds, 1),
                    "training_peak_megabytes": round(peak / 1024, 1),
                    "server_megabytes": resident_megabytes(process),
                }
            }


def write_flat_project(project: Path, rows: Sequence[tuple[str, str]], names: Sequence[str], epochs: int) -> None:
    """A Rasa project with one intent per label (numbered: labels may hold anything) and `epochs` for DIET."""
    number = {name: f"label_{place}" for place, name in enumerate(names)}
    by_label: dict[str, list[str]] = {}
    for text, label in rows:
        by_label.setdefault(number[label], []).append(plain(" ".join(text.split())))
    blocks = [
        {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)} for label, texts in by_label.items()
    ]
    config = yaml.safe_load((HERE / "config.yml").read_text(encoding="utf-8"))
    kept = [part for part in config["pipeline"] if part["name"] in _PARTS]
    for part in kept:
        if "epochs" in part:
            part["epochs"] = epochs
    (project / "data").mkdir(parents=True)
    for name, content in (
        ("data/nlu.yml", {"version": "3.1", "nlu": blocks}),
        ("config.yml", {**config, "pipeline": kept}),
    ):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100_000)
        (project / name).write_text(text, encoding="utf-8")


def ask_all(url: str, held: Sequence[tuple[str, str]], names: Sequence[str]) -> dict[str, Any]:
    """Every held-out text through `/model/parse`; milliseconds are the whole round trip on this machine."""
    judged: list[Judged] = []
    seconds: list[float] = []
    with httpx.Client(timeout=60, trust_env=False) as client:
        for text, label in held:
            begin = time.perf_counter()
            answer = client.post(f"{url}/model/parse", json={"text": text}).raise_for_status().json()["intent"]
            seconds.append(time.perf_counter() - begin)
            name = str(answer["name"] or "")
            said = names[int(name.removeprefix("label_"))] if name.startswith("label_") else ""
            judged.append(Judged(label, said, float(answer["confidence"])))
    times = {"p50": round(percentile(seconds, 0.5) * 1000, 2), "p99": round(percentile(seconds, 0.99) * 1000, 2)}
    return {**summary(judged), "milliseconds": times}


@contextmanager
def served(folder: Path, model: Path) -> Iterator[tuple[str, int]]:
    """Rasa's HTTP server on a free local port while the block runs: its address and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(ENVIRONMENT / "bin" / "rasa"), "run", "--enable-api", "--model", str(model),
               "--port", str(port), "--interface", "127.0.0.1"]  # fmt: skip
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, **QUIET})  # noqa: S603 - our own environment
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, server)
        yield url, server.pid
    finally:
        server.terminate()
        server.wait(60)


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/status", trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            time.sleep(1)
    raise RasaMissing(f"the Rasa server did not answer within {READY_SECONDS} seconds")


def resident_megabytes(process: int) -> float | None:
    """Memory a process holds now; None where the system does not tell (no /proc)."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return None
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0")
    return round(int(line.split()[1]) / 1024, 1)


def _rasa(folder: Path, *arguments: str) -> None:
    command = [str(ENVIRONMENT / "bin" / "rasa"), *arguments]
    try:
        subprocess.run(command, check=True, cwd=folder, env={**os.environ, **QUIET}, stdout=subprocess.DEVNULL)  # noqa: S603 - our own environment
    except subprocess.CalledProcessError as failed:
        raise RasaMissing(f"rasa {arguments[0]} ended with {failed.returncode}") from failed
