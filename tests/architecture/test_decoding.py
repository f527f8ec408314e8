"""Only the images room opens and decodes pictures: limits, guards and the reasons to refuse are nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "lookalike"
DECODERS = {
    "av", "cairosvg", "cv2", "fitz", "imagecodecs", "imageio", "jpegio", "openslide", "pdf2image", "pillow_avif",
    "pillow_heif", "pillow_jxl", "pypdfium2", "pyvips", "rawpy", "simplejpeg", "skimage", "tifffile", "torchvision",
    "turbojpeg", "wand",
}  # fmt: skip
OPENERS = {"open", "preinit", "init", "register_open"}  # of PIL.Image
ALLOWED = {
    # Recompresses a product picture that the demo has just drawn: the JPEG that it reopens is its own, in memory.
    "rendering/products/copies.py": {"PIL.Image.open"},
    # Other packages are measured as their users use them: they open pictures in their own way.
    "evaluation/peers.py": {"PIL.Image.open"},
    # One attack is to save as HEIC; the picture that comes of it is opened by the images room.
    "evaluation/attacks/encodings.py": {"pillow_heif"},
    "evaluation/attacks/registry.py": {"pillow_heif"},
}


def decoding(tree):
    """What in a module opens or decodes pictures, as dotted names."""
    found = set()
    images = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [(alias.name, alias.asname or alias.name) for alias in node.names]
            images |= {name for module, name in modules if module == "PIL.Image"}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            modules = [(f"{node.module}.{alias.name}", alias.asname or alias.name) for alias in node.names]
            images |= {name for module, name in modules if module == "PIL.Image"}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):  # import_extra("pillow_heif", ...)
            modules = [(node.value, "")] if node.value.split(".")[0] in DECODERS else []
        else:
            continue
        for module, _ in modules:
            words = module.split(".")
            opens = words[:2] == ["PIL", "Image"] and len(words) == 3 and words[2] in OPENERS
            plugin = words[0] == "PIL" and any("Plugin" in word or word == "ImageFile" for word in words)
            if opens or plugin or words[0] in DECODERS:
                found.add(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in OPENERS and ast.unparse(node.value) in images:
            found.add(f"PIL.Image.{node.attr}")
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from PIL import Image\nImage.open(x)", {"PIL.Image.open"}),
        ("import PIL.Image\nPIL.Image.open(x)", {"PIL.Image.open"}),
        ("from PIL import Image as I\nreader = I.open", {"PIL.Image.open"}),
        ("from PIL.Image import open as look", {"PIL.Image.open"}),
        ("from PIL import JpegImagePlugin", {"PIL.JpegImagePlugin"}),
        ("from PIL.ImageFile import Parser", {"PIL.ImageFile.Parser"}),
        ("import cv2", {"cv2"}),
        ("def f():\n    from simplejpeg import decode_jpeg", {"simplejpeg.decode_jpeg"}),
        ("import_extra('pillow_heif', extra='heif')", {"pillow_heif"}),
        ("from PIL import Image\nImage.new('L', (1, 1)); open(x)", set()),
    ],
)
def test_the_search_below_sees_every_way_in(text, names):
    assert decoding(ast.parse(text)) == names


# The doctor names the package of each extra to see whether it is there; it imports none.
NAMES_ONLY = {"jobs/check_installation.py"}


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(SOURCES.rglob("*.py")) if path.relative_to(SOURCES).parts[0] != "images"],
    ids=lambda path: path.relative_to(SOURCES).as_posix(),
)
def test_only_the_images_room_opens_pictures(path):
    name = path.relative_to(SOURCES).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if name in NAMES_ONLY:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in DECODERS:
                node.value = ""
    assert decoding(tree) == ALLOWED.get(name, set())


def test_the_images_room_does_open_pictures():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (SOURCES / "images").glob("*.py")]
    assert any("Plugin" in name for name in set().union(*map(decoding, trees)))
