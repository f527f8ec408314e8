"""A file that ends early is refused; half a picture is never taken for a whole one."""

import io

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import CutOff, ImageError, Undecodable, UnsupportedFormat
from lookalike.images import load_picture

# name: format, options, levels of the picture's quantisation (0 for none), its side lengths
KINDS = {
    "jpeg": ("JPEG", {"quality": 90}, 0, (100, 150)),
    "jpeg progressive": ("JPEG", {"progressive": True}, 0, (100, 150)),
    "jpeg reduced": ("JPEG", {"quality": 60}, 0, (1030, 1100)),
    "jpeg progressive reduced": ("JPEG", {"progressive": True, "quality": 60}, 0, (1030, 1100)),
    "jpeg with restarts": ("JPEG", {"restart_marker_rows": 1}, 0, (100, 150)),
    "mpo": ("MPO", {}, 0, (100, 150)),
    "png": ("PNG", {}, 0, (100, 150)),
    "gif": ("GIF", {}, 0, (100, 150)),
    "gif not interlaced": ("GIF", {"interlace": 0}, 0, (100, 150)),
    "webp": ("WEBP", {}, 0, (100, 150)),
    "webp lossless": ("WEBP", {"lossless": True}, 0, (100, 150)),
    "avif": ("AVIF", {}, 0, (100, 150)),
    "bmp": ("BMP", {}, 0, (100, 150)),
    "bmp palette": ("BMP", {}, 32, (100, 150)),
    "tiff": ("TIFF", {}, 0, (100, 150)),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}, 0, (100, 150)),
    "tiff deflate": ("TIFF", {"compression": "tiff_deflate"}, 0, (100, 150)),
    "tiff packbits": ("TIFF", {"compression": "packbits"}, 0, (100, 150)),
    "tiff jpeg": ("TIFF", {"compression": "jpeg"}, 0, (100, 150)),
    "jpeg 2000": ("JPEG2000", {}, 0, (100, 150)),
    "jpeg 2000 codestream": ("JPEG2000", {"no_jp2": True}, 0, (100, 150)),
    "ppm": ("PPM", {}, 0, (100, 150)),
    "ico": ("ICO", {"sizes": [(48, 48)]}, 0, (48, 48)),
    "ico bitmap": ("ICO", {"sizes": [(48, 48)], "bitmap_format": "bmp"}, 0, (48, 48)),
}


def noisy(height, width):
    """Smooth with noise on top, so that every byte of the file carries pixels."""
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([255 * x / width, 255 * y / height, 128 + 0 * x], axis=-1)
    return np.clip(smooth + np.random.default_rng(5).normal(0, 20, smooth.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_off_file_is_refused_or_shows_every_pixel(encode, kind):
    file_format, options, levels, sides = KINDS[kind]
    image = Image.fromarray(noisy(*sides))
    data = encode(image.quantize(levels) if levels else image, file_format, **options)
    whole = np.asarray(load_picture(data).image)
    step = len(data) // (20 if "reduced" in kind else 60) or 1
    cuts = {*range(1, len(data), step), *range(len(data) - 24, len(data), 2 if "reduced" in kind else 1)}
    outcomes = {cut: load_or_refuse(data[:cut]) for cut in sorted(cuts)}
    for cut, outcome in outcomes.items():
        if isinstance(outcome, np.ndarray):
            assert np.array_equal(outcome, whole), f"half a picture at {cut} of {len(data)}"
        else:  # the first bytes may be too few to know the format by
            assert outcome is CutOff or (outcome is UnsupportedFormat and cut < 12), (cut, outcome)
    assert sum(outcome is CutOff for outcome in outcomes.values()) > len(cuts) / 2


def load_or_refuse(data):
    """The pixels, or the kind of error."""
    try:
        return np.asarray(load_picture(data).image)
    except ImageError as error:
        return type(error)


@pytest.mark.parametrize("kind", ["tiff lzw", "tiff deflate", "tiff packbits", "tiff jpeg"])
def test_a_tiff_whose_last_strip_reaches_behind_the_end_is_refused(encode, kind):
    file_format, options, _, sides = KINDS[kind]
    data = encode(noisy(*sides), file_format, **options)
    image = Image.open(io.BytesIO(data))
    offsets, sizes = image.tag_v2[273], image.tag_v2[279]
    moved = (len(data) - sizes[-1] // 2).to_bytes(4, "little")
    patched = data.replace(offsets[-1].to_bytes(4, "little"), moved)
    assert patched != data
    with pytest.raises((CutOff, Undecodable)):
        load_picture(patched)


def test_bytes_behind_the_end_of_a_jpeg_change_nothing(encode):
    data = encode(noisy(100, 150), "JPEG")
    expected = load_picture(data).image.tobytes()
    for tail in (b"\0" * 3_000_000, b"PK\x03\x04" + bytes(range(256)) * 50, data):
        assert load_picture(data + tail).image.tobytes() == expected


def test_only_the_first_frame_has_to_be_whole(encode):
    frames = [Image.fromarray(noisy(60, 60)) for _ in range(3)]
    frames[1] = Image.fromarray(255 - noisy(60, 60))
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    whole = load_picture(data)
    cut = load_picture(data[: len(data) * 2 // 3])
    assert cut.image.tobytes() == whole.image.tobytes()
    assert cut.frames < whole.frames
