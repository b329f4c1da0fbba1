"""How a model lies on disk: one npz without pickles, and beside it a signature without which it is not opened.

`model.npz` holds the arrays and a JSON of facts (version, data hash, scores); `model.sig` holds the HMAC-SHA256 of
the whole npz under a key the caller gives. The shipped model carries its SHA-256 instead of a secret.
"""

import hashlib
import hmac
import io
import json
import zipfile
from pathlib import Path

import numpy as np

from nlu.engines.sparse_model import Head, SparseModel
from nlu.errors import LinliError

FORMAT = 2
READABLE = frozenset({1, 2})
"""Models of format 1 know no marks (see features.py): in them marks weigh nothing."""
MODEL = "model.npz"
SIGNATURE = "model.sig"
MAX_BYTES = 200 * 1024 * 1024


class ModelRefused(LinliError):
    """A model file is missing, corrupt, or not signed by us; the message names it."""

    code = "model_refused"
    status = 503


def save(model: SparseModel, folder: Path, key: bytes | None) -> Path:
    """Writes and signs `model` into `folder` (made if missing); with `key=None` signs by content hash only."""
    folder.mkdir(parents=True, exist_ok=True)
    heads = [[head.name, list(head.labels), head.first, head.sharpness] for head in model.heads]
    about = {
        "format": FORMAT,
        "heads": heads,
        "unknown_idf": model.unknown_idf,
        "max_chars": model.max_chars,
        "facts": model.facts,
    }
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        vocabulary=model.vocabulary,
        idf=model.idf,
        weights=model.weights,
        scale=model.scale,
        bias=model.bias,
        sounds=model.sounds,
        order_weights=model.order_weights,
        about=np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8),
    )
    content = buffer.getvalue()
    _replace(folder / MODEL, content)
    _replace(folder / SIGNATURE, _sign(content, key).encode())
    return folder / MODEL


def load(folder: Path, key: bytes | None) -> SparseModel:
    """The model in `folder`, checked before it is parsed. Raises `ModelRefused` with the file's name."""
    path = folder / MODEL
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelRefused(f"{path}: larger than {MAX_BYTES} bytes", file=str(path))
        content = path.read_bytes()
        signature = (folder / SIGNATURE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as broken:
        raise ModelRefused(f"{path}: {broken}", file=str(path)) from broken
    if not hmac.compare_digest(signature, _sign(content, key)):
        raise ModelRefused(f"{path}: the signature does not match", file=str(path))
    try:
        return _parse(content)
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as broken:
        raise ModelRefused(f"{path}: {broken}", file=str(path)) from broken


def _parse(content: bytes) -> SparseModel:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        if about["format"] not in READABLE:
            raise ValueError(f"format {about['format']}, this program reads {sorted(READABLE)}")
        return SparseModel(
            vocabulary=arrays["vocabulary"],
            idf=arrays["idf"],
            weights=arrays["weights"],
            scale=arrays["scale"],
            bias=arrays["bias"],
            sounds=arrays["sounds"],
            order_weights=arrays["order_weights"],
            unknown_idf=float(about["unknown_idf"]),
            max_chars=int(about["max_chars"]),
            heads=tuple(Head(name, tuple(labels), first, sharp) for name, labels, first, sharp in about["heads"]),
            facts=about["facts"],
        )


def _sign(content: bytes, key: bytes | None) -> str:
    if key is not None and not key:
        raise ModelRefused("no signing key: set LINLI_SECRET_KEY; an empty key would let anyone sign a model")
    if key is None:
        return hashlib.sha256(content).hexdigest()
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all, should the process die meanwhile."""
    beside = path.with_suffix(path.suffix + ".new")
    beside.write_bytes(content)
    beside.replace(path)
