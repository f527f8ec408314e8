"""Running the server: the socket, the process, and an end that lets requests under way finish."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable

import uvicorn

from lookalike.errors import SettingsError
from lookalike.web.app import make_app
from lookalike.web.measures import log_as_json
from lookalike.web.protocol import make_protocol
from lookalike.web.service import Service

BACKLOG = 1024


def serve(service: Service, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; *announce* is called with the address once connections are accepted.

    Raises:
        SettingsError: the address can't be listened at.
    """
    web = service.web
    server = make_server(service)
    log_as_json()
    listener = listen(web.host, web.port)
    try:
        announce(address_of(web.host, listener.getsockname()[1]))
        # What was loaded stays: looking through it for garbage stopped all searches for 35 ms, every thousand of them.
        gc.collect()
        gc.freeze()
        server.run(sockets=[listener])
    finally:
        gc.unfreeze()
        listener.close()


def make_server(service: Service) -> uvicorn.Server:
    """The server, for a socket of its own."""
    web = service.web
    config = uvicorn.Config(
        make_app(service),
        http=make_protocol(web),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=int(max(1, web.idle_s)),
        timeout_graceful_shutdown=int(max(1, web.stop_s)),
        proxy_headers=bool(web.proxies),
        forwarded_allow_ips=list(web.proxies),
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections; they wait until the server has started."""
    name = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in name else socket.AF_INET
        # asyncio unsets Nagle's algorithm only where the protocol is named; with it on, a body waits up to 40 ms for
        # the client to acknowledge the head (RFC 9293, 3.7.4 and 3.8.6.3).
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((name, port))
        listener.listen(BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"the server can't listen at {host}:{port}: {error.strerror}; another one may: choose another --port"
        ) from error
    return listener


def address_of(host: str, port: int) -> str:
    """Where to look."""
    name = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host  # noqa: S104 - compared
    return f"http://{name}:{port}/"
