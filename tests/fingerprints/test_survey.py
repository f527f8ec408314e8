"""One native call sees what the steps see one by one, and leaves to Pillow what they leave to it."""

import numpy as np
import pytest
from PIL import Image

from lookalike.fingerprints import cells, fingerprint_picture, parse_recipes, resampling, survey
from lookalike.fingerprints.resampling import resize_to_many
from lookalike.model import Picture

SIZES = ((9, 8), (8, 9), (8, 8), (32, 32), (20, 60))


@pytest.fixture(autouse=True)
def plans_made_anew():
    survey.plan_survey.cache_clear()
    yield
    survey.plan_survey.cache_clear()


@pytest.mark.parametrize("shape", [(64, 64), (65, 131), (533, 400), (400, 533), (700, 64), (1300, 90), (97, 1000)])
@pytest.mark.parametrize("kind", ["noise", "blobs", "gradient", "extremes"])
def test_the_survey_is_what_the_steps_give(shape, kind, painter):
    height, width = shape
    if kind == "extremes":
        pixels = np.random.default_rng(7).choice(np.array([0, 255], np.uint8), shape)
    elif kind == "gradient":
        pixels = np.linspace(0, 255, height * width).astype(np.uint8).reshape(shape)
    else:
        pixels = np.ascontiguousarray(painter(kind, width, height, 3).reshape(height, width, -1)[:, :, 0])
    thumbnails, sight = survey.survey(pixels, SIZES)
    image = Image.fromarray(pixels)
    for size in SIZES:
        assert np.array_equal(thumbnails[size], np.asarray(image.resize(size, Image.Resampling.LANCZOS))), size
    assert sight == survey.see(pixels)


def test_pictures_smaller_than_the_cells_and_sliced_ones_are_not_surveyed():
    noise = np.random.default_rng(1).integers(0, 256, (200, 200), dtype=np.uint8)
    assert survey.survey(np.ascontiguousarray(noise[:63]), SIZES) is None
    assert survey.survey(noise[:, ::2], SIZES) is None
    assert survey.survey(noise, SIZES) is not None


@pytest.mark.parametrize("module", [cells, resampling])
def test_what_pillow_must_do_is_not_surveyed(module, monkeypatch):
    resampling.is_planned.cache_clear()
    monkeypatch.setattr(module, "_equals_pillow", lambda: False)
    noise = np.random.default_rng(1).integers(0, 256, (200, 200), dtype=np.uint8)
    assert survey.survey(noise, SIZES) is None
    resampling.is_planned.cache_clear()


def test_fingerprints_of_luminance_equal_those_of_the_image_which_is_made_when_asked_for():
    pixels = np.random.default_rng(5).integers(0, 256, (300, 200), dtype=np.uint8)
    bare = Picture.of_luminance(pixels, 400, 600, file_format="JPEG", mode="RGB", decode="reduced")
    whole = Picture(Image.fromarray(pixels), 400, 600, "JPEG", "RGB")
    recipes = parse_recipes("dhash,ahash,phash,whash,colorhash")
    assert fingerprint_picture(bare, parse_recipes("dhash")) == fingerprint_picture(whole, parse_recipes("dhash"))
    with pytest.raises(AttributeError):
        object.__getattribute__(bare, "image")  # not made by a fingerprint that needs none
    assert fingerprint_picture(bare, recipes) == fingerprint_picture(whole, recipes)
    assert bare.image.size == bare.kept_size == (200, 300)
    assert bare.image is bare.image
    assert np.array_equal(np.asarray(bare.image), pixels)
    with pytest.raises(AttributeError):
        _ = bare.colour


def test_thumbnails_that_nobody_foresaw_are_made_too(painter):
    from lookalike.fingerprints.views import Views

    pixels = np.ascontiguousarray(painter("noise", 120, 90, 2).reshape(90, 120, -1)[:, :, 0])
    views = Views(Image.fromarray(pixels))
    views.prepare([(9, 8)])
    views.prepare([(17, 16)])
    for size in ((9, 8), (17, 16), (5, 4)):
        expected = resize_to_many(lambda: Image.fromarray(pixels), pixels, [size])[size]
        assert np.array_equal(views.thumbnail(*size), expected)
