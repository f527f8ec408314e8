"""Codes that must never change without a new recipe version: catalogs hold them.

The pictures are whole-number formulas, so that no library's random numbers or drawing can move them. The hex was
checked against imagehash 4.3.2 with Pillow 13.0.0; that of pdq, in tests/fingerprints, against Meta's codes.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.fingerprints import ALGORITHMS, fingerprint_picture, parse_recipe
from lookalike.model import Picture

ACROSS, DOWN = np.meshgrid(np.arange(300), np.arange(200))
PICTURES = {
    "weave": np.stack(
        [ACROSS * DOWN // 60 % 256, (ACROSS * 2 + DOWN * DOWN // 40) % 256, (ACROSS // 3 + DOWN) % 256], axis=2
    ),
    "badge": np.where(
        (((ACROSS - 110) ** 2 + (DOWN - 90) ** 2) < 3600)[:, :, None],
        np.stack([150 + ACROSS // 4, DOWN // 2, ACROSS * 0 + 30], axis=2),
        np.stack([230 - DOWN // 8, 236 - ACROSS // 20, 240 - DOWN // 10], axis=2),
    ),
}
GOLDEN: dict[tuple[str, str], str] = {
    ("weave", "ahash"): "26264d3b776f6f7e",
    ("weave", "phash"): "821657276c6df8d1",
    ("weave", "phash:16"): "82a1163952b927394cb94d2b7869516323ce2fdaf91652bead7c58e907c3b817",
    ("weave", "phash_simple"): "0f0f0f2f2f272767",
    ("weave", "dhash"): "eccd9966ccc9da94",
    ("weave", "dhash:5"): "16aeed4",
    ("weave", "dhash_vertical"): "eddd9b66cd2ddad4",
    ("weave", "whash"): "02244d3b66377b7c",
    ("weave", "whash:db4"): "013004c013004c013004c013c09bfddc0ffd7ffffffffff66",
    ("weave", "pdq"): "fea0444e69f0cb0f9f583aa5b44b6df039a26345cf0f6a59ce914e72c6a54e24",
    ("weave", "colorhash"): "01000000240",
    ("weave", "colorhash:5"): "006008621080039862",
    ("badge", "ahash"): "ffcf878787cfffff",
    ("badge", "phash"): "b839c5c1c6c63a3e",
    ("badge", "phash:16"): "b8363836c5d9c1d9c607c647383a3e3e39d939f939c139c539c1c646c5c6c63a",
    ("badge", "phash_simple"): "8080808081737370",
    ("badge", "dhash"): "44981c2c3c189020",
    ("badge", "dhash:5"): "04318d0",
    ("badge", "dhash_vertical"): "48843478587a3000",
    ("badge", "whash"): "ffcf87878480f0e0",
    ("badge", "whash:db4"): "fff3ffcfff3ff8fe73ff8fe03f00f403d00fc000800000000",
    ("badge", "pdq"): "32312e31b1c13131c9ced1cecececececfce3e3e2e0ef131f0310dc14dd1360e",
    ("badge", "colorhash"): "06000030001",
    ("badge", "colorhash:5"): "01d00000003a000006",
    ("badge", "crop_resistant"): "44981c2c3c189020,0f335dbebe5d2b0f",
    (
        "badge",
        "parts",
    ): "3e4aac2ed1c1db4b69c7d0889cf2c94dc3af81635207d0895af1d4b2729f45af8a43699a3e85705df280fecc8dd58795"
    "0730007f330a007e842727a30730c07e370ab07b8556f3840fa3eb025dec4dda8fa5d683fc826faee2290d3a5691b58c"
    "5e3a0addf04757126541b58cf8a66ba6e2311db35211c3845a1e2ed5f05f479b69c1c383f8866e3291f49f874782089c"
    "fa41b7f5d11292f42c74558a5a3e0b51829cc5af7432089bf849b1c160f11f873193689bf848b1d160591fe131b35983"
    "9e35153ef08caea42c753d8b9c3d132a414723b131a63a879c3d1b22436b23d731862b9c9cbb9e72efab5bf637d6ba93"
    "c1fc07e604fad60336929f85d19f56990f26013c48f1ca85c1fc07e508fb2e053b025986732733ea5d485b1472d1ca86" + "0" * 192,
    (
        "weave",
        "look",
    ): "7dac303fd42510eae37b23edbb7ce2b5bdc021b37350331263a2e7cb0d1bf797"
    "f8ba5da6c2136d9c5e61eeb347f3fa23eb2084a470fb108fbc0318d4e3b9a142"
    "4f892fec17f4e128f707803f86fb6f636103838ab522a61aa23f8ad3f6274be5"
    "8528f99ff903d946cef0ade760e83968754afde064945730c35adfdec3d7474e",
    (
        "badge",
        "look",
    ): "7c4d503b913600b2b379038f934cf2b0995869ab3b3a315e07a0578b0e9eb027"
    "e8da5c82aa1f0bdecf75629246bbfa63e3001cb0d0d1140daa5b105cc7fda162"
    "45892fec9ff3f128ff678c3fc491ee6b6407838e312ec61982bf9a73fca6532f"
    "93b0bd3d84ee5b41ccacbbb5666b84cb4ac43368e4f13575b53bebffc4f3e55d",
}


def fingerprint(picture, recipe):
    image = Image.fromarray(PICTURES[picture].astype(np.uint8))
    return fingerprint_picture(Picture(image, *image.size, "array", "RGB"), [parse_recipe(recipe)])[0]


@pytest.mark.parametrize(("picture", "recipe"), GOLDEN)
def test_the_code_is_what_it_always_was(picture, recipe):
    assert fingerprint(picture, recipe).hex == GOLDEN[picture, recipe]


def test_every_algorithm_has_a_golden_line():
    assert {recipe.split(":")[0] for _, recipe in GOLDEN} == set(ALGORITHMS)


def test_the_quality_is_what_it_always_was():
    assert {picture: fingerprint(picture, "ahash").quality for picture in PICTURES} == {"weave": 100, "badge": 53}
