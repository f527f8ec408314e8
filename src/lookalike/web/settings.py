"""What whoever runs the server may set: flags win over the environment, which wins over a TOML file's ``[serve]``."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from lookalike.errors import SettingsError

PREFIX = "LOOKALIKE_SERVE_"
SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
LEAST = {"port": 0, "rate_per_s": 0, "search_processes": -1}  # of the others 1, or a hundredth
MOST_SEARCH_PROCESSES = 64
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Everything about serving. Times are seconds, sizes bytes unless said.

    Attributes:
        host, port: where to listen; port 0 takes a free one.
        root_path: the path that a proxy puts the server below, such as ``/pictures``.
        allow_hosts: names besides the local ones by which the server may be called.
        allow_origins: other origins whose pages may ask (CORS), such as ``https://shop.example``.
        public_read: reading needs no token even where the server listens on more than loopback.
        proxies: addresses of proxies whose X-Forwarded-For is believed.
        folder: where pictures that are sent to be kept are put.
        formats: of pictures sent. max_pixels, max_bytes: their limits.
        decode_workers, decode_timeout_s, decode_memory_mb: processes that decode, and what one picture may take.
        search_threads: searches at a time. max_active: requests at a time; more are told to come again.
        search_processes: further processes that search; -1 for one where there are two cores and the catalog is small.
        rate_per_s, rate_burst: requests that one client may make; 0 for as many as it likes.
        max_connections: open sockets; more are closed at once. max_connections_per_client: of one address.
        header_s: a request's head must be there. body_s: its body. idle_s: a connection without a request is closed.
        stop_s: requests under way are finished within this time when the server stops.
        upload_ttl_s, upload_count, upload_total_bytes: pictures kept in memory for a while.
        thumbnail_cache_bytes: small copies kept in memory.
    """

    host: str = "127.0.0.1"
    port: int = 8377
    root_path: str = ""
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    public_read: bool = False
    proxies: tuple[str, ...] = ()
    folder: Path | None = None
    formats: tuple[str, ...] = FORMATS
    max_pixels: int = 50_000_000  # imgproxy's default
    max_bytes: int = 20 * 2**20
    decode_workers: int = 2
    decode_timeout_s: float = 5.0
    decode_memory_mb: int = 1024  # 50 MP are 200 MB decoded, and flattening alpha holds several copies
    search_threads: int = 4
    search_processes: int = -1
    max_active: int = 64
    rate_per_s: float = 100.0  # a page of 200 small copies and what it asks besides
    rate_burst: int = 600
    max_connections: int = 1024
    max_connections_per_client: int = 600
    header_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = 20.0
    stop_s: float = 20.0
    upload_ttl_s: float = 900.0
    upload_count: int = 256
    upload_total_bytes: int = 256 * 2**20
    thumbnail_cache_bytes: int = 64 * 2**20

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                least = LEAST.get(setting.name, 1 if isinstance(value, int) else 0.01)
                if not least <= value < float("inf"):
                    raise SettingsError(f"the setting {setting.name} is {value}; it must be at least {least}")
        if self.port > 65535:
            raise SettingsError(f"the setting port is {self.port}; ports go up to 65535")
        if self.search_processes > MOST_SEARCH_PROCESSES:
            raise SettingsError(
                f"the setting search_processes is {self.search_processes}; there are at most {MOST_SEARCH_PROCESSES}"
            )
        if self.root_path and not (self.root_path.startswith("/") and not self.root_path.endswith("/")):
            raise SettingsError(f"root_path is {self.root_path!r}; it begins with a slash and doesn't end with one")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def reads_are_open(self) -> bool:
        """Whether reading needs no token."""
        return self.on_loopback or self.public_read

    @property
    def hosts(self) -> frozenset[str]:
        """Names, without port, by which the server may be called."""
        own = () if self.host in {"0.0.0.0", "::"} else (f"[{self.host}]" if ":" in self.host else self.host,)  # noqa: S104 - compared, not bound
        return frozenset(name.lower() for name in (*LOCAL_NAMES, *own, *self.allow_hosts))

    def override(self, **values: Any) -> WebSettings:
        """These settings with every value that isn't None put in its place."""
        return replace(self, **{name: value for name, value in values.items() if value is not None})


def read_web_settings(file: Path | None, environment: Mapping[str, str] | None = None, **flags: Any) -> WebSettings:
    """The settings out of the table ``[serve]`` of *file*, variables such as ``LOOKALIKE_SERVE_PORT``, and *flags*.

    Raises:
        SettingsError: the file can't be read, names what isn't a setting, or a value has the wrong type.
    """
    environment = os.environ if environment is None else environment
    known = {setting.name: setting for setting in fields(WebSettings)}
    values: dict[str, Any] = {}
    for name, value in read_table(file).items():
        if name not in known:
            raise SettingsError(f"{file}: [serve] has no setting {name!r}; it has: {', '.join(known)}")
        values[name] = as_setting(f"{file}: {name}", value, known[name].default)
    for name, setting in known.items():
        text = environment.get(PREFIX + name.upper(), "")
        if text:
            values[name] = as_setting(PREFIX + name.upper(), text, setting.default)
    return WebSettings(**values).override(**flags)


def read_table(file: Path | None) -> dict[str, Any]:
    """The table ``[serve]``, empty where there is none."""
    if file is None:
        return {}
    try:
        with open(file, "rb") as opened:
            table = tomllib.load(opened).get("serve", {})
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings file {file} can't be read: {error}") from error
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: serve must be a table: [serve]")
    return table


def as_setting(name: str, value: Any, default: Any) -> Any:
    """*value*, a text or what TOML gave, in the type that *default* has."""
    try:
        if isinstance(default, tuple):
            several = value.split(",") if isinstance(value, str) else value
            return tuple(str(one).strip() for one in several if str(one).strip())
        if isinstance(default, bool):
            return value if isinstance(value, bool) else SWITCHES[str(value).lower()]
        if default is None:
            return Path(value)
        if isinstance(value, bool):  # which int() and float() would take
            raise ValueError(value)  # noqa: TRY004 - told as SettingsError below
        return type(default)(value)
    except (KeyError, TypeError, ValueError) as error:
        kind = "true or false" if isinstance(default, bool) else type(default).__name__
        raise SettingsError(f"{name} is {value!r}; expected {kind}") from error
