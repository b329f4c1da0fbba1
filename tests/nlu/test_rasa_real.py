"""The real second engine: a reduced Rasa model, trained before (`make rasa` or CI), asked over real HTTP.

Runs when the environment and the model are there: starting the server takes most of a minute.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from nlu.engines.rasa_http import RasaEngine
from nlu.rasa_project.build import ENVIRONMENT, MODELS
from nlu.taxonomy import Taxonomy

MODEL = MODELS / "linli-reduced.tar.gz"
READY_SECONDS = 120

pytestmark = pytest.mark.skipif(
    not MODEL.exists() or not ENVIRONMENT.exists(),
    reason="needs Python 3.10 and `python -m nlu.rasa_project.build all --reduced`",
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "nlu.rasa_project.build", "serve", "--reduced", "--port", str(port)]
    server = subprocess.Popen(command, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{address}/status").status_code == httpx.codes.OK:
                    break
            except httpx.HTTPError:
                time.sleep(1)
        yield address
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)


def test_a_reduced_rasa_model_answers_over_http(url: str, taxonomy: Taxonomy) -> None:
    engine = RasaEngine(url, taxonomy, httpx.Client(timeout=30))
    answer = engine.classify("楼下路灯坏了")
    assert (answer.engine, answer.intents[0].name) == ("rasa", "report")
    assert answer.categories[0].code == "urban.lighting"
