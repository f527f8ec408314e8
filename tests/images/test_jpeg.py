"""An ordinary JPEG's luminance by the short way is what Pillow decodes; all that is unusual is Pillow's."""

import csv
import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from lookalike.errors import ImageError
from lookalike.images import Limits, crop_picture, load_picture
from lookalike.images.jpeg import decode_luminance, read_head
from lookalike.model import Crop

ORDINARY = {
    "baseline": {},
    "progressive": {"progressive": True},
    "colours not halved": {"subsampling": "4:4:4"},
    "colours halved across": {"subsampling": "4:2:2"},
    "restarts": {"restart_marker_rows": 1},
    "low quality": {"quality": 20},
    "other tables": {"optimize": True},
}


def drafted(data, mode, factor=1):
    image = Image.open(io.BytesIO(data))
    image.draft(mode, (image.width // factor, image.height // factor))
    image.load()
    return image


def damaged(data):
    """Other bytes in the middle of the pixels, none of them the beginning of a marker."""
    middle = len(data) * 2 // 3
    return data[:middle] + b"\x5a\xa5" * 20 + data[middle + 40 :]


def facts(picture):
    return (picture.width, picture.height, picture.format, picture.mode, picture.frames, picture.orientation)


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
@pytest.mark.parametrize("kind", ORDINARY)
def test_the_luminance_is_pillows_byte_for_byte_at_every_scale(scene, encode, kind, factor):
    data = encode(scene(1029, 1043), "JPEG", **ORDINARY[kind])
    head = read_head(data)
    assert (head.width, head.height, head.components, head.has_metadata) == (1043, 1029, 3, False)
    assert np.array_equal(decode_luminance(data, head, factor), np.asarray(drafted(data, "L", factor)))
    assert np.array_equal(decode_luminance(data, head, factor), np.asarray(drafted(data, "YCbCr", factor))[:, :, 0])


def test_the_luminance_of_real_photos_is_pillows(data_folder):
    paths = [*sorted((data_folder / "clothing" / "images").iterdir())[::100], *(data_folder / "photos-large").iterdir()]
    for path in paths[:24]:
        picture = load_picture(path, channels="luminance")
        factor = -(-picture.width // picture.image.width)
        assert np.array_equal(picture.pixels, np.asarray(drafted(path.read_bytes(), "L", factor))), path


@pytest.mark.parametrize("size", [(90, 130), (1100, 1300)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_what_is_said_of_a_picture_does_not_hang_on_the_channels(scene, encode, mode, size):
    data = encode(Image.fromarray(scene(*size)).convert(mode), "JPEG")
    pictures = {channels: load_picture(data, channels=channels) for channels in ("rgb", "stored", "luminance")}
    assert len({facts(picture) for picture in pictures.values()}) == 1
    assert len({picture.image.size for picture in pictures.values()}) == 1
    luminance = np.asarray(pictures["luminance"].image)
    assert np.array_equal(luminance, np.asarray(pictures["stored"].image.getchannel(0)))
    assert np.abs(luminance.astype(int) - np.asarray(pictures["rgb"].image.convert("L"))).mean() < 1


def test_beyond_the_decoders_smallest_scale_both_are_reduced_the_rest_alike(scene, encode):
    data = encode(Image.fromarray(scene()).resize((8200, 8300), Image.Resampling.NEAREST), "JPEG", quality=40)
    luminance, stored = (load_picture(data, channels=channels).image for channels in ("luminance", "stored"))
    assert luminance.size == stored.size == (513, 519)
    assert luminance.tobytes() == stored.getchannel(0).tobytes()


@pytest.mark.parametrize("channels", ["stored", "luminance"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_short_way_turns_and_crops_as_the_long_one(scene, encode, channels, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(scene(1100, 1300), "JPEG", exif=exif)
    crop = Crop(130, 80, 600, 500)
    for options in ({}, {"crop": crop}, {"decode": "full"}):
        short, long = load_picture(data, channels=channels, **options), load_picture(data, **options)
        assert facts(short) == facts(long)
        assert short.orientation == orientation
        grey = np.asarray(short.image.getchannel(0), dtype=int)
        assert np.abs(grey - np.asarray(long.image.convert("L"))).mean() < 1
        assert short.pixels is None or np.array_equal(short.pixels, grey)
    cut = crop_picture(load_picture(data, channels=channels), crop)
    assert cut.pixels is None


def segments_of(data):
    """Where the marker segments before the first scan begin and end."""
    at, places = 2, {}
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        places.setdefault(data[at + 1], (at, at + 2 + length))
        at += 2 + length
    return places, at


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xEE])
def test_what_stands_behind_the_frame_counts_as_if_it_stood_before_it(scene, encode, marker):
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(scene(300, 200), "JPEG", exif=exif, icc_profile=profile)
    data = data[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01" + data[2:]
    places, start_of_scan = segments_of(data)
    begin, end = places[marker]
    late = data[:begin] + data[end:start_of_scan] + data[begin:end] + data[start_of_scan:]
    assert segments_of(late)[0][marker][0] > segments_of(late)[0][0xC0][0]
    for channels in ("rgb", "stored", "luminance"):
        one, other = load_picture(data, channels=channels), load_picture(late, channels=channels)
        assert facts(one) == facts(other)
        assert one.image.tobytes() == other.image.tobytes()
        assert one.orientation == 6


def unusual(scene, encode):
    image = Image.fromarray(scene())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain = encode(image, "JPEG")
    return {
        "CMYK": encode(image.convert("CMYK"), "JPEG"),
        "stored as RGB": encode(image, "JPEG", keep_rgb=True),
        "another profile": encode(image, "JPEG", icc_profile=profile),
        "several pictures": encode(image, "MPO", save_all=True, append_images=[image]),
        "a PNG": encode(image, "PNG"),
        "twelve bits": plain.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"),
        "arithmetic coding": plain.replace(b"\xff\xc0\x00\x11", b"\xff\xc9\x00\x11"),
    }


@pytest.mark.parametrize(
    "kind",
    ["CMYK", "stored as RGB", "another profile", "several pictures", "a PNG", "twelve bits", "arithmetic coding"],
)
def test_what_is_unusual_is_loaded_or_refused_as_ever_whatever_channels_are_asked(scene, encode, kind):
    data = unusual(scene, encode)[kind]
    outcomes = []
    for channels in ("rgb", "stored", "luminance"):
        try:
            picture = load_picture(data, channels=channels)
            outcomes.append((facts(picture), picture.notes, picture.image.mode, picture.image.tobytes()))
        except ImageError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_an_srgb_profile_keeps_the_short_way(scene, encode):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data, plain = encode(scene(), "JPEG", icc_profile=profile), encode(scene(), "JPEG")
    assert load_picture(data, channels="luminance").image.tobytes() == drafted(plain, "L").tobytes()


@pytest.mark.parametrize("channels", ["stored", "luminance"])
@pytest.mark.parametrize("kind", ["baseline", "progressive"])
def test_a_cut_off_jpeg_is_refused_by_the_short_way_too(scene, encode, kind, channels):
    data = encode(scene(), "JPEG", **ORDINARY[kind])
    whole = load_picture(data, channels=channels).image.tobytes()
    for cut in range(20, len(data), max(1, len(data) // 60)):
        try:
            loaded = load_picture(data[:cut], channels=channels).image.tobytes()
        except ImageError:
            continue
        assert loaded == whole, cut


def test_a_jpeg_damaged_in_its_pixels_gives_what_pillow_makes_of_it(scene, encode):
    data = damaged(encode(scene(300, 400), "JPEG", quality=95))
    assert load_picture(data, channels="luminance").image.tobytes() == drafted(data, "L").tobytes()


def test_the_decoders_complaint_hands_the_file_to_pillow(scene, encode):
    data = encode(scene(), "JPEG")
    stray = data[:-2] + b"\x00" * 37 + data[-2:]  # libjpeg: extraneous bytes before marker
    assert decode_luminance(stray, read_head(stray), 1) is None
    assert load_picture(stray, channels="luminance").image.tobytes() == drafted(data, "L").tobytes()


def test_limits_hold_on_the_short_way(scene, encode):
    with pytest.raises(ImageError, match="the limit is 100"):
        load_picture(encode(scene(), "JPEG"), channels="luminance", limits=Limits(max_pixels=100))


def test_every_nasty_file_ends_alike_whatever_channels_are_asked(data_folder, capfd):
    with (data_folder / "nasty" / "expected_pillow13.csv").open(newline="") as file:
        paths = [data_folder / "nasty" / row["path"] for row in csv.DictReader(file)]
    for path in paths:
        if path.suffix.lower() not in {".jpg", ".jpeg", ".mpo"}:
            continue
        outcomes = []
        for channels in ("rgb", "luminance", "stored"):
            try:
                outcomes.append(facts(load_picture(path, channels=channels)))
            except ImageError as error:
                outcomes.append(error.reason)
        assert outcomes[0] == outcomes[1] == outcomes[2], path


def test_heads_cut_or_damaged_anywhere_raise_nothing(scene, encode):
    data = encode(scene(), "JPEG")
    rng = np.random.default_rng(7)
    for cut in range(700):
        read_head(data[:cut])
        noisy = np.frombuffer(data[:700], np.uint8).copy()
        noisy[rng.integers(2, 700, 5)] = rng.integers(0, 256, 5)
        read_head(noisy.tobytes())
    assert read_head(data) is not None
