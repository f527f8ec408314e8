"""How long each frame of an animation is shown, read from the file's structure without decoding anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

# GIF players show a frame of 10 ms or less for 100 ms (WebKit, Gecko and Blink alike); files without times rely on it.
_SHORTEST_MS = 10
_DEFAULT_MS = 100
_MOST_FRAMES = 1 << 20  # a count that a file claims is believed up to here; 20,000 are refused in any case


def read_durations(data: bytes, format_name: str, frames: int) -> list[int]:
    """Milliseconds for each of the *frames* frames of the file *data*; what the file doesn't say counts as 100.

    Of a PNG that announces more frames than it has, as players do, only those that are there.
    """
    frames = min(frames, _MOST_FRAMES)
    read = {"GIF": _read_gif, "WEBP": _read_webp, "PNG": _read_png, "AVIF": _read_avif}[format_name]
    said = [time if time > _SHORTEST_MS else _DEFAULT_MS for time, _ in zip(read(data), range(frames), strict=False)]
    return said if format_name == "PNG" else said + [_DEFAULT_MS] * (frames - len(said))


def frames_at_middles(durations_ms: Sequence[int], count: int) -> tuple[int, ...]:
    """Which frame is shown at the middle of each of *count* equal parts of the playing time; rising, may repeat."""
    ends = np.cumsum(np.asarray(durations_ms, dtype=np.int64)) * (2 * count)
    middles = (2 * np.arange(count, dtype=np.int64) + 1) * int(sum(durations_ms))
    return tuple(np.searchsorted(ends, middles, side="right").tolist())


def read_gif_delays(data: bytes) -> Iterator[int]:
    """Hundredths of a second for each image up to the trailer or the end of the data (GIF89a, sections 18 to 27)."""
    at = 13 + _colour_table_bytes(data[10:11])
    delay = 0
    while at < len(data):
        block = data[at]
        if block == 0x2C:
            yield delay
            delay = 0
            at += 10 + _colour_table_bytes(data[at + 9 : at + 10]) + 1
        elif block == 0x21:
            if data[at + 1 : at + 3] == b"\xf9\x04":
                delay = int.from_bytes(data[at + 4 : at + 6], "little")
            at += 2
        elif block == 0x3B:
            break
        else:  # padding between blocks, which Pillow steps over too
            at += 1
            continue
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1


def _colour_table_bytes(packed: bytes) -> int:
    return 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0


def _read_gif(data: bytes) -> Iterator[int]:
    return (10 * delay for delay in read_gif_delays(data))


def _read_webp(data: bytes) -> Iterator[int]:
    """Frame Duration, bytes 12 to 14 of each ANMF chunk (WebP container specification, RFC 9649)."""
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] == b"ANMF":
            yield int.from_bytes(data[at + 20 : at + 23], "little")
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)


def _read_png(data: bytes) -> Iterator[int]:
    """delay_num / delay_den of each fcTL chunk; a denominator of 0 means hundredths (PNG third edition, 11.3.6.2)."""
    at = 8
    while at + 12 <= len(data):
        if data[at + 4 : at + 8] == b"fcTL":
            numerator = int.from_bytes(data[at + 28 : at + 30], "big")
            denominator = int.from_bytes(data[at + 30 : at + 32], "big") or 100
            yield 1000 * numerator // denominator
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def _read_avif(data: bytes) -> Iterator[int]:
    """The sample durations of the first track (``stts`` in units of ``mdhd``; ISO/IEC 14496-12, 8.6.1.2 and 8.4.2)."""
    media = _find_box(data, (b"moov", b"trak", b"mdia"), 0, len(data))
    if media is None:
        return
    header, table = (_find_box(data, path, *media) for path in ((b"mdhd",), (b"minf", b"stbl", b"stts")))
    if header is None or table is None:
        return
    at = header[0] + (20 if data[header[0]] == 1 else 12)
    ticks_a_second = int.from_bytes(data[at : at + 4], "big") or 1
    start, end = table
    for row in range(start + 8, min(end, start + 8 + 8 * int.from_bytes(data[start + 4 : start + 8], "big")), 8):
        samples, ticks = int.from_bytes(data[row : row + 4], "big"), int.from_bytes(data[row + 4 : row + 8], "big")
        for _ in range(samples):  # lazily: whoever asks takes no more than there are frames
            yield 1000 * ticks // ticks_a_second


def _find_box(data: bytes, path: tuple[bytes, ...], start: int, end: int) -> tuple[int, int] | None:
    """Where the content of the first box at *path* between *start* and *end* lies."""
    at = start
    while at + 8 <= end:
        size, content = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, content = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = end if size == 0 else min(end, at + size)
        if stop <= content - 1 or (size and size < 8):
            return None
        if data[at + 4 : at + 8] == path[0]:
            return (content, stop) if len(path) == 1 else _find_box(data, path[1:], content, stop)
        at = stop
    return None
