"""The image encoders that recipes name: which file, what it wants of a picture, and what marks its very contents.

A recipe holds an alias, not a path: recipes are lower-case texts with ``:``, ``,`` and ``@`` of their own; paths and
names on the Hub are not. ``LOOKALIKE_MODEL_CLOTHES`` in the environment, which worker processes inherit, says what
``embedding:clothes`` is: the path of an ONNX file, or ``hub:owner/name`` with ``#file.onnx`` where that isn't
``onnx/model.onnx``.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import blake3
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.errors import RecipeError
from lookalike.optional import import_extra

VARIABLE = "LOOKALIKE_MODEL_"
HUB = "hub:"
HUB_FILE = "onnx/model.onnx"  # where the exporters of the Hub put it
SETTINGS_FILE = "preprocessor_config.json"
DEFAULT_SIDE = 224  # pixels, where neither the model nor its settings fix it: ImageNet's
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
POOLED = ("image_embeds", "pooler_output", "embeddings", "sentence_embedding")  # outputs that are one vector a picture
MARK_DIGITS = 12  # 48 bits: enough to tell models apart, short enough to be read


@dataclass(frozen=True)
class Model:
    """An encoder, loaded.

    Attributes:
        mark: ``m`` and 12 hex digits of the hash of the model's files: another file is another recipe.
        length: numbers in the vector that it makes.
    """

    session: Any
    mark: str
    input_name: str
    output_name: str
    size: tuple[int, int]
    channels_last: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    length: int = 0

    def encode(self, image: Image.Image) -> NDArray[np.float32]:
        """float32 (length,) of an RGB *image*, which is squeezed into the model's input without cropping."""
        levels = np.asarray(image.resize(self.size, Image.Resampling.BICUBIC), dtype=np.float32) / np.float32(255.0)
        pixels: Any = (levels - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        batch = (pixels if self.channels_last else pixels.transpose(2, 0, 1))[None]
        output = np.asarray(self.session.run([self.output_name], {self.input_name: np.ascontiguousarray(batch)})[0])[0]
        # A vector for each patch, (patches, length), is averaged; so is a map of features, (length, rows, columns).
        pooled = output.mean(axis=0) if output.ndim == 2 else output.mean(axis=(1, 2)) if output.ndim == 3 else output
        vector: NDArray[np.float32] = pooled.astype(np.float32)
        return vector


def load_model(alias: str) -> Model:
    """The model that the environment declares as *alias*; loaded once a process, and again when its file changes.

    Raises:
        RecipeError: none is declared, or its file isn't there or no encoder of pictures.
        MissingExtra: the extra ``embedding`` isn't installed.
    """
    declared = os.environ.get(VARIABLE + alias.upper(), "")
    if not declared:
        raise RecipeError(
            f"no model is declared as {alias!r}: set {VARIABLE}{alias.upper()} to the path of an ONNX file or to "
            f"{HUB}owner/name"
        )
    path = _fetch(declared.removeprefix(HUB)) if declared.startswith(HUB) else Path(declared)
    try:
        stats = tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in _files_of(path))
    except OSError as error:
        raise RecipeError(f"the model {alias!r}, {path}, can't be read: {error.strerror}") from error
    try:
        return _open(path, stats)
    except (ValueError, KeyError, OSError) as error:
        raise RecipeError(f"the model {alias!r}, {path}, is of no use: {error}") from error


def _files_of(path: Path) -> list[Path]:
    """All that decides what the model makes: the file, weights kept beside it, and its settings."""
    beside = [Path(f"{path}_data"), Path(f"{path}.data"), path.parent / SETTINGS_FILE]
    return [path, *(file for file in beside if file.exists())]


def _fetch(name: str) -> Path:
    """The Hub's file in the user's cache, downloaded where it isn't there yet."""
    hub = import_extra("huggingface_hub", extra="embedding")
    repository, _, file = name.partition("#")
    file = file or HUB_FILE
    try:
        folder = hub.snapshot_download(repository, allow_patterns=[file, f"{file}_data", f"{file}.data", SETTINGS_FILE])
    except (OSError, ValueError) as error:  # the Hub's errors are of these kinds
        raise RecipeError(f"the model {repository} can't be fetched from the Hub: {error}") from error
    path = Path(folder) / file
    settings, beside = Path(folder) / SETTINGS_FILE, path.parent / SETTINGS_FILE
    return path if settings == beside or not settings.exists() else _with_settings(path, settings)


def _with_settings(path: Path, settings: Path) -> Path:
    """The model's path, with the settings of the repository's top beside it, as a local model has them."""
    beside = path.parent / SETTINGS_FILE
    if not beside.exists():
        beside.write_bytes(settings.read_bytes())
    return path


@lru_cache(maxsize=4)
def _open(path: Path, stats: tuple[tuple[str, int, int], ...]) -> Model:
    runtime = import_extra("onnxruntime", extra="embedding")
    digest = blake3.blake3()
    for file, _, _ in stats:
        digest.update_mmap(file)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # there is a worker for each core, and sums come out alike
    try:
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a class of its own for each status, all below Exception
        raise ValueError(str(error).strip()[:300]) from error
    settings = _read_settings(path.parent / SETTINGS_FILE)
    inputs = session.get_inputs()
    shape = inputs[0].shape
    if len(inputs) != 1 or len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ValueError(f"it takes {[(one.name, one.shape) for one in inputs]} in place of one batch of RGB pictures")
    channels_last = shape[1] != 3
    rows, columns = shape[1:3] if channels_last else shape[2:4]
    side = _side_of(settings)
    outputs = [one.name for one in session.get_outputs()]
    model = Model(
        session,
        f"m{digest.hexdigest()[:MARK_DIGITS]}",
        inputs[0].name,
        next((name for name in POOLED if name in outputs), outputs[0]),
        (columns if isinstance(columns, int) else side, rows if isinstance(rows, int) else side),
        channels_last,
        tuple(settings.get("image_mean", IMAGENET_MEAN)),
        tuple(settings.get("image_std", IMAGENET_STD)),
    )
    vector = model.encode(Image.new("RGB", model.size, "grey"))
    if vector.ndim != 1:
        raise ValueError(f"its output {model.output_name} has {vector.ndim + 1} dimensions")
    return Model(**{**vars(model), "length": len(vector)})


def _read_settings(path: Path) -> dict[str, Any]:
    settings = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return settings if isinstance(settings, dict) else {}


def _side_of(settings: dict[str, Any]) -> int:
    for name in ("crop_size", "size"):
        size = settings.get(name)
        side = size.get("height", size.get("shortest_edge")) if isinstance(size, dict) else size
        if isinstance(side, int):
            return side
    return DEFAULT_SIDE
