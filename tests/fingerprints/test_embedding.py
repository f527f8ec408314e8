"""Codes of vectors that a neural network makes: a tiny one, made here."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from lookalike.assembly import Catalog
from lookalike.errors import RecipeError
from lookalike.fingerprints import fingerprint_orientations, fingerprint_picture, parse_recipe, parse_recipes
from lookalike.fingerprints.embedding import _planes
from lookalike.fingerprints.embedding_models import load_model
from lookalike.settings import Settings

onnx = pytest.importorskip("onnx", reason="the encoder is made by the package onnx")
pytest.importorskip("onnxruntime", reason="the extra embedding is not installed")


def write_model(path, seed=0, length=40, shape=(1, 3, 8, 8)):
    weights = np.random.default_rng(seed).standard_normal((192, length)).astype(np.float32)
    nodes = [
        onnx.helper.make_node("Flatten", ["pixels"], ["flat"]),
        onnx.helper.make_node("MatMul", ["flat", "weights"], ["image_embeds"]),
    ]
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "encoder",
        [tensor("pixels", onnx.TensorProto.FLOAT, shape)],
        [tensor("image_embeds", onnx.TensorProto.FLOAT, (1, length))],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return weights


@pytest.fixture
def weights(tmp_path, monkeypatch):
    path = tmp_path / "My: Model, @1.onnx"
    monkeypatch.setenv("LOOKALIKE_MODEL_TINY", str(path))
    return write_model(path)


def test_the_recipe_names_the_width_and_the_models_file_and_survives_being_printed(weights):
    recipe = parse_recipe("embedding:TINY")
    assert recipe.options[:2] == ("tiny", 64)
    assert str(recipe) == f"embedding:tiny:64:{load_model('tiny').mark}"
    assert parse_recipe(str(recipe)) == recipe
    assert parse_recipe("embedding:tiny:256@full").width_bits == 256


def test_a_complete_recipe_is_understood_without_the_model(monkeypatch):
    monkeypatch.delenv("LOOKALIKE_MODEL_TINY", raising=False)
    assert parse_recipe("embedding:tiny:64:m0123456789ab").width_bits == 64
    with pytest.raises(RecipeError, match="set LOOKALIKE_MODEL_TINY"):
        parse_recipe("embedding:tiny")


def test_bits_are_the_signs_of_sums_of_the_vector_of_the_normalised_picture(weights, painter, picture_of, tmp_path):
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"image_mean": [0.5] * 3, "image_std": [0.25] * 3}))
    image = Image.fromarray(painter("blobs", 60, 40, 2))
    pixels = np.asarray(image.resize((8, 8), Image.Resampling.BICUBIC)) / 255
    vector = ((pixels - 0.5) / 0.25).transpose(2, 0, 1).ravel() @ weights
    picture = picture_of(image, "lookalike", "reduced")
    recipe = parse_recipe("embedding:tiny")
    made = fingerprint_picture(picture, [recipe])[0]
    assert np.array_equal(made.bits, _planes(64, 40).astype(float) @ vector > 0)
    assert fingerprint_orientations(picture, [recipe])[0]["mirror"].distance(made) > 0


def test_distances_grow_with_the_angle():
    rng = np.random.default_rng(1)
    planes = _planes(4096, 256)
    one, other = rng.standard_normal((2, 256))
    angle = np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    differing = ((planes @ one > 0) != (planes @ other > 0)).mean()
    assert abs(differing - angle / np.pi) < 4 * np.sqrt(0.25 / 4096)


def test_another_file_is_another_recipe_and_refuses_the_old_one(weights, tmp_path, painter, picture_of):
    before = parse_recipe("embedding:tiny")
    write_model(tmp_path / "My: Model, @1.onnx", seed=1)
    after = parse_recipe("embedding:tiny")
    assert after != before
    picture = picture_of(Image.fromarray(painter("blobs", 60, 40, 2)), "lookalike", "reduced")
    with pytest.raises(RecipeError, match="another model"):
        fingerprint_picture(picture, [before])


def test_what_is_no_encoder_of_pictures_is_refused(weights, tmp_path):
    path = tmp_path / "My: Model, @1.onnx"
    write_model(path, shape=(1, 192))
    with pytest.raises(RecipeError, match="in place of one batch"):
        parse_recipe("embedding:tiny")
    path.write_bytes(b"no model")
    with pytest.raises(RecipeError, match="of no use"):
        parse_recipe("embedding:tiny")
    path.unlink()
    with pytest.raises(RecipeError, match="can't be read"):
        parse_recipe("embedding:tiny")


@pytest.mark.parametrize(
    "text", ["embedding", "embedding:16", "embedding:a/b", "embedding:tiny:1:2", "embedding:tiny:9999"]
)
def test_texts_that_name_no_model_or_no_width_are_refused(weights, text):
    with pytest.raises(RecipeError):
        parse_recipes(text)


def test_a_catalog_indexes_by_it_and_is_read_without_the_model(weights, tmp_path, draw_shop_of):
    images = draw_shop_of(6) / "images"
    with Catalog(tmp_path / "own.lookalike", settings=Settings(workers=1)) as catalog:
        report = catalog.index(images, fingerprints="embedding:tiny,dhash")
        assert report.failed == 0
        matches = catalog.search(min(images.iterdir()), k=3, by="embedding:tiny", with_self=True)
        assert (matches[0].distance, len(matches)) == (0, 3)
        del os.environ["LOOKALIKE_MODEL_TINY"]
        held = [str(one.recipe) for one in catalog.held_recipes()]
        with pytest.raises(RecipeError, match="no model is declared"):
            catalog.index(images)
        assert any(text.startswith("embedding:tiny:64:m") for text in held)
        query = sorted(images.iterdir())[1]
        stored = next(text for text in held if text.startswith("embedding"))
        assert catalog.search(query, k=1, by=stored, with_self=True)[0].distance == 0
