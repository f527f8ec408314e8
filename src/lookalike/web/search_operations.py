"""Operations about likeness: search, fingerprint, compare, alternatives, vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.fingerprints import ALGORITHMS, as_recipes
from lookalike.fingerprints.code_parts import read_weights
from lookalike.jobs.compare_images import compare_images
from lookalike.jobs.end_search import read_radius
from lookalike.jobs.locate_image import OwnFile
from lookalike.web.operations import Call, Operation, Reply, as_json
from lookalike.web.parameters import Parameter
from lookalike.web.problems import Problem
from lookalike.web.questions import Question, Searchable, alternatives, search, vote
from lookalike.web.shapes import match_shape, page_shape
from lookalike.web.subjects import Subject

MOST_MATCHES = 200
MOST_ID = 2**63 - 1

K = Parameter("k", "How many to find.", "integer", least=1, most=MOST_MATCHES, default=9)
BY = Parameter("by", "Recipes that decide, such as whash or whash,colorhash; by default all ways to be alike.")
CROP = Parameter("crop", "Only this part: x,y,width,height in whole pixels of the upright picture.", "crop")
WHERE = Parameter("where", "Only pictures whose attributes fit, such as price < 50 and brand = 'Acme'.")
RADIUS = Parameter("radius", "The largest distance in bits under the first recipe; auto: where chance begins.", most=5)
FUSION = Parameter("fusion", "How several recipes in by make one order: sum or chance.", default="sum", most=10)
TURNED = Parameter("turned", "Find mirrored and turned copies too, by the recipes in by.", "boolean", default=False)
WEIGHTS = Parameter("weights", "Of the parts of look, such as shape=0.7,colour=0.3.", most=200)
WITH_SELF = Parameter("with_self", "List the picture asked too, where it is in the catalog.", "boolean", default=False)
CURSOR = Parameter("cursor", "What the page before gave as next.", most=200)
ID = Parameter("id", "An image of the catalog.", "integer", least=1, most=MOST_ID)
UPLOAD = Parameter("upload", "The token of an uploaded picture.", most=64)
HEX = Parameter("hex", "A fingerprint of the one recipe named by by, as hexadecimal text.")
NAMED = (ID, UPLOAD)
HOW = (K, BY, CROP, WHERE, RADIUS, WITH_SELF, FUSION, TURNED, WEIGHTS, CURSOR)


def subject_of(values: Mapping[str, Any], body: Any = None) -> Subject:
    """The one picture that *values* name, or whose bytes *body* has.

    Raises:
        Problem: it names none, or several.
    """
    named = {name: value for name in ("id", "upload", "hex") if (value := values.get(name)) is not None}
    if body is not None:
        named["data"] = body
    if len(named) != 1:
        raise Problem("bad-parameter", f"{len(named)} pictures are named: name one, by id, upload or hex, or send it")
    return Subject(**named)


def question_of(values: Mapping[str, Any]) -> Question:
    """How *values* say to search."""
    radius, weights = values.get("radius"), values.get("weights")
    return Question(
        values["k"],
        values["by"],
        values["crop"],
        values["where"],
        read_radius(int(radius) if radius is not None and radius.isascii() and radius.isdigit() else radius),
        bool(values.get("with_self")),
        values.get("cursor"),
        values.get("fusion") or "sum",
        bool(values.get("turned")),
        None if weights is None else read_weights(weights),
    )


def answer_search(call: Call) -> Reply:
    """A page of matches."""
    return Reply(data=write_page(call.service, call.values, call.body, known=call.known))


def write_page(service: Searchable, values: Mapping[str, Any], body: Any = None, *, known: bool) -> bytes:
    """A page of matches as JSON; paths only where the token is *known*."""
    return as_json(page_shape(search(service, subject_of(values, body), question_of(values)), known=known))


def needs_catalog_alone(call: Call) -> bool:
    """Whether a search concerns what the catalog holds, and nothing that only this process has or may decode."""
    values = call.values
    return call.body is None and values["upload"] is None and values["crop"] is None and not values["turned"]


def answer_alternatives(call: Call) -> Reply:
    """Three rows of matches."""
    attribute = call.values["by_attribute"]
    rows, sizes = alternatives(
        call.service, subject_of(call.values, call.body), question_of(call.values), attribute, call.values["value"]
    )
    told = {
        name: [match_shape(match, sizes, known=call.known) for match in getattr(rows, name)]
        for name in ("cheaper", "similar", "dearer")
    }
    return Reply({"attribute": attribute, "value": rows.value, "known": rows.known, "rows": told})


def answer_vote(call: Call) -> Reply:
    """What the nearest pictures have in common."""
    text = call.values["attributes"]
    names = None if text is None else [name.strip() for name in text.split(",") if name.strip()]
    votes = vote(call.service, subject_of(call.values, call.body), question_of(call.values), names)
    told = [
        {"attribute": one.attribute, "value": one.value, "votes": one.votes, "of": one.of, "share": round(one.share, 4)}
        for one in votes
    ]
    return Reply({"k": call.values["k"], "votes": told})


def answer_fingerprint(call: Call) -> Reply:
    """Fingerprints of the picture that was sent."""
    recipes = as_recipes(call.values["by"] or tuple(ALGORITHMS))
    made = call.service.fingerprints(call.body, recipes, call.values["crop"])
    told = [
        {
            "recipe": str(one.recipe),
            "hex": one.hex,
            "width_bits": one.recipe.width_bits,
            "quality": one.quality,
            "marks": list(one.marks),
        }
        for one in made.fingerprints
    ]
    return Reply({"fingerprints": told, "picture": made.facts._asdict()})


def answer_compare(call: Call) -> Reply:
    """Distances between two pictures."""
    a, b, service = call.values["a"], call.values["b"], call.service
    if (b is None) == (call.body is None):
        raise Problem("bad-parameter", "one second picture is needed: b, or a picture that is sent")
    sources: list[bytes | OwnFile] = [service.locate(a)[1]]
    sources.append(call.body if b is None else service.locate(b)[1])
    names = (f"image {a}", "the picture sent" if b is None else f"image {b}")

    def read(source: Any, recipes: Any, *_: object) -> Any:
        made = service.fingerprints(source, tuple(recipes), None)
        return made.facts, made.fingerprints

    recipes = as_recipes(call.values["by"] or tuple(ALGORITHMS))
    with service.catalog() as catalog:
        compared = compare_images(
            sources[0],  # type: ignore[arg-type]  # read() alone looks at them
            sources[1],  # type: ignore[arg-type]
            recipes,
            names,
            limits=None,  # type: ignore[arg-type]  # the decoding process has its own
            chance=catalog.chance_or_default,
            make_fingerprints=read,
        )
    return Reply(compared.as_dict())


SEARCH_OPERATIONS = (
    Operation(
        "GET",
        "search",
        "Pictures that look like one of the catalog, an uploaded one, or a fingerprint.",
        answer_search,
        (*NAMED, HEX, *HOW),
        aside=needs_catalog_alone,
        replies={200: "SearchResult"},
        problems=(404, 410, 415, 422),
    ),
    Operation(
        "POST",
        "search",
        "Pictures that look like the one that is sent.",
        answer_search,
        HOW,
        body="picture",
        replies={200: "SearchResult"},
        problems=(404,),
    ),
    Operation(
        "GET",
        "alternatives",
        "What looks like a picture and costs less, about the same, or more.",
        answer_alternatives,
        (
            *NAMED,
            Parameter("by_attribute", "A numeric attribute.", default="price", most=200),
            Parameter("value", "Stands for the picture's own price.", "number", least=-1e15, most=1e15),
            K,
            BY,
            CROP,
            WHERE,
        ),
        replies={200: "Alternatives"},
        problems=(404, 410, 415, 422),
    ),
    Operation(
        "GET",
        "vote",
        "What a picture probably is: the attributes that most of the nearest have.",
        answer_vote,
        (*NAMED, Parameter("attributes", "Names, separated by commas; all texts by default."), K, BY, CROP, WHERE),
        replies={200: "Votes"},
        problems=(404, 410, 415, 422),
    ),
    Operation(
        "POST",
        "fingerprint",
        "Fingerprints of the picture that is sent.",
        answer_fingerprint,
        (BY, CROP),
        body="picture",
        replies={200: "Fingerprints"},
    ),
    Operation(
        "POST",
        "compare",
        "Every fingerprint's distance between an image of the catalog and another, or one that is sent.",
        answer_compare,
        (
            Parameter("a", "An image of the catalog.", "integer", least=1, most=MOST_ID, required=True),
            Parameter("b", "Another one.", "integer", least=1, most=MOST_ID),
            BY,
        ),
        body="maybe picture",
        replies={200: "Comparison"},
        problems=(404,),
    ),
)
