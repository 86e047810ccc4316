"""A whole file from one address, in as many tries as it takes."""

import time

import requests
import urllib3

from keras_wembed.card import Digest
from keras_wembed.download.hashes import Hashes
from keras_wembed.download.partial import Partial
from keras_wembed.download.progress import Bar
from keras_wembed.download.request import Interrupted, Patience, Refused, get
from keras_wembed.download.response import Head, check_start, head
from keras_wembed.download.source import Source, WrongBytes, match
from keras_wembed.download.space import check_space

CHUNK = 1 << 18  # bytes written at a time
PROGRESS = 1 << 20  # bytes that make up for the failures before


class Transfer:
    """A whole file from one address, in as many tries as it takes.

    Args:
        source: The address.
        partial: What is here already, and where the rest goes.
        patience: How long to wait, how often to try.
        bar: Is told how far it is.
    """

    def __init__(
        self, source: Source, partial: Partial, patience: Patience, bar: Bar
    ) -> None:
        self._source, self._partial = source, partial
        self._patience, self._bar = patience, bar
        self._session = requests.Session()
        self._hashes = Hashes(source.digests)
        self._patched = False  # put together from two answers

    def run(self) -> Digest:
        """Fills the partial file, and gives the digest that it has.

        Raises:
            Refused: If the address does not serve the file.
            Interrupted: If the network failed too often in a row.
            FetchError: If the disk has no room.
        """
        self._hashes.update_from(self._partial.path)
        self._patched = self._partial.bytes > 0
        with self._session:
            try:
                self._try_often()
                return match(self._hashes, self._source.digests)
            except WrongBytes:
                if not self._patched:
                    self._restart(None)
                    raise
                # The parts may be of two versions.
                self._restart(None)
            self._try_often()
        return match(self._hashes, self._source.digests)

    def _try_often(self) -> None:
        failures = 0
        while True:
            before = self._partial.bytes
            try:
                return self._try_once()
            except Interrupted:
                gained = self._partial.bytes - before
                failures = 1 if gained >= PROGRESS else failures + 1
                if failures >= self._patience.tries:
                    raise
                time.sleep(self._patience.pause * 2 ** (failures - 1))

    def _try_once(self) -> None:
        headers, asked = {}, self._partial.bytes
        if asked and (validator := self._partial.validator):
            headers = {"Range": f"bytes={asked}-", "If-Range": validator}
        url, http = self._source.url, self._source.http
        with get(self._session, url, headers, self._patience, http=http) as response:
            found = head(response)
            if response.status_code == 416 and found.total == asked:
                return
            if response.status_code == 200:
                self._restart(found.validator)
            elif found.start != asked or not asked:
                self._restart(None)
                raise Interrupted("another range came than was asked for")
            else:
                self._patched = True
            self._check_size(found)
            self._receive(response, found)

    def _receive(self, response: requests.Response, found: Head) -> None:
        with self._partial.path.open("ab") as file:
            try:
                for chunk in response.raw.stream(CHUNK, decode_content=False):
                    if not file.tell():
                        check_start(chunk, self._source.url)
                    file.write(chunk)
                    self._hashes.update(chunk)
                    self._bar(file.tell(), found.total)
            except urllib3.exceptions.HTTPError as error:
                raise Interrupted("the connection was cut") from error
            done = file.tell()
        if found.total not in (None, done):
            raise Interrupted(f"{done:,} of {found.total:,} bytes came")

    def _check_size(self, found: Head) -> None:
        if found.total is None:
            return
        sizes = [digest.bytes for digest in self._source.digests]
        if sizes and None not in sizes and found.total not in sizes:
            wanted = " or ".join(f"{size:,}" for size in sizes)
            raise Refused(f"the file has {found.total:,} bytes, expected {wanted}")
        check_space(self._partial.path.parent, found.total - self._partial.bytes)

    def _restart(self, validator: str | None) -> None:
        self._partial.restart(validator)
        self._hashes = Hashes(self._source.digests)
        self._patched = False
