"""The house stays clean: what no reader of a single change would notice."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import lookalike

ROOT = Path(__file__).parents[2]
LONGEST_FILE_LINES = 400
CODE = sorted(
    path
    for folder in ("src", "tests", "native", "benchmarks", "docs", "examples")
    for suffix in ("*.py", "*.pyi", "*.cpp", "*.hpp", "*.js", "*.css", "*.html")
    for path in (ROOT / folder).rglob(suffix)
)


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_one_can_hold_in_mind(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE_LINES


def test_no_drawer_of_helpers():
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "tools"}
    assert not [path for path in CODE if path.stem in drawers or path.parent.name in drawers]


def test_the_public_names_are_just_the_declared_ones_and_all_of_them_load():
    assert sorted(lookalike.__all__) == list(lookalike.__all__)
    for name in lookalike.__all__:
        assert getattr(lookalike, name) is not None
    assert set(dir(lookalike)) >= set(lookalike.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lookalike.nonsense


def test_importing_the_package_and_the_command_line_loads_nothing_heavy():
    code = "import sys, lookalike.cli.main; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {
        "numpy",
        "PIL",
        "scipy",
        "apsw",
        "rich",
        "annoy",
        "faiss",
        "usearch",
        "sklearn",
        "pywt",
        "starlette",
        "uvicorn",
    } & set(loaded)


def test_every_module_imports_without_any_extra():
    extras = ["annoy", "faiss", "usearch", "sklearn", "pillow_heif", "imagecodecs", "rawpy", "pyarrow"]
    extras += ["starlette", "uvicorn", "prometheus_client", "python_multipart", "httpx"]
    server = {
        "app",
        "gate",
        "measures",
        "page_wiring",
        "protocol",
        "serving",
    }  # `lookalike serve` looks for `web` first
    modules = [
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "src" / "lookalike").rglob("*.py"))
        if path.name != "__main__.py" and not (path.parent.name == "web" and path.stem in server)
    ]
    code = (
        f"import sys, importlib\nfor extra in {extras}: sys.modules[extra] = None\n"
        f"for module in {modules}: importlib.import_module(module)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_registries_name_classes_that_exist():
    from lookalike.fingerprints.registry import ALGORITHMS
    from lookalike.search.registry import ENGINES

    for target in [*ALGORITHMS.values(), *ENGINES.values()]:
        module, _, name = target.partition(":")
        assert isinstance(getattr(importlib.import_module(module), name), type)


def test_the_repository_names_no_registry_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
