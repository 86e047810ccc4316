"""One member of a zip on a server, without the rest of it."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from keras_wembed.card import Digest
from keras_wembed.download.hashes import Hashes
from keras_wembed.download.partial import Partial
from keras_wembed.download.progress import Bar
from keras_wembed.download.remote_file import RemoteFile
from keras_wembed.download.request import Patience, Refused
from keras_wembed.download.source import Source, WrongBytes, match
from keras_wembed.download.space import check_space

CHUNK = 1 << 23  # bytes asked for at a time
LOCAL = struct.Struct("<4s22xHH")  # a member's own header: signature, two lengths


def transfer_member(
    source: Source, member: str, partial: Partial, patience: Patience, bar: Bar
) -> Digest:
    """Puts one member, unpacked, in the place of `partial`; gives the digest it has.

    Args:
        source: Where the zip is; its `members` say what the bytes must be.
        member: The name in the zip.
        partial: What is here already of the packed bytes.
        patience: How long to wait, how often to try.
        bar: Is told how far it is.

    Raises:
        Refused: If the server answers no requests for ranges, or the zip is not right.
        Interrupted: If the network failed too often in a row.
        FetchError: If the disk has no room.
    """
    with RemoteFile(source, patience) as remote:
        info = _info(remote, member)
        check_space(partial.path.parent, info.file_size + info.compress_size)
        if not partial.validator or partial.validator != remote.validator:
            partial.restart(remote.validator)
        _receive(remote, info, partial, bar)
    unpacked = partial.path.with_suffix(".unpacked")
    try:
        digest = match(_unpack(partial.path, info, unpacked, source), source.members)
        unpacked.replace(partial.path)
    except WrongBytes:
        partial.restart(None)
        raise
    finally:
        unpacked.unlink(missing_ok=True)
    return digest


def _info(remote: RemoteFile, member: str) -> zipfile.ZipInfo:
    try:
        with zipfile.ZipFile(io.BufferedReader(remote, 1 << 16)) as archive:
            return archive.getinfo(member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise Refused(f"the zip has no readable member {member!r}") from error


def _receive(
    remote: RemoteFile, info: zipfile.ZipInfo, partial: Partial, bar: Bar
) -> None:
    """Fetches the packed bytes that are not here yet."""
    place = info.header_offset
    signature, name, extra = LOCAL.unpack(remote.span(place, place + LOCAL.size))
    if signature != b"PK\x03\x04":
        raise Refused("the zip is damaged")
    start = place + LOCAL.size + name + extra
    with partial.path.open("ab") as file:
        while (done := file.tell()) < info.compress_size:
            stop = min(done + CHUNK, info.compress_size)
            file.write(remote.span(start + done, start + stop))
            bar(stop, info.compress_size)


def _unpack(
    packed: Path, info: zipfile.ZipInfo, unpacked: Path, source: Source
) -> Hashes:
    hashes = Hashes(source.members)
    with unpacked.open("wb") as file:
        for data in _inflated(packed, info):
            hashes.update(data)
            file.write(data)
            if file.tell() > info.file_size:
                raise WrongBytes("the member unpacks to more than the zip says")
    return hashes


def _inflated(packed: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, a little at a time, whatever they unpack to."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("the zip is packed in an unknown way")
    stored = info.compress_type == zipfile.ZIP_STORED
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    with packed.open("rb") as file:
        while data := file.read(1 << 18):
            try:
                yield data if stored else inflate.decompress(data)
            except zlib.error as error:
                raise WrongBytes("the packed bytes are damaged") from error
