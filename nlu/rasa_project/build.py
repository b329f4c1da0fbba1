"""The second engine from nothing: `python -m nlu.rasa_project.build [find|environment|convert|train|serve|all]`.

Rasa needs Python 3.10 and an environment of its own; it is found by name or through pyenv, never guessed.
"""
# ruff: noqa: S603 - the programs run are our own environment's and a Python found by name

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from nlu.rasa_project.convert import HERE, convert
from nlu.taxonomy import load_taxonomy
from nlu.training.corpus import TRAIN, read_examples

ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / ".venv-rasa"
WORK = HERE / ".rasa"
MODELS = HERE / "models"
NO_PYTHON = (
    "Rasa 3.6 needs Python 3.10, which was not found. Install it (for example `pyenv install 3.10`), "
    "or set RASA_PYTHON to its path, or use docker/rasa.Dockerfile. linli itself runs without Rasa."
)
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


def find_python() -> str | None:
    """A Python 3.10: RASA_PYTHON, `python3.10` on the path, or pyenv's; None when there is none."""
    for candidate in (os.environ.get("RASA_PYTHON"), shutil.which("python3.10"), _from_pyenv()):
        if candidate and _version(candidate) == "3.10":
            return candidate
    return None


def _from_pyenv() -> str | None:
    pyenv = shutil.which("pyenv") or str(Path.home() / ".pyenv" / "bin" / "pyenv")
    try:
        found = subprocess.run([pyenv, "prefix", "3.10"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(Path(found.stdout.strip()) / "bin" / "python")


def _version(python: str) -> str | None:
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def make_environment() -> None:
    """`.venv-rasa` with the pinned requirements; SystemExit with a clear sentence when Python 3.10 is absent."""
    if not (ENVIRONMENT / "bin" / "rasa").exists():
        python = find_python()
        if python is None:
            raise SystemExit(NO_PYTHON)
        subprocess.run([python, "-m", "venv", str(ENVIRONMENT)], check=True)
        _run("pip", "install", "-q", "-r", str(HERE / "requirements.txt"))


def write_project(small: bool) -> None:
    """Rasa's view of `nlu/data/train` in `.rasa/`."""
    taxonomy = load_taxonomy()
    convert(read_examples(TRAIN, taxonomy.leaves), taxonomy, WORK, small)


def train(small: bool) -> None:
    """A model in `models/`, named after the config."""
    name = "linli-reduced" if small else "linli"
    _run("rasa", "train", "nlu", "--nlu", "data", "--config", "config.yml", "--domain", "domain.yml",
         "--out", str(MODELS), "--fixed-model-name", name)  # fmt: skip


def serve(small: bool, port: int) -> None:
    """Rasa's HTTP server until interrupted."""
    model = MODELS / f"{'linli-reduced' if small else 'linli'}.tar.gz"
    _run("rasa", "run", "--enable-api", "--model", str(model), "--port", str(port), "--interface", "127.0.0.1")


def _run(program: str, *arguments: str) -> None:
    place = WORK if WORK.exists() else HERE
    subprocess.run([str(ENVIRONMENT / "bin" / program), *arguments], check=True, cwd=place, env={**os.environ, **QUIET})


def main(arguments: list[str] | None = None) -> None:
    """Runs the named step, or all of them up to training."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = ("find", "environment", "convert", "train", "serve", "all")
    parser.add_argument("step", choices=steps, nargs="?", default="all")
    parser.add_argument("--reduced", action="store_true", help="a small model, for continuous integration")
    parser.add_argument("--port", type=int, default=5005)
    chosen = parser.parse_args(arguments)
    if chosen.step == "find" and not (ENVIRONMENT / "bin" / "rasa").exists() and find_python() is None:
        raise SystemExit(NO_PYTHON)
    if chosen.step in ("environment", "all"):
        make_environment()
    if chosen.step in ("convert", "train", "all"):
        write_project(chosen.reduced)
    if chosen.step in ("train", "all"):
        train(chosen.reduced)
    if chosen.step == "serve":
        serve(chosen.reduced, chosen.port)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
