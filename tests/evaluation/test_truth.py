"""Which pictures are kin: copies and second shots, and never what only looks alike to a fingerprint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from lookalike.assembly import Catalog
from lookalike.evaluation.truth import KinFinder, find_told_kin, look_alike, make_look
from lookalike.images import load_picture
from lookalike.search import load_engine
from lookalike.settings import Settings

TWICE = ("02341619-2fa3-42d4-bb5e-689518228e67", "78b7da73-ca6c-4e99-b88d-a9f358e7f0f2")  # a sheet with blue flowers


def moved(picture, right, down):
    """A second shot: the camera a little elsewhere, a little more light."""
    return ImageEnhance.Brightness(
        picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, right, 0, 1, down), fillcolor="white")
    ).enhance(1.03)


@pytest.fixture(scope="module")
def family(shop, tmp_path_factory):
    """A catalog of 12 product pictures of different products, a second shot of the first, and its mirror image."""
    folder = tmp_path_factory.mktemp("family")
    pictures = []
    for path in sorted((shop / "images").iterdir())[:12]:
        with Image.open(path) as opened:
            pictures.append(opened.convert("RGB"))
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{number:02}.png")
    moved(pictures[0], 6, -4).save(folder / "second.png")
    pictures[0].transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "mirror.png")
    with Catalog(folder / "own.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(folder, fingerprints="dhash,phash")
        yield catalog


def kin_names(catalog, path):
    finder = KinFinder(catalog.store, catalog.recipes, load_engine("exact"), catalog.limits)
    kin = finder.find(catalog.store.find_content(path), path)
    return {record.paths[0].rsplit("/", 1)[1] for record in catalog.store.contents(sorted(kin))}


def test_second_shots_and_mirror_images_are_kin(family):
    folder = family.path.parent
    assert kin_names(family, str(folder / "00.png")) == {"second.png", "mirror.png"}


def test_other_products_are_not(family):
    folder = family.path.parent
    for number in range(3, 12):
        assert not {"second.png", "mirror.png", "00.png"} & kin_names(family, str(folder / f"{number:02}.png"))


def test_plain_pictures_of_one_colour_are_not_kin_though_every_fingerprint_says_so():
    random = np.random.default_rng(1)
    plain = [Image.fromarray(random.normal(200, 2, (300, 300, 3)).astype(np.uint8)) for _ in range(2)]
    assert not look_alike(make_look(plain[0]), make_look(plain[1]))
    assert look_alike(make_look(plain[0]), make_look(plain[0]))


def test_what_attributes_tell_of_copies_is_believed(shop_catalog):
    told = find_told_kin(shop_catalog.store)
    records = shop_catalog.store.contents(shop_catalog.store.present_contents())
    copies = [one for one in records if one.attributes.get("copy_of")]
    assert copies
    by_name = {one.paths[0].rsplit("/", 1)[1]: one.id for one in records}
    for copy in copies:
        source = by_name[copy.attributes["copy_of"]]
        assert source in told[copy.id]
        assert copy.id in told[source]


def test_of_real_photos_the_one_garment_shot_twice_is_kin_and_its_neighbours_are_not():
    folder = Path(__file__).parents[2].parent / "shared" / "data" / "clothing" / "images"
    if not folder.is_dir():
        pytest.skip("the shop photos are not beside the repository")
    paths = [folder / f"{name}.jpg" for name in TWICE] + sorted(folder.iterdir())[:20]
    looks = [make_look(load_picture(path).image.convert("RGB")) for path in paths]
    assert look_alike(looks[0], looks[1])
    others = [look for look, path in zip(looks, paths, strict=True) if path.stem not in TWICE]
    assert not any(look_alike(looks[0], other) for other in others)
