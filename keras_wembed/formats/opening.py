"""The bytes of a file of vectors, plain or packed in .gz or .zip."""

import contextlib
import gzip
import queue
import threading
import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from keras_wembed.download.wholeness import DAMAGED
from keras_wembed.errors import FormatError

RATIO = 200  # numbers pack to some 40 %, zeros alone to 0.1 %
SMALL = 1 << 16  # packed bytes below which the ratio does not matter
CHUNK = 1 << 20  # bytes handed on at a time: they and their numbers fit in a cache
AHEAD = 1 << 23  # bytes read at a time: threads that take turns more often wait more


@contextlib.contextmanager
def opened(path: Path, member: str | None = None) -> Iterator[BinaryIO]:
    """The unpacked bytes of a file; what it is packed in is seen from its first bytes.

    Args:
        path: The file.
        member: Which file of a .zip. None: the only one.

    Raises:
        FormatError: If the archive is damaged, or has no such member.
    """
    try:
        with contextlib.ExitStack() as stack:
            file: BinaryIO = stack.enter_context(path.open("rb"))
            start = file.read(4)
            file.seek(0)
            if start in (b"PK\x03\x04", b"PK\x05\x06"):
                archive = stack.enter_context(zipfile.ZipFile(file))
                info = archive.getinfo(member_of(archive, member, path))
                check_ratio(info, path)
                file = stack.enter_context(archive.open(info))  # type: ignore[assignment]
            elif start[:2] == b"\x1f\x8b":
                file = stack.enter_context(gzip.GzipFile(fileobj=file))  # type: ignore[assignment]
            yield file
    except DAMAGED as error:
        raise FormatError(f"{path.name} must be a whole archive. {error}.") from error


def member_of(archive: zipfile.ZipFile, member: str | None, path: Path) -> str:
    """The name of the wanted member of a zip."""
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    # What Finder adds beside each file when it packs.
    names = [name for name in names if not name.startswith("__MACOSX/")]
    if member is None and len(names) == 1:
        return names[0]
    if member in names:
        return member
    listed = ", ".join(map(repr, names)) or "no files"
    if member is None:
        raise FormatError(
            f"{path.name} must hold one file, or member= must name one. "
            f"It holds {listed}."
        )
    raise FormatError(f"{path.name} must hold {member!r}. It holds {listed}.")


def check_ratio(info: zipfile.ZipInfo, path: Path) -> None:
    """Refuses a member that unpacks to what no numbers unpack to."""
    if info.file_size > RATIO * max(info.compress_size, SMALL):
        raise FormatError(
            f"{path.name} must not unpack to more than {RATIO} times its size. It "
            f"holds {info.filename!r} of {info.file_size:,} bytes."
        )


def chunks(file: BinaryIO) -> Generator[bytes, None, None]:
    """The bytes of a file in order, read a little ahead in a thread.

    Inflating and hashing leave Python's lock free, so they cost no time of the parser.
    """
    ahead: queue.Queue[bytes | Exception] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def put(item: bytes | Exception) -> None:
        while not stop.is_set():
            with contextlib.suppress(queue.Full):
                return ahead.put(item, timeout=0.1)

    def fill() -> None:
        try:
            while not stop.is_set():
                chunk = file.read(AHEAD)
                put(chunk)
                if not chunk:
                    return
        except Exception as error:
            put(error)

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    try:
        while item := ahead.get():
            if isinstance(item, Exception):
                raise item
            for start in range(0, len(item), CHUNK):
                yield item[start : start + CHUNK]
    finally:
        stop.set()
        thread.join()


def peeked(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, `size` of them if there are so many, and all of them again."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= size:
            break

    def again() -> Iterator[bytes]:
        yield start
        yield from chunks

    return start, again()
