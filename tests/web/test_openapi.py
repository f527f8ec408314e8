"""The OpenAPI document is true: what it says can be asked is answered as it says, whatever is asked."""

from __future__ import annotations

import copy
import shutil

import hypothesis
import pytest

import lookalike
from lookalike.settings import Settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis isn't installed")

schemathesis.checks.load_all_checks()
CHECKED = schemathesis.checks.CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)


@pytest.fixture(scope="module")
def asked(serve, web_shop, tmp_path_factory):
    """A server of its own: what is asked here changes and forgets images."""
    folder = tmp_path_factory.mktemp("asked")
    shutil.copytree(web_shop / "images", folder / "images")
    with lookalike.Catalog(folder / "asked.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(folder / "images", fingerprints="whash,phash", attributes=web_shop / "items.csv")
    (folder / "added").mkdir()
    with serve(folder / "asked.lookalike", folder=folder / "added", search_processes=1) as running:
        yield running


@pytest.fixture(scope="module")
def document(asked):
    return asked.get("openapi.json").json()


def test_the_document_is_openapi_3_1_and_names_every_operation_once(document):
    assert document["openapi"] == "3.1.0"
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) >= 25


def operations():
    from lookalike.web.api import OPERATIONS

    return [f"{one.method} /{one.path}" for one in OPERATIONS if not one.path.endswith("/events")]


def ask_everything(running, document, method, path, examples):
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://127.0.0.1:{running.port}/api/v1")

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=schema[path][method].as_strategy())
    def ask(case):
        case.call_and_validate(checks=CHECKED, headers=running.bearer)

    ask()


@pytest.mark.parametrize("operation", operations())
def test_whatever_is_asked_the_answer_is_one_that_the_document_names(asked, document, operation):
    ask_everything(asked, document, *operation.split(" "), examples=5)


def test_a_document_that_kept_an_answer_to_itself_would_be_found_out(asked, document):
    silent = copy.deepcopy(document)
    for status in ("400", "404"):
        del silent["paths"]["/images/{id}"]["get"]["responses"][status]
    with pytest.raises(schemathesis.core.failures.FailureGroup):
        ask_everything(asked, silent, "GET", "/images/{id}", examples=20)
