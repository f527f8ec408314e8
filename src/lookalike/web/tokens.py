"""The token that writing needs: made at the first start, shown once, and kept beside the catalog only as its hash."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from lookalike.errors import SettingsError

SUFFIX = "-token"
TOKEN_BYTES = 32


class TokenFile:
    """`shop.lookalike-token` beside a catalog `shop.lookalike`.

    A plain hash does: the token has 256 random bits, so there is nothing to guess that a slow hash would protect.
    """

    def __init__(self, catalog: Path) -> None:
        self.path = Path(f"{catalog}{SUFFIX}")

    def exists(self) -> bool:
        return self.path.exists()

    def renew(self) -> str:
        """Make a new token, which replaces the one before; it can't be shown again.

        Raises:
            SettingsError: the file can't be written.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        scratch = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
                file.write(f"sha256 {digest(token)}\n")
            os.replace(scratch, self.path)
        except OSError as error:
            raise SettingsError(f"the token's hash can't be kept in {self.path}: {error.strerror}") from error
        return token

    def read(self) -> str | None:
        """The hash, None where there is none."""
        try:
            kind, _, kept = self.path.read_text(encoding="ascii").strip().partition(" ")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SettingsError(f"the token's hash can't be read from {self.path}: {error}") from error
        if kind != "sha256" or len(kept) != 64:
            raise SettingsError(f"{self.path} holds no token's hash: remove it, or make a new token (--new-token)")
        return kept


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_token(token: str, kept: str | None) -> bool:
    """Whether *token* has the hash *kept*; takes the same time whatever it is."""
    return hmac.compare_digest(digest(token), kept or "0" * 64) and kept is not None
