"""A model of the Hub is fetched once, with its settings, from a server on loopback that speaks as the Hub does."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("onnxruntime", reason="the extra embedding is not installed")
pytest.importorskip("huggingface_hub", reason="the extra embedding is not installed")
onnx = pytest.importorskip("onnx", reason="the encoder is made by the package onnx")

COMMIT = "1234567890abcdef1234567890abcdef12345678"
ASK = """
import sys
from PIL import Image
from lookalike.errors import LookalikeError
from lookalike.fingerprints.embedding_models import load_model
try:
    model = load_model("far")
except LookalikeError as error:
    sys.exit(str(error))
print(model.length, model.size, model.mean, model.encode(Image.new("RGB", (20, 10), "white")).round(3).tolist())
"""


def encoder() -> bytes:
    """It answers with the mean of each channel of 4 x 4 pixels."""
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("ReduceMean", ["pixels"], ["image_embeds"], axes=[2, 3], keepdims=0)],
        "encoder",
        [tensor("pixels", onnx.TensorProto.FLOAT, (1, 3, 4, 4))],
        [tensor("image_embeds", onnx.TensorProto.FLOAT, (1, 3))],
    )
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    return made.SerializeToString()


@pytest.fixture
def hub():
    """Its address, and the paths that it was asked for."""
    settings = json.dumps({"image_mean": [0.5, 0.25, 0.0], "image_std": [0.5, 0.5, 0.5]}).encode()
    files = {"onnx/model.onnx": encoder(), "preprocessor_config.json": settings, "README.md": b"not needed"}
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked.append(f"{self.command} {path}")
            listed = [{"type": "file", "path": name, "size": len(data), "oid": "0"} for name, data in files.items()]
            if path.startswith("/api/models/shop/clothes/tree/"):
                return self.answer(json.dumps(listed).encode(), Content_Type="application/json")
            if path.startswith("/api/models/shop/clothes"):
                told = {"id": "shop/clothes", "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
                return self.answer(json.dumps(told).encode(), Content_Type="application/json")
            name = path.removeprefix(f"/shop/clothes/resolve/{COMMIT}/")
            if name not in files:
                return self.answer(b"{}", 404, X_Error_Code="RepoNotFound")
            tag = hashlib.sha256(files[name]).hexdigest()
            return self.answer(files[name], ETag=f'"{tag}"', X_Repo_Commit=COMMIT)

        do_HEAD = do_GET  # noqa: N815  the name is http.server's

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def load(address, folder, name):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "LOOKALIKE_"))}
    set_here = {"HF_ENDPOINT": address, "HF_HOME": str(folder), "LOOKALIKE_MODEL_FAR": name, "HF_HUB_DISABLE_XET": "1"}
    return subprocess.run(
        [sys.executable, "-c", ASK], env=kept | set_here, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_model_of_the_hub_is_fetched_with_its_settings_and_kept(hub, tmp_path):
    address, asked = hub
    first = load(address, tmp_path, "hub:shop/clothes")
    assert first.stdout.split("[")[0] == "3 (4, 4) (0.5, 0.25, 0.0) ", first.stderr
    assert json.loads(first.stdout[first.stdout.index("[") :]) == [1.0, 1.5, 2.0]
    assert f"GET /shop/clothes/resolve/{COMMIT}/onnx/model.onnx" in asked
    assert not [path for path in asked if "README" in path]
    asked.clear()
    again = load(address, tmp_path, "hub:shop/clothes")
    assert again.stdout == first.stdout
    assert not [path for path in asked if path.startswith("GET /shop")]


def test_a_model_that_the_hub_does_not_have_is_named(hub, tmp_path):
    failed = load(hub[0], tmp_path, "hub:shop/shoes")
    assert failed.returncode == 1
    assert "the model shop/shoes can't be fetched from the Hub" in failed.stderr
    assert "Traceback" not in failed.stderr
