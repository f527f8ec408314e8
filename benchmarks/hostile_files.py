"""Files made to break an indexer: good ones of every format cut and flipped, and bombs of every format.

Everything is made here, from a seed; nothing is read. ``hostile.py`` runs all, the suite a seeded fraction.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image


def scene(height: int = 48, width: int = 64, phase: float = 0.0) -> np.ndarray:
    """Smooth with noise on top, so that every byte of a file carries pixels; uint8 (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([255 * x / width, 255 * y / height, 128 + 90 * np.sin(x / 9 + phase)], axis=-1)
    noise = np.random.default_rng(5).normal(0, 12, smooth.shape)
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def save(image: Image.Image, file_format: str, **options) -> bytes:
    buffer = io.BytesIO()
    # Copies, since Pillow leaves what one encoder was told on the image for the next one
    others = {"append_images": [each.copy() for each in options["append_images"]]} if "append_images" in options else {}
    image.copy().save(buffer, file_format, **options | others)
    return buffer.getvalue()


def good_files() -> dict[str, bytes]:
    """40 small sound files, at least one of every format that is opened."""
    rgb = Image.fromarray(scene())
    grey, palette = rgb.convert("L"), rgb.quantize(64)
    alpha = rgb.copy()
    alpha.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    moving = [Image.fromarray(scene(phase=step)) for step in range(4)]
    film = {"save_all": True, "append_images": moving[1:], "duration": 80}
    files = {
        "baseline.jpg": save(rgb, "JPEG", quality=90),
        "progressive.jpg": save(rgb, "JPEG", progressive=True),
        "grey.jpg": save(grey, "JPEG"),
        "cmyk.jpg": save(rgb.convert("CMYK"), "JPEG"),
        "restarts.jpg": save(rgb, "JPEG", restart_marker_rows=1),
        "pair.mpo": save(moving[0], "MPO", save_all=True, append_images=moving[1:2]),
        "rgb.png": save(rgb, "PNG"),
        "alpha.png": save(alpha, "PNG"),
        "palette.png": save(palette, "PNG"),
        "deep.png": save(deep, "PNG"),
        "bits.png": save(rgb.convert("1"), "PNG"),
        "film.png": save(moving[0], "PNG", **film),
        "still.gif": save(palette, "GIF"),
        "flat.gif": save(palette, "GIF", interlace=0),
        "film.gif": save(moving[0], "GIF", **film),
        "lossy.webp": save(rgb, "WEBP"),
        "lossless.webp": save(rgb, "WEBP", lossless=True),
        "alpha.webp": save(alpha, "WEBP"),
        "film.webp": save(moving[0], "WEBP", **film),
        "still.avif": save(rgb, "AVIF"),
        "film.avif": save(moving[0], "AVIF", **film),
        "plain.tif": save(rgb, "TIFF"),
        "lzw.tif": save(rgb, "TIFF", compression="tiff_lzw"),
        "deflate.tif": save(rgb, "TIFF", compression="tiff_deflate"),
        "packbits.tif": save(rgb, "TIFF", compression="packbits"),
        "jpeg.tif": save(rgb, "TIFF", compression="jpeg"),
        "pages.tif": save(moving[0], "TIFF", save_all=True, append_images=moving[1:]),
        "big.tif": save(rgb, "TIFF", big_tiff=True),
        "rgb.bmp": save(rgb, "BMP"),
        "palette.bmp": save(palette, "BMP"),
        "rgb.dib": save(rgb, "DIB"),
        "png.ico": save(rgb.resize((48, 48)), "ICO", sizes=[(48, 48)]),
        "bitmap.ico": save(rgb.resize((48, 48)), "ICO", sizes=[(48, 48)], bitmap_format="bmp"),
        "boxed.jp2": save(rgb, "JPEG2000"),
        "stream.j2k": save(rgb, "JPEG2000", no_jp2=True),
        "rgb.ppm": save(rgb, "PPM"),
        "photo.dng": raw_photo(save(Image.fromarray(scene(256, 320)), "JPEG", quality=60)),
        "photo.raf": b"FUJIFILMCCD-RAW " + bytes(84) + save(Image.fromarray(scene(256, 320)), "JPEG", quality=60),
    }
    return files | _files_of_extras(rgb)


def _files_of_extras(rgb: Image.Image) -> dict[str, bytes]:
    """HEIC and JPEG XL where their packages are installed; without them the ledger says ``needs-extra``."""
    files = {}
    try:
        import pillow_heif

        buffer = io.BytesIO()
        pillow_heif.from_pillow(rgb).save(buffer, quality=80)
        files["photo.heic"] = buffer.getvalue()
    except ImportError:
        files["photo.heic"] = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(400)
    try:
        import imagecodecs

        files["photo.jxl"] = imagecodecs.jpegxl_encode(np.asarray(rgb), usecontainer=True)
    except ImportError:
        files["photo.jxl"] = b"\xff\x0a" + bytes(400)
    return files


def directory(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """A little-endian TIFF directory of (tag, type, count, value or offset)."""
    rows = b"".join(struct.pack("<HHI", tag, kind, count) + _value(kind, value) for tag, kind, count, value in entries)
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


def _value(kind: int, value: int) -> bytes:
    return struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)


def raw_photo(preview: bytes, orientation: int = 1, *, mark: bytes = b"", preview_offset: int | None = None) -> bytes:
    """A minimal DNG: a grey 16 x 12 thumbnail first, the preview and sensor data in sub-directories."""
    thumbnail, sensor = bytes(range(192)), bytes(2 * 64 * 48)
    start = 8 + len(mark)
    first_size, sub_size = 2 + 10 * 12 + 4, 2 + 8 * 12 + 4
    subs = start + first_size
    preview_at, sensor_at = subs + 8, subs + 8 + sub_size
    thumbnail_at = sensor_at + sub_size
    data_at = thumbnail_at + len(thumbnail)
    first = directory(
        [
            (256, 4, 1, 16),
            (257, 4, 1, 12),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, thumbnail_at),
            (274, 3, 1, orientation),
            (279, 4, 1, len(thumbnail)),
            (330, 4, 2, subs),
            (50706, 1, 4, 0x00000401),
        ]
    )
    where = data_at if preview_offset is None else preview_offset
    shown = [(254, 4, 1, 1), (256, 4, 1, 320), (257, 4, 1, 256), (259, 3, 1, 7), (262, 3, 1, 6), (273, 4, 1, where)]
    shown += [(277, 3, 1, 3), (279, 4, 1, len(preview))]
    cells = [(254, 4, 1, 0), (256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 32803)]
    cells += [(273, 4, 1, data_at + len(preview)), (279, 4, 1, len(sensor))]
    pointers = struct.pack("<II", preview_at, sensor_at)
    head = b"II*\0" + struct.pack("<I", start) + mark
    return head + first + pointers + directory(shown) + directory(cells) + thumbnail + preview + sensor


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, kind: int = 0, pixels: bytes = b"") -> bytes:
    start = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    body = png_chunk(b"IDAT", pixels or zlib.compress(b"\0" * 1000)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + start + b"".join(chunks) + body


def gif(frames: int, side: int, screen: int) -> bytes:
    """*frames* equal frames of *side* x *side* pixels, LZW-packed by Pillow, on a *screen* x *screen* canvas."""
    one = save(Image.new("P", (side, side)), "GIF")
    at = one.index(b"\x2c\0\0\0\0")
    return one[:6] + struct.pack("<HH", screen, screen) + one[10:at] + one[at:-1] * frames + b";"


def many_scans(scans: int, side: int) -> bytes:
    """A progressive grey JPEG of *side* x *side* pixels whose AC coefficients come in *scans* scans, all empty."""
    flat = save(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    first = flat.index(b"\xff\xda")
    second = flat.index(b"\xff", first + 2 + int.from_bytes(flat[first + 2 : first + 4], "big"))
    while flat[second + 1] in {0, *range(0xD0, 0xD8)}:
        second = flat.index(b"\xff", second + 2)
    # One Huffman code of one bit, for the symbol 0xE0: a run of 2^14 to 2^15 - 1 blocks without coefficients
    table = b"\xff\xc4" + struct.pack(">HB", 2 + 1 + 16 + 1, 0x10) + bytes([1] + [0] * 15) + b"\xe0"
    blocks = -((-side // 8) ** 2)
    bits = ("0" + "1" * 14) * (-(-blocks // 32767))
    bits += "1" * (-len(bits) % 8)
    run = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 1, 63, 0) + run
    return flat[:second] + table + scan * scans + b"\xff\xd9"


def patched(data: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    at = data.index(mark) + offset
    return data[:at] + value + data[at + len(value) :]


def bombs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Names, and what makes each; one at a time, since some are megabytes."""
    rgb = Image.fromarray(scene())
    film = [Image.fromarray(scene(phase=step)) for step in range(3)]
    zeros = zlib.compress(bytes(80_000_000), 9)  # Pillow's own limits are 1 MiB a chunk and 64 MiB in all
    profile = b"icc\0\0" + zeros
    yield "square.png", lambda: png(50_000, 50_000)
    yield "wide.png", lambda: png(2**31 - 1, 1)
    yield "text.png", lambda: png(8, 8, png_chunk(b"zTXt", b"Comment\0\0" + zeros))
    yield "international.png", lambda: png(8, 8, png_chunk(b"iTXt", b"a\0\1\0\0\0" + zeros))
    yield "many_texts.png", lambda: png(8, 8, *[png_chunk(b"tEXt", b"k%d\0v" % each) for each in range(100_000)])
    yield "profile.png", lambda: png(8, 8, png_chunk(b"iCCP", profile))
    yield "too_much.png", lambda: png(8, 8, pixels=zeros)
    yield "within_limit.png", lambda: png(14_000, 14_000, bits=1, pixels=zlib.compress(bytes(14_000 * 1751), 9))
    yield "claims_frames.png", lambda: png(8, 8, png_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))
    yield "frames.gif", lambda: gif(20_000, 8, 8)
    yield "large_frames.gif", lambda: gif(20_000, 100, 640)
    yield "million.gif", lambda: gif(1_000_000, 1, 1)
    yield "screen.gif", lambda: gif(1, 8, 65_535)
    yield (
        "max.webp",
        lambda: (
            b"RIFF"
            + struct.pack("<I", 30)
            + b"WEBPVP8L"
            + struct.pack("<IBI", 18, 0x2F, 16_382 | 16_382 << 14)
            + bytes(14)
        ),
    )
    yield (
        "canvas.webp",
        lambda: patched(save(film[0], "WEBP", save_all=True, append_images=film), b"VP8X", 12, b"\xff" * 6),
    )
    yield "tall.avif", lambda: save(Image.fromarray(scene(17_000, 16)), "AVIF", speed=10)
    yield "lying.avif", lambda: patched(save(rgb, "AVIF"), b"ispe", 8, b"\0\0\xff\xff\0\0\xff\xff")
    yield (
        "times.avif",
        lambda: patched(save(film[0], "AVIF", save_all=True, append_images=film), b"stts", 12, b"\xff\xff\xff\xff"),
    )
    yield "loop.tif", lambda: b"II*\0\x08\0\0\0" + directory([(256, 4, 1, 8), (257, 4, 1, 8)], following=8)
    yield "subloop.tif", lambda: b"II*\0\x08\0\0\0" + directory([(330, 4, 1, 8)], following=8)
    yield (
        "chain.tif",
        lambda: (
            b"II*\0\x08\0\0\0"
            + b"".join(directory([(330, 13, 1, 8)], following=26 + 18 * each) for each in range(100_000))
        ),
    )
    yield (
        "size.tif",
        lambda: patched(
            patched(save(rgb, "TIFF"), b"\0\1\4\0\1\0\0\0", 8, struct.pack("<I", 90_000)),
            b"\1\1\4\0\1\0\0\0",
            8,
            struct.pack("<I", 90_000),
        ),
    )
    yield "count.tif", lambda: b"II*\0\x08\0\0\0" + b"\xff\xff" + bytes(64)
    yield "many_scans.jpg", lambda: many_scans(20_000, 4_096)
    yield "some_scans.jpg", lambda: many_scans(400, 1_024)
    yield "size.jpg", lambda: patched(save(rgb, "JPEG"), b"\xff\xc0", 5, b"\xff\xdc\xff\xdc")
    yield "size.bmp", lambda: patched(save(rgb, "BMP"), b"\x28\0\0\0", 4, struct.pack("<ii", 60_000, 60_000))
    yield (
        "run_lengths.bmp",
        lambda: (
            b"BM" + struct.pack("<IHHIIiiHHIIiiII", 62, 0, 0, 62, 40, 14_000, 14_000, 1, 8, 1, 0, 0, 0, 1, 1) + bytes(8)
        ),
    )
    yield "size.ppm", lambda: b"P6 99999 99999 255\n" + bytes(999)
    yield "digits.ppm", lambda: b"P2 1000 1000 255\n" + b"9" * 5_000_000
    yield "count.ico", lambda: struct.pack("<HHH", 0, 1, 65_535) + bytes(range(1, 17)) * 65_535
    yield "inside.ico", lambda: struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, 99, 22) + png(40_000, 40_000)
    yield "behind.ico", lambda: struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, 2**31, 2**31)
    j2k = save(Image.fromarray(scene(512, 512)), "JPEG2000", no_jp2=True)
    yield "size.j2k", lambda: patched(j2k, b"\xff\x51", 6, struct.pack(">II", 60_000, 60_000))
    yield (
        "tiles.j2k",
        lambda: patched(
            patched(j2k, b"\xff\x51", 6, struct.pack(">II", 14_000, 14_000)),
            b"\xff\x51",
            22,
            struct.pack(">II", 60, 60),
        ),
    )
    yield (
        "one_tile.j2k",
        lambda: patched(
            patched(j2k, b"\xff\x51", 6, struct.pack(">II", 14_000, 14_000)),
            b"\xff\x51",
            22,
            struct.pack(">II", 14_000, 14_000),
        ),
    )
    # A size of 2^30 x 2^30 (selector 3: 30 bits, all ones), ISO/IEC 18181-1, D.2
    yield (
        "size.jxl",
        lambda: b"\xff\x0a" + (0b110 | (2**30 - 1) << 3 | 0b11 << 36 | (2**30 - 1) << 38).to_bytes(12, "little"),
    )
    yield "boxes.jxl", lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x0cjxlp\0\0\0\0" * 200_000
    large = patched(save(rgb, "JPEG"), b"\xff\xc0", 5, b"\xff\xdc\xff\xdc")
    yield "preview.dng", lambda: raw_photo(large)
    yield "behind.dng", lambda: raw_photo(large, preview_offset=2**31)
    yield "starts.raf", lambda: b"FUJIFILMCCD-RAW " + b"\xff\xd8\xff\xe0\0\2" * 1_000_000


def broken_copies(seed: int = 0, *, every_percent: int = 1, flips: int = 20) -> Iterator[tuple[str, bytes]]:
    """Each good file cut at every so many percent, and *flips* times with one random bit in 20 bytes turned."""
    rng = np.random.default_rng(seed)
    for name, data in good_files().items():
        stem, _, ending = name.partition(".")
        for percent in range(every_percent, 100, every_percent):
            yield f"{stem}-cut-{percent:02}.{ending}", data[: len(data) * percent // 100]
        for number in range(flips):
            damaged = bytearray(data)
            for at in rng.integers(0, len(data), 20):
                damaged[at] ^= 1 << int(rng.integers(8))
            yield f"{stem}-flip-{number:02}.{ending}", bytes(damaged)
