"""A file on a server, read in places, by requests for ranges."""

import io
import time

import requests
import urllib3

from keras_wembed.download.request import Interrupted, Patience, Refused, get
from keras_wembed.download.response import head
from keras_wembed.download.source import Source


class RemoteFile(io.RawIOBase):
    """A file on a server that answers requests for ranges.

    Args:
        source: Its address.
        patience: How long to wait, how often to try.

    Raises:
        Refused: If the server does not answer requests for ranges.
        Interrupted: If the network failed too often in a row.
    """

    def __init__(self, source: Source, patience: Patience) -> None:
        self._source, self._patience = source, patience
        self._session = requests.Session()
        self._place, self._total = 0, 0
        self.validator: str | None = None
        self.span(0, 4)

    def close(self) -> None:
        self._session.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._total}
        self._place = start[whence] + offset
        return self._place

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        stop = min(self._place + len(buffer), self._total)
        data = self.span(self._place, stop) if stop > self._place else b""
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def span(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        for failures in range(1, self._patience.tries + 1):
            try:
                return self._once(start, stop)
            except Interrupted:
                if failures == self._patience.tries:
                    raise
                time.sleep(self._patience.pause * 2 ** (failures - 1))
        raise AssertionError

    def _once(self, start: int, stop: int) -> bytes:
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        if self.validator:
            headers["If-Range"] = self.validator
        url, http = self._source.url, self._source.http
        with get(self._session, url, headers, self._patience, http=http) as response:
            found = head(response)
            if response.status_code != 206 or found.start != start or not found.total:
                raise Refused("the server does not answer requests for ranges")
            self.validator, self._total = found.validator, found.total
            try:
                data: bytes = response.raw.read(stop - start, decode_content=False)
            except urllib3.exceptions.HTTPError as error:
                raise Interrupted("the connection was cut") from error
        if len(data) != stop - start:
            raise Interrupted(f"{len(data):,} of {stop - start:,} bytes came")
        return data
