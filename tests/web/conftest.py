"""A small shop behind a real server on a free port of this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import httpx
import pytest

pytest.importorskip("starlette", reason="the extra web isn't installed")

from lookalike.assembly import Catalog
from lookalike.settings import Settings
from lookalike.web.service import Service
from lookalike.web.serving import listen, make_server
from lookalike.web.settings import WebSettings

RECIPES = "whash,phash,colorhash,pdq,parts,look"  # the classic ones, and those that the default search asks
FEW_RECIPES = "whash,phash,colorhash"


class Served:
    """A running server: its address, its service and its token."""

    def __init__(self, service, port):
        self.service = service
        self.port = port
        self.token = service.new_token()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=30, trust_env=False)

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path, **options):
        return self.http.get(path, **options)

    def post(self, path, content=b"", **options):
        return self.http.post(path, content=content, **options)

    def raw(self, data, *, patience_s=5.0):
        """Everything that comes back for bytes sent as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience_s) as line:
            line.sendall(data)
            answer = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                while chunk := line.recv(65536):
                    answer += chunk
            return answer


@contextlib.contextmanager
def serving(catalog, *, warm=False, **web):
    values = {"port": 0, "rate_per_s": 0.0, "stop_s": 5.0, "search_processes": 0, **web}
    settings = Settings(catalog=catalog, workers=1, fingerprints=RECIPES)
    listener = listen("127.0.0.1", 0)
    with Service(settings, WebSettings(**values)) as service:
        if not warm:
            service.warm_up = lambda: None  # most tests decode nothing
        server = make_server(service)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        served = Served(service, listener.getsockname()[1])
        try:
            deadline = time.monotonic() + 20
            while not server.started and time.monotonic() < deadline:
                time.sleep(0.01)
            yield served
        finally:
            served.http.close()
            server.should_exit = True
            thread.join(20)
            listener.close()


@pytest.fixture(scope="session")
def web_shop(draw_shop_of):
    """30 product pictures with attributes, indexed; and a folder that can be added to."""
    shop = draw_shop_of(30)
    (shop / "added").mkdir()
    with Catalog(shop / "shop.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(shop / "images", fingerprints=RECIPES, attributes=shop / "items.csv")
    return shop


@pytest.fixture(scope="session")
def served(web_shop):
    with serving(web_shop / "shop.lookalike", warm=True, search_processes=1) as running:
        yield running


@pytest.fixture
def own_shop(web_shop, tmp_path):
    """A catalog of five pictures that a test may change, in a folder of its own."""
    import shutil

    folder = tmp_path / "images"
    folder.mkdir()
    for path in sorted((web_shop / "images").iterdir())[:5]:
        shutil.copy2(path, folder)
    with Catalog(tmp_path / "own.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(folder, fingerprints=FEW_RECIPES)
    return tmp_path


@pytest.fixture(scope="session")
def serve():
    return serving


@pytest.fixture(scope="session")
def picture(web_shop):
    """The bytes of one of the shop's photos."""
    return (web_shop / "images" / "bag-0007.jpg").read_bytes()
