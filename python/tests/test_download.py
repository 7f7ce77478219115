"""Images by their URL, where the library's HTTP client did not come along, and where it did."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from conftest import sample_images

from yolovino import Error, download, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yolovino import YOLO

    Model = Callable[[str], YOLO]


class _Server(BaseHTTPRequestHandler):
    """An image, a redirect to another name of this machine, and a redirect to a file."""

    def do_GET(self) -> None:
        port = (self.headers["Host"] or "").rpartition(":")[2]
        redirects = {"/elsewhere.jpg": f"http://localhost:{port}/image.jpg", "/file.jpg": "file:///etc/passwd"}
        if self.path in redirects:
            self.send_response(302)
            self.send_header("Location", redirects[self.path])
            self.end_headers()
        elif self.path.startswith("/image.jpg"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(sample_images("detect")[1].read_bytes())
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    served = HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.mark.parametrize("client", ["library", "python"])
def test_image_by_url_gives_the_numbers_of_the_file(
    client: str, server: str, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = model("detect")(sample_images("detect")[1], verbose=False)[0]
    if client == "python":
        monkeypatch.setattr(sources, "_has_module", lambda name: False)
    for source in (f"{server}/image.jpg", [f"{server}/image.jpg"]):
        assert model("detect")(source, verbose=False)[0].summary() == expected.summary()
    assert len(expected) > 0, "the test did not look"


def test_redirects_into_the_own_network_are_refused_unless_allowed(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YOLO_ALLOW_PRIVATE_URLS", raising=False)
    with pytest.raises(Error, match="private network") as caught:
        download.fetch(f"{server}/elsewhere.jpg")
    assert caught.value.code == "NetworkFailure"
    monkeypatch.setenv("YOLO_ALLOW_PRIVATE_URLS", "1")
    assert download.fetch(f"{server}/elsewhere.jpg") == sample_images("detect")[1].read_bytes()


@pytest.mark.parametrize("path", ["file.jpg", "nothing.jpg"])
def test_what_is_not_there_or_no_http_is_refused_in_one_line(path: str, server: str) -> None:
    with pytest.raises(Error) as caught:
        download.fetch(f"{server}/{path}")
    assert caught.value.code == "NetworkFailure"
    assert "\n" not in str(caught.value)


def test_more_bytes_than_the_limit_are_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MOST_BYTES", 100)
    with pytest.raises(Error) as caught:
        download.fetch(f"{server}/image.jpg")
    assert caught.value.code == "LimitExceeded"


def test_rare_images_are_read_by_pil_without_the_media_module(
    model: Model, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    file = tmp_path_factory.mktemp("rare") / "x.webp"
    results = model("detect")(sample_images("detect")[1], verbose=False)[0]
    Image.fromarray(results.orig_img[..., ::-1]).save(file, lossless=True)
    monkeypatch.setattr(sources, "_has_module", lambda name: False)
    found = model("detect")(file, verbose=False)[0]
    assert found.path == str(file)
    assert found.summary() == results.summary()
    file.write_bytes(b"no image")
    with pytest.raises(Error) as caught:
        model("detect")(file, verbose=False)
    assert caught.value.code == "CorruptFile"
