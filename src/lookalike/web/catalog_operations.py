"""Operations about the catalog as a whole: recipes, facets, samples, indexing runs, health."""

from __future__ import annotations

from lookalike import __version__
from lookalike.fingerprints import ALGORITHMS, parse_recipe
from lookalike.jobs.count_facets import count_facets
from lookalike.web.operations import Call, Operation, Reply
from lookalike.web.parameters import Parameter
from lookalike.web.problems import Problem
from lookalike.web.search_operations import WHERE
from lookalike.web.shapes import sampled_shape

JOB = Parameter("id", "An indexing run.", place="path", most=64)


def answer_health(_: Call) -> Reply:
    """The process answers."""
    return Reply({"status": "ok", "version": __version__}, headers={"Cache-Control": "no-store"})


def answer_ready(call: Call) -> Reply:
    """The catalog can be read."""
    with call.service.catalog() as catalog:
        catalog.store.state_token()
    return Reply({"status": "ready", "version": __version__}, headers={"Cache-Control": "no-store"})


def answer_recipes(call: Call) -> Reply:
    """Recipes that the catalog has, then those that it could have."""
    with call.service.catalog() as catalog:
        held = catalog.held_recipes()
        default = catalog.default_recipe() if held else None
    rows = [(one.recipe, one.contents, one.outdated) for one in held]
    texts = {str(recipe) for recipe, _, _ in rows}
    rows += [(parse_recipe(name), 0, 0) for name in ALGORITHMS if name not in texts]
    told = [
        {
            "recipe": str(recipe),
            "algorithm": recipe.algorithm,
            "width_bits": recipe.width_bits,
            "held": contents,
            "outdated": outdated,
            "default": recipe == default,
        }
        for recipe, contents, outdated in rows
    ]
    return Reply({"recipes": told})


def answer_facets(call: Call) -> Reply:
    """Attributes with their values and counts."""
    with call.service.catalog() as catalog:
        return Reply(count_facets(catalog.store, call.values["where"]).as_dict())


def answer_sample(call: Call) -> Reply:
    """Random pictures."""
    seed = call.values["seed"]
    with call.service.catalog() as catalog:
        drawn = catalog.sample(call.values["n"], seed=seed, where=call.values["where"])
    return Reply({"seed": seed, "images": [sampled_shape(one, known=call.known) for one in drawn]})


def answer_begin_job(call: Call) -> Reply:
    """Begin an indexing run."""
    folders = call.body.get("folders", []) if call.body else []
    if not isinstance(folders, list) or not all(isinstance(one, str) and one for one in folders):
        raise Problem("bad-parameter", 'folders must be a list of paths, such as {"folders": ["/srv/pictures"]}')
    if unknown := set(call.body or {}) - {"folders"}:
        raise Problem("bad-parameter", f"{min(unknown)[:60]!r} is no field of an indexing run; it has: folders")
    job = call.jobs.begin(folders)
    return Reply(job.as_dict(), 202)


def answer_job(call: Call) -> Reply:
    """How an indexing run stands."""
    return Reply(call.jobs.get(call.values["id"]).as_dict())


def answer_stop_job(call: Call) -> Reply:
    """Stop an indexing run; what it did is kept."""
    call.jobs.get(call.values["id"]).control.stop()
    return Reply(status=204)


def answer_events(call: Call) -> Reply:
    """Checked here, streamed by the app."""
    call.jobs.get(call.values["id"])
    return Reply()


CATALOG_OPERATIONS = (
    Operation("GET", "health", "Whether the process answers.", answer_health, access="open", replies={200: "Health"}),
    Operation("GET", "ready", "Whether the catalog can be read.", answer_ready, access="open", replies={200: "Health"}),
    Operation("GET", "recipes", "Recipes, and which the catalog holds.", answer_recipes, replies={200: "Recipes"}),
    Operation(
        "GET", "facets", "Attributes with counts of their values.", answer_facets, (WHERE,), replies={200: "Facets"}
    ),
    Operation(
        "GET",
        "sample",
        "Random pictures, the same for the same seed.",
        answer_sample,
        (
            Parameter("n", "How many.", "integer", least=1, most=200, default=81),
            Parameter("seed", "What to draw by.", "integer", least=-(2**31), most=2**31, default=0),
            WHERE,
        ),
        replies={200: "Sample"},
    ),
    Operation(
        "POST",
        "jobs/index",
        "Bring the catalog up to date with folders that it knows, all of them by default.",
        answer_begin_job,
        body="json",
        access="write",
        replies={202: "Job"},
        problems=(409,),
    ),
    Operation("GET", "jobs/{id}", "How a run stands.", answer_job, (JOB,), access="write", replies={200: "Job"}),
    Operation("DELETE", "jobs/{id}", "Stop a run.", answer_stop_job, (JOB,), access="write", replies={204: None}),
    Operation(
        "GET",
        "jobs/{id}/events",
        "A run's progress as server-sent events.",
        answer_events,
        (JOB,),
        access="write",
        replies={200: ("text/event-stream",)},
    ),
)
