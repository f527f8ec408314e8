"""Operations about images of the catalog and uploaded pictures: facts, small copies, files, changes."""

from __future__ import annotations

import hashlib
from typing import Any

from lookalike.jobs.locate_image import OwnFile
from lookalike.model import Crop
from lookalike.rendering import ThumbnailFormat
from lookalike.web.added_images import add_image
from lookalike.web.operations import Call, Operation, Reply
from lookalike.web.parameters import Parameter
from lookalike.web.problems import Problem
from lookalike.web.search_operations import CROP, MOST_ID, WHERE
from lookalike.web.service import LARGEST_SIDE
from lookalike.web.shapes import THUMBNAIL_WIDTHS, image_shape
from lookalike.web.uploads import Upload

IMAGE = Parameter("id", "An image of the catalog.", "integer", "path", least=1, most=MOST_ID)
TOKEN = Parameter("token", "An uploaded picture.", place="path", most=64)
WIDTH = Parameter(
    "width", "The longer side in pixels, rounded up to one that is made.", "integer", least=1, most=4096, default=320
)
PICTURES = ("image/webp", "image/avif", "image/jpeg")
FOR_A_YEAR = "max-age=31536000, immutable"


def answer_images(call: Call) -> Reply:
    """A page of images by id."""
    limit = call.values["limit"]
    after = int(call.values["cursor"] or 0)
    with call.service.catalog() as catalog, catalog.store.reading():
        ids = catalog.store.page_of_contents(after, limit + 1, where=call.values["where"])
        records = catalog.store.contents(ids[:limit], where=call.values["where"])
    following = str(records[-1].id) if len(ids) > limit else None
    return Reply({"images": [image_shape(record, known=call.known) for record in records], "next": following})


def answer_image(call: Call) -> Reply:
    """One image."""
    with call.service.catalog() as catalog:
        record = catalog.store.content(call.values["id"])
    if not record.files:
        raise Problem("not-found", f"image {record.id} is in no folder any more")
    return Reply(image_shape(record, known=call.known))


def answer_thumbnail(call: Call) -> Reply:
    """A small copy of an image, or of a part of it."""
    record, own = call.service.locate(call.values["id"])
    return small_copy(call, own, record.hash, side_of(call.values["width"]), call.values["crop"])


def answer_file(call: Call) -> Reply:
    """The image as large as a screen shows it, upright and without metadata."""
    record, own = call.service.locate(call.values["id"])
    return small_copy(call, own, record.hash, LARGEST_SIDE, None)


def answer_upload_thumbnail(call: Call) -> Reply:
    """A small copy of an uploaded picture, or of a part of it."""
    upload = call.service.uploads.get(call.values["token"])
    key = hashlib.sha256(upload.token.encode()).digest()
    return small_copy(call, upload.data, key, side_of(call.values["width"]), call.values["crop"])


def side_of(width: int) -> int:
    """The next width that is made."""
    return next((one for one in THUMBNAIL_WIDTHS if one >= width), THUMBNAIL_WIDTHS[-1])


def small_copy(call: Call, source: bytes | OwnFile, key: bytes, side: int, crop: Crop | None) -> Reply:
    """The picture in the best format that the client takes; its ETag is made of the content's hash alone."""
    image_format = format_for(call.accept)
    parts = "" if crop is None else f"-{crop.x}.{crop.y}.{crop.width}.{crop.height}"
    etag = f'"{key.hex()[:32]}-{side}{parts}-{image_format}"'
    scope = "public" if call.service.web.reads_are_open and isinstance(source, OwnFile) else "private"
    headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": f"{scope}, {FOR_A_YEAR}"}
    if etag in call.if_none_match or call.if_none_match.strip() == "*":
        return Reply(status=304, data=b"", media_type=f"image/{image_format}", headers=headers)
    data = call.service.thumbnail(source, key, side, image_format, crop)
    return Reply(data=data, media_type=f"image/{image_format}", headers=headers)


def format_for(accept: str) -> ThumbnailFormat:
    """The smallest format that *accept* names; JPEG where it names none."""
    refused = {part.split(";")[0].strip() for part in accept.split(",") if ";q=0" in part.replace(" ", "")}
    taken = {part.split(";")[0].strip() for part in accept.split(",")}
    if "image/webp" in taken - refused:  # before AVIF, which takes ten times as long to encode for a tenth less
        return "webp"
    return "avif" if "image/avif" in taken - refused else "jpeg"


def answer_upload(call: Call) -> Reply:
    """Keep the picture that was sent, for a while."""
    return Reply(upload_shape(call, call.service.take_upload(call.body)), 201)


def answer_uploaded(call: Call) -> Reply:
    """Facts of an uploaded picture."""
    return Reply(upload_shape(call, call.service.uploads.get(call.values["token"])))


def upload_shape(call: Call, upload: Upload) -> dict[str, Any]:
    """An uploaded picture as JSON."""
    facts = upload.facts
    links = {"thumbnail": f"uploads/{upload.token}/thumbnail", "search": f"search?upload={upload.token}"}
    return {
        "token": upload.token,
        "width": facts.width,
        "height": facts.height,
        "format": facts.format,
        "frames": facts.frames,
        "bytes": len(upload.data),
        "expires_s": call.service.uploads.expires_in_s(upload),
        "links": links,
    }


def answer_forget_upload(call: Call) -> Reply:
    """Forget an uploaded picture now."""
    call.service.uploads.remove(call.values["token"])
    return Reply(status=204)


def answer_attributes(call: Call) -> Reply:
    """Change attributes of an image."""
    with call.service.writer() as catalog:
        attributes = catalog.store.change_attributes(call.values["id"], call.body)
    return Reply({"id": call.values["id"], "attributes": attributes})


def answer_add(call: Call) -> Reply:
    """Add the picture that was sent to the folder and to the catalog."""
    record = add_image(call.service, call.body, call.values["name"])
    return Reply(image_shape(record, known=call.known), 201)


def answer_forget(call: Call) -> Reply:
    """Let the catalog forget an image."""
    with call.service.writer() as catalog:
        catalog.store.forget_content(call.values["id"])
    return Reply(status=204)


IMAGE_OPERATIONS = (
    Operation(
        "GET",
        "images",
        "The catalog's images, page by page.",
        answer_images,
        (
            Parameter("limit", "How many.", "integer", least=1, most=200, default=50),
            Parameter("cursor", "What the page before gave as next.", "integer", least=0, most=MOST_ID),
            WHERE,
        ),
        replies={200: "Images"},
    ),
    Operation("GET", "images/{id}", "One image.", answer_image, (IMAGE,), replies={200: "Image"}),
    Operation(
        "GET",
        "images/{id}/thumbnail",
        "A small copy without metadata.",
        answer_thumbnail,
        (IMAGE, WIDTH, CROP),
        replies={200: PICTURES, 304: None},
        problems=(415, 422),
    ),
    Operation(
        "GET",
        "images/{id}/file",
        f"The image upright and without metadata, at most {LARGEST_SIDE} pixels a side.",
        answer_file,
        (IMAGE,),
        replies={200: PICTURES, 304: None},
        problems=(415, 422),
    ),
    Operation(
        "PATCH",
        "images/{id}/attributes",
        "Change attributes; null removes one.",
        answer_attributes,
        (IMAGE,),
        body="json",
        access="write",
        replies={200: "Attributes"},
        problems=(409,),
    ),
    Operation(
        "POST",
        "images",
        "Add the picture that is sent to the server's folder and the catalog.",
        answer_add,
        (Parameter("name", "A name for the file.", most=100),),
        body="picture",
        access="write",
        replies={201: "Image"},
        problems=(409,),
    ),
    Operation(
        "DELETE",
        "images/{id}",
        "Let the catalog forget an image; its file stays.",
        answer_forget,
        (IMAGE,),
        access="write",
        replies={204: None},
        problems=(409,),
    ),
    Operation(
        "POST",
        "uploads",
        "Keep a picture in memory for a while.",
        answer_upload,
        body="picture",
        replies={201: "Upload"},
    ),
    Operation(
        "GET",
        "uploads/{token}",
        "An uploaded picture.",
        answer_uploaded,
        (TOKEN,),
        replies={200: "Upload"},
        problems=(410,),
    ),
    Operation("DELETE", "uploads/{token}", "Forget it now.", answer_forget_upload, (TOKEN,), replies={204: None}),
    Operation(
        "GET",
        "uploads/{token}/thumbnail",
        "A small copy of an uploaded picture.",
        answer_upload_thumbnail,
        (TOKEN, WIDTH, CROP),
        replies={200: PICTURES, 304: None},
        problems=(410, 415, 422),
    ),
)
