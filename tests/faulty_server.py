"""A server on the loopback address that plays every fault of a bad network."""

import contextlib
import hashlib
import http.server
import re
import threading


class Site:
    """What the server serves, how it misbehaves, and what it was asked.

    `files` are served by name. Each request takes the next of `faults`, the last of
    which stays; without any the server does what it should.
    """

    def __init__(self):
        self.files = {}
        self.faults = []
        self.requests = []  # (path, value of Range or None)
        self.sent = 0  # bytes of bodies
        self.closing = threading.Event()

    def fault(self):
        if len(self.faults) > 1:
            return self.faults.pop(0)
        return self.faults[0] if self.faults else right


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site = self.server.site
        site.requests.append((self.path, self.headers.get("Range")))
        data = site.files.get(self.path.strip("/"))
        # A client that has seen enough closes the connection.
        with contextlib.suppress(ConnectionError):
            (site.fault() if data is not None else not_found)(self, data)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        headers = {"Content_Length": str(len(body)), **headers}
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.server.site.sent += len(body)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, *args):
        pass


def etag(data):
    return f'"{hashlib.sha256(data).hexdigest()[:8]}"'


def right(handler, data):
    """As a good server answers, ranges and all."""
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range") or "")
    if asked and handler.headers.get("If-Range") in (None, etag(data)):
        start = int(asked[1])
        stop = min(int(asked[2] or len(data)) + 1, len(data))
        if start >= len(data):
            return handler.answer(416, Content_Range=f"bytes */{len(data)}")
        span = f"bytes {start}-{stop - 1}/{len(data)}"
        return handler.answer(
            206, data[start:stop], Content_Range=span, ETag=etag(data)
        )
    return handler.answer(200, data, ETag=etag(data))


def cut_after(count):
    """The connection ends after so many bytes of each answer."""

    def play(handler, data):
        start = int(re.findall(r"\d+", handler.headers.get("Range") or "0")[0])
        if start:
            span = f"bytes {start}-{len(data) - 1}/{len(data)}"
            head = {"status": 206, "Content_Range": span}
        else:
            head = {"status": 200}
        length = str(len(data) - start)
        body = data[start : start + count]
        handler.answer(**head, body=body, Content_Length=length, ETag=etag(data))
        handler.hang_up()

    return play


def no_ranges(handler, data):
    handler.answer(200, data)


def no_ranges_cut_after(count):
    def play(handler, data):
        handler.answer(200, data[:count], Content_Length=str(len(data)))
        handler.hang_up()

    return play


def no_length_cut_after(count):
    """Only the end of the connection tells where the file ends: too early."""

    def play(handler, data):
        handler.protocol_version = "HTTP/1.0"
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(data[:count])
        handler.hang_up()

    return play


def wrong_length(handler, data):
    handler.answer(200, data + b"more")


def not_found(handler, data):
    handler.answer(404, b"<html>Not Found</html>", Content_Type="text/html")


def web_page(handler, data):
    handler.answer(200, b"<!DOCTYPE html><p>Log in", Content_Type="text/html")


def web_page_in_disguise(handler, data):
    handler.answer(200, b" <!DOCTYPE html><p>Log in")


def status(code):
    def play(handler, data):
        handler.answer(code)

    return play


def redirect(to):
    def play(handler, data):
        handler.answer(302, Location=to)

    return play


def lying_range(handler, data):
    """Says that it sends what was asked for, and sends the start."""
    asked = re.findall(r"\d+", handler.headers.get("Range") or "")
    if not asked:
        return right(handler, data)
    start, stop = int(asked[0]), int(asked[1]) + 1 if asked[1:] else len(data)
    span = f"bytes {start}-{stop - 1}/{len(data)}"
    body = data[: stop - start]
    return handler.answer(206, body, Content_Range=span, ETag=etag(data))


def other_range(handler, data):
    """Sends another range than was asked for, and says so."""
    if not handler.headers.get("Range"):
        return right(handler, data)
    span = f"bytes 1-{len(data) - 1}/{len(data)}"
    return handler.answer(206, data[1:], Content_Range=span, ETag=etag(data))


def flipped_bit(handler, data):
    bad = bytearray(data)
    bad[len(bad) // 2] ^= 1
    right(handler, bytes(bad))


def stalled_after(count):
    """So many bytes, then none, until the test ends."""

    def play(handler, data):
        head = {"Content_Length": str(len(data)), "ETag": etag(data)}
        handler.answer(200, data[:count], **head)
        handler.wfile.flush()
        handler.server.site.closing.wait()

    return play


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def serving():
    """A site, and the base of its addresses."""
    site = Site()
    with Server(("127.0.0.1", 0), Handler) as server:
        server.site = site
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield site, f"http://127.0.0.1:{server.server_port}"
        site.closing.set()
        server.shutdown()
