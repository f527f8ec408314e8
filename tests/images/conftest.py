import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def data_folder():
    folder = Path(__file__).parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real test data is not there")
    return folder


@pytest.fixture(scope="session")
def scene():
    """A smooth colour picture, uint8 (height, width, 3), without any symmetry: it tells all orientations apart."""

    def paint(height=120, width=180):
        y, x = np.mgrid[0:height, 0:width]
        red, green = 255 * x / width, 255 * y / height
        blue = 127 + 90 * np.sin(9 * x / width) * np.cos(7 * y / height)
        return np.stack([red, green, blue], axis=-1).astype(np.uint8)

    return paint


@pytest.fixture(scope="session")
def encode():
    """Pixels (an array or a PIL image) as the bytes of a file."""

    def save(pixels, file_format, **options):
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        buffer = io.BytesIO()
        image.save(buffer, file_format, **options)
        return buffer.getvalue()

    return save
