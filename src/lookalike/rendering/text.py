r"""Text that any file name or attribute may hold, made safe to show: nothing invisible, nothing that turns the line.

A file name can carry newlines, terminal escapes, marks that turn the reading direction (``photo\u202egpj.exe`` reads
as ``photoexe.jpg``) and bytes that are no text at all, which Python keeps as lone surrogates. They become escapes.
"""

from __future__ import annotations

import unicodedata

# Unicode general categories that have no picture of their own (Unicode 15, table 12 of UAX #44): control, format,
# surrogate, private use, unassigned, line separator, paragraph separator.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# The zero-width joiners are format characters too, yet emoji and several scripts need them, and they turn nothing.
_JOINERS = frozenset("\u200c\u200d")


def escape_character(character: str) -> str:
    r"""One character as Python would write it: ``\n``, ``\x1b``, ``\u202e``; a byte that was no text as ``\xff``."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: what os.fsdecode makes of an undecodable byte
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def escape_unseen(text: str) -> str:
    """*text* with what is invisible or turns the line escaped, and all else as it is; always encodable as UTF-8."""
    return "".join(
        escape_character(character)
        if unicodedata.category(character) in _UNSEEN and character not in _JOINERS
        else character
        for character in text
    )


def visible_text(text: str) -> str:
    """The same of *text* in composed form (NFC), which fonts draw better."""
    return escape_unseen(unicodedata.normalize("NFC", text))
