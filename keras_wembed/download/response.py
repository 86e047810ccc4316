"""What the head of a response says of the bytes that follow."""

import re
from dataclasses import dataclass

import requests

from keras_wembed.download.request import Refused

LENGTH = re.compile(r"[0-9]{1,18}")
RANGE = re.compile(
    r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)", re.ASCII
)
MAGIC = {".zip": b"PK\x03\x04", ".gz": b"\x1f\x8b"}
HTML = re.compile(rb"\s*<(?:!doctype html|html|head|\?xml)", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """What the head of a response says of the bytes that follow.

    Args:
        start: At which byte of the file they start.
        total: How many bytes the whole file has. None: not said.
        validator: What tells this version of the file from others, for `If-Range`.
    """

    start: int
    total: int | None
    validator: str | None


def head(response: requests.Response) -> Head:
    """The head of a response with the status 200, 206 or 416.

    Raises:
        Refused: If a web page comes.
    """
    headers = response.headers
    if headers.get("Content-Type", "").startswith("text/html"):
        raise Refused("a web page came instead of the file")
    etag = headers.get("ETag", "")
    weak = not etag or etag.startswith("W/")
    validator = headers.get("Last-Modified") if weak else etag
    if response.status_code == 200:
        length = headers.get("Content-Length", "")
        return Head(0, int(length) if LENGTH.fullmatch(length) else None, validator)
    found = RANGE.fullmatch(headers.get("Content-Range", ""))
    start = int(found[1]) if found and found[1] else -1
    total = int(found[3]) if found and found[3] != "*" else None
    return Head(start, total, validator)


def check_start(start: bytes, url: str) -> None:
    """Refuses bytes that are not even of the kind of file that the address names.

    Raises:
        Refused: If they are a web page, or no archive of that kind.
    """
    if HTML.match(start):
        raise Refused("a web page came instead of the file")
    for ending, magic in MAGIC.items():
        if url.endswith(ending) and not start.startswith(magic[: len(start)]):
            raise Refused(f"what came is no {ending} file")
