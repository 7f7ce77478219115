"""Fetches an image by its URL, where the library's own client did not come along."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import TYPE_CHECKING
from urllib import error, parse, request

from yolovino.error import Error

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO

MOST_BYTES = 256 * 1024 * 1024
TIMEOUT_S = 30


class _Redirects(request.HTTPRedirectHandler):
    """Follows redirects, but not from the Internet into the own network."""

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        if parse.urlsplit(newurl).scheme not in ("http", "https"):
            raise Error("NetworkFailure", f"[python] a redirect leads to {newurl!r}, wanted http or https")
        if parse.urlsplit(newurl).hostname != parse.urlsplit(req.full_url).hostname:
            _expect_public(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _expect_public(url: str) -> None:
    if os.environ.get("YOLO_ALLOW_PRIVATE_URLS") == "1":
        return
    host = parse.urlsplit(url).hostname or ""
    for entry in socket.getaddrinfo(host, None):
        address = entry[4][0]
        if not ipaddress.ip_address(str(address).split("%", 1)[0]).is_global:
            raise Error(
                "NetworkFailure",
                f"[python] a redirect leads to {host} ({address}), which is in a private network; "
                "set YOLO_ALLOW_PRIVATE_URLS=1 to allow that",
            )


def fetch(url: str) -> bytes:
    """Returns what the server sends.

    Raises:
        Error: NetworkFailure if nothing comes, LimitExceeded if it is more than `MOST_BYTES`.
    """
    try:
        with request.build_opener(_Redirects).open(url, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read(MOST_BYTES + 1)
    except (error.URLError, OSError, ValueError) as failure:
        reason = getattr(failure, "reason", failure)
        raise Error("NetworkFailure", f"[python] the image cannot be fetched: {reason} ({url})", file=url) from None
    if len(content) > MOST_BYTES:
        raise Error("LimitExceeded", f"[python] the image has more than {MOST_BYTES} bytes ({url})", file=url)
    return content
