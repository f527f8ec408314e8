import imagehash
import numpy as np
import pytest

from lookalike.errors import RenderingError
from lookalike.rendering.products import make_products
from lookalike.rendering.products.brands import BRANDS, COLOURS, MATERIAL_PRICE, METALS, TYPE_PRICE
from lookalike.rendering.products.copies import TRANSFORMS
from lookalike.rendering.products.shapes import TYPES
from lookalike.rendering.products.textures import MATERIALS, surface_tile

COUNT = 225


@pytest.fixture(scope="module")
def products():
    return list(make_products(COUNT))


def test_the_same_seed_draws_the_same_pixels_and_fewer_are_a_prefix(products):
    for again, first in zip(make_products(30), products, strict=False):
        assert again.name == first.name
        assert again.attributes == first.attributes
        assert again.planted == first.planted
        assert again.image.tobytes() == first.image.tobytes()


def test_another_seed_draws_other_pictures(products):
    other = list(make_products(10, seed=8))
    assert all(a.image.tobytes() != b.image.tobytes() for a, b in zip(other, products, strict=False))


def test_names_are_unique_and_pictures_are_rgb_of_a_shop_size(products):
    assert len({product.name for product in products}) == COUNT
    for product in products:
        assert product.image.mode == "RGB"
        if product.planted is None:
            assert product.image.size in {(440, 520), (440, 440), (400, 480), (480, 480)}


def test_no_two_originals_are_the_same_picture(products):
    originals = [product.image.tobytes() for product in products if product.planted is None]
    assert len(set(originals)) == len(originals)


def test_eight_percent_are_copies_of_earlier_originals_by_every_transform(products):
    originals = {}
    copies = [product for product in products if product.planted]
    assert len(copies) == COUNT * 8 // 100
    assert {copy.planted.transform for copy in copies} == set(TRANSFORMS)
    for product in products:
        if product.planted is None:
            originals[product.name] = product
        else:
            source = originals[product.planted.source]
            assert product.attributes == source.attributes
            assert product.image.tobytes() == TRANSFORMS[product.planted.transform](source.image).tobytes()


def test_mild_copies_are_within_a_few_bits_of_their_sources_and_strangers_are_not(products):
    by_name = {product.name: product.image for product in products}
    mild = {"recompressed as JPEG quality 40", "resized to 60 %"}
    distances = [
        imagehash.phash(product.image) - imagehash.phash(by_name[product.planted.source])
        for product in products
        if product.planted and product.planted.transform in mild
    ]
    assert distances
    assert max(distances) <= 4
    hashes = np.array([imagehash.phash(product.image).hash.ravel() for product in products if product.planted is None])
    between = [int((hashes[a] != hashes[a + 1]).sum()) for a in range(len(hashes) - 1)]
    assert np.median(between) >= 12


def test_a_brand_keeps_to_its_types_materials_colours_and_prices(products):
    brands = {brand.name: brand for brand in BRANDS}
    for product in products:
        attributes = product.attributes
        brand = brands[attributes["brand"]]
        assert attributes["type"] in brand.types
        assert attributes["material"] in brand.materials
        assert attributes["colour"] in brand.colours
        expected = brand.price_eur * TYPE_PRICE[attributes["type"]] * MATERIAL_PRICE[attributes["material"]]
        assert 0.9 * expected - 6 <= attributes["price"] <= 1.15 * expected + 6
        assert attributes["colour"] in attributes["title"]
    assert len({product.attributes["brand"] for product in products}) == len(BRANDS)
    assert {product.attributes["type"] for product in products} == set(TYPES)


def test_every_word_of_a_brand_is_known_to_the_painter():
    for brand in BRANDS:
        assert set(brand.types) <= set(TYPES)
        assert set(brand.materials) <= set(MATERIALS)
        assert set(brand.colours) <= set(COLOURS)
        assert brand.metal in METALS
    assert set(TYPE_PRICE) == set(TYPES)
    assert set(MATERIAL_PRICE) == set(MATERIALS)


@pytest.mark.parametrize("material", MATERIALS)
def test_a_material_is_on_average_about_as_light_as_its_plain_colour(material):
    lightness = np.asarray(surface_tile(material), dtype=np.float64)
    assert 105 <= lightness.mean() <= 145
    assert lightness.std() > 0.5


def test_a_bag_stands_out_from_its_light_backdrop_and_is_not_cut_off(products):
    for product in products[:60]:
        if product.planted:
            continue
        pixels = np.asarray(product.image, dtype=np.float64)
        edge = np.concatenate([pixels[0], pixels[:, 0], pixels[:, -1]])
        assert edge.min() > 195
        middle = pixels[product.image.height // 2 :, product.image.width // 4 : -product.image.width // 4]
        assert np.abs(middle - edge.mean(axis=0)).max() > 60


def test_a_negative_count_is_refused_at_once_and_none_is_an_empty_shop():
    with pytest.raises(RenderingError, match="-1"):
        make_products(-1)
    assert list(make_products(0)) == []
