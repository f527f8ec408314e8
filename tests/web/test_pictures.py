"""Pictures over HTTP: only the catalog's own, only out of indexed folders, without what their metadata tells."""

from __future__ import annotations

import io
import os

import pytest
from PIL import Image

import lookalike
from lookalike.web.problems import Problem
from lookalike.web.uploads import Uploads

GPS = 0x8825


def size_of(answer):
    with Image.open(io.BytesIO(answer.content)) as opened:
        return opened.size


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("image/avif,image/webp,*/*", "image/webp"),
        ("image/avif", "image/avif"),
        ("*/*", "image/jpeg"),
        ("image/webp;q=0, image/jpeg", "image/jpeg"),
    ],
)
def test_a_small_copy_comes_in_a_format_that_the_client_takes(served, accept, media_type):
    answer = served.get("images/1/thumbnail?width=200", headers={"Accept": accept})
    assert answer.headers["content-type"] == media_type
    assert max(size_of(answer)) == 240  # the next width that is made
    assert answer.headers["vary"] == "Accept"


def test_a_small_copy_is_kept_by_caches_and_not_sent_again(served):
    answer = served.get("images/1/thumbnail")
    assert "max-age=31536000" in answer.headers["cache-control"]
    again = served.get("images/1/thumbnail", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.get("images/2/thumbnail").headers["etag"] != answer.headers["etag"]


def test_place_and_camera_stay_here(serve, tmp_path):
    exif = Image.Exif()
    exif[0x0110] = "SECRET CAMERA"
    exif.get_ifd(GPS)[1] = "N"
    (tmp_path / "images").mkdir()
    Image.effect_noise((640, 400), 60).convert("RGB").save(tmp_path / "images" / "a.jpg", exif=exif, comment=b"SECRET")
    assert b"SECRET" in (tmp_path / "images" / "a.jpg").read_bytes()
    with lookalike.Catalog(tmp_path / "own.lookalike") as catalog:
        catalog.index(tmp_path / "images", fingerprints="whash")
    with serve(tmp_path / "own.lookalike") as running:
        for path in ("images/1/file", "images/1/thumbnail?width=1280"):
            answer = running.get(path)
            assert b"SECRET" not in answer.content
            with Image.open(io.BytesIO(answer.content)) as opened:
                assert not opened.getexif()
                assert opened.size == (640, 400)


def test_a_file_that_became_a_link_out_of_the_indexed_folder_is_not_served(serve, own_shop, tmp_path):
    inside = min((own_shop / "images").iterdir())
    outside = tmp_path / "outside.jpg"
    os.rename(inside, outside)  # the very same bytes, so that only the place can be the reason
    os.symlink(outside, inside)
    with serve(own_shop / "own.lookalike") as running:
        assert running.get("images/1/file").status_code == 404
        assert running.get("images/1/thumbnail").status_code == 404
        assert running.get("images/2/file").status_code == 200


def test_a_folder_that_became_a_link_is_not_followed_out(serve, own_shop, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (own_shop / "images" / "deep").mkdir()
    os.rename(min((own_shop / "images").glob("*.jpg")), own_shop / "images" / "deep" / "moved.jpg")
    with lookalike.Catalog(own_shop / "own.lookalike") as catalog:
        catalog.index(own_shop / "images")
    os.rename(own_shop / "images" / "deep", elsewhere)
    os.symlink(elsewhere, own_shop / "images" / "deep")
    with serve(own_shop / "own.lookalike") as running:
        assert running.get("images/1/file").status_code == 404


def test_a_file_with_other_bytes_than_were_indexed_is_not_served(serve, own_shop):
    path = min((own_shop / "images").iterdir())
    status = os.stat(path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with serve(own_shop / "own.lookalike") as running:
        assert running.get("images/1/file").status_code == 404
        assert running.get("images/1").status_code == 200


def test_an_upload_is_found_by_its_token_alone_and_forgotten_when_asked(served, picture):
    told = served.post("uploads", picture)
    assert told.status_code == 201
    upload = told.json()
    assert len(upload["token"]) >= 20
    assert served.get(f"uploads/{upload['token']}").json()["bytes"] == len(picture)
    shown = served.get(upload["links"]["thumbnail"])
    assert max(size_of(shown)) == 320
    assert "private" in shown.headers["cache-control"]
    assert served.http.delete(f"uploads/{upload['token']}").status_code == 204
    assert served.get(f"uploads/{upload['token']}").status_code == 410
    assert served.get(upload["links"]["thumbnail"]).status_code == 410


def test_uploads_are_forgotten_in_time_and_kept_within_their_count_and_bytes():
    now = [0.0]
    uploads = Uploads(ttl_s=10, most=3, most_bytes=100, clock=lambda: now[0])
    first = uploads.add(b"x" * 10, None)
    now[0] = 5.0
    others = [uploads.add(b"x" * 10, None) for _ in range(3)]
    with pytest.raises(Problem):
        uploads.get(first.token)
    large = uploads.add(b"x" * 95, None)
    assert (len(uploads), uploads.bytes) == (1, 95)
    assert uploads.get(large.token) is large
    now[0] = 15.0
    with pytest.raises(Problem):
        uploads.get(large.token)
    assert (len(uploads), uploads.bytes) == (0, 0)
    assert len({one.token for one in [first, large, *others]}) == 5


def test_a_decoder_that_hangs_or_bloats_ends_with_422_and_the_server_goes_on(serve, web_shop, picture):
    with serve(web_shop / "shop.lookalike", decode_timeout_s=0.01) as running:
        big = io.BytesIO()
        Image.effect_noise((2600, 2600), 90).save(big, "PNG", compress_level=1)
        answer = running.post("fingerprint?by=whash", big.getvalue())
        assert (answer.status_code, answer.json()["reason"]) == (422, "timed-out")
        assert running.get("search?id=1").status_code == 200


def test_too_many_pixels_are_refused_from_the_head(serve, web_shop):
    flat = io.BytesIO()
    Image.new("L", (3000, 3000)).save(flat, "PNG")
    with serve(web_shop / "shop.lookalike", max_pixels=1_000_000) as running:
        answer = running.post("search", flat.getvalue())
        assert (answer.status_code, answer.json()["reason"]) == (422, "too-many-pixels")


def test_an_animation_that_is_sent_is_its_first_frame(served):
    frames = [Image.effect_noise((300, 300), 20 * n + 20).convert("RGB") for n in range(3)]
    moving, still = io.BytesIO(), io.BytesIO()
    frames[0].save(moving, "PNG", save_all=True, append_images=frames[1:])
    frames[0].save(still, "PNG")
    told = [served.post("fingerprint?by=whash", one.getvalue()).json() for one in (moving, still)]
    assert told[0]["fingerprints"] == told[1]["fingerprints"]
    assert told[0]["picture"]["frames"] == 3
