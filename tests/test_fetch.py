import hashlib
import io
import re
import zipfile

import faulty_server as server
import numpy as np
import pytest
from processes import run

from keras_wembed import fetch as fetching
from keras_wembed import zoo
from keras_wembed.download.request import Patience
from keras_wembed.errors import (
    DigestError,
    FetchError,
    OfflineError,
    UnverifiedError,
)

ROWS = "".join(f"token{i} {i} -{i}.5\n" for i in range(3000)).encode()

HINT = "Set KERAS_WEMBED_MIRROR to where it is, or zoo.add() a copy."


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return file.getvalue()


GOOD = zipped(a_txt=ROWS)
SHA256 = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    patience = Patience(connect=5, read=1.5, tries=3, pause=0)
    monkeypatch.setattr(fetching, "PATIENCE", patience)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def site():
    with server.serving() as (site, base):
        site.base = base
        site.files["a.zip"] = GOOD
        yield site


@pytest.fixture
def add_card(home, site):
    """Writes the card of a model that the site serves."""

    def write(
        digest=f'sha256 = "{SHA256}"',
        members="",
        urls=("a.zip",),
        member="a.txt",
        name="a",
    ):
        listed = ", ".join(
            repr(url if ":" in url else f"{site.base}/{url}") for url in urls
        )
        folder = home / "cards"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.toml").write_text(
            f'file = "{name}.zip"\n[[archives]]\nurls = [{listed}]\n{digest}\n'
            f"{members}\n"
            f'[[models]]\nname = "{name}"\nsize = 2\nmember = "{member}"\n'
        )

    return write


def assert_whole(home):
    """No file under a good name is a bad file."""
    for path in (home / "files").glob("*/*"):
        digests = {
            hashlib.new(kind, path.read_bytes()).hexdigest()[:16]
            for kind in ("sha256", "sha1")
        }
        assert path.parent.name in digests


RECOVERED = {
    "cut at once": [server.cut_after(0), server.right],
    "cut twice": [server.cut_after(7000), server.cut_after(3000), server.right],
    "cut without ranges": [server.no_ranges_cut_after(500), server.no_ranges],
    "no ranges": [server.no_ranges],
    "500 then 200": [server.status(500), server.right],
    "503 twice then 200": [server.status(503), server.status(503), server.right],
    "429 then 200": [server.status(429), server.right],
    "stalled then 200": [server.stalled_after(100), server.right],
    "another range, then 200": [server.cut_after(900), server.other_range],
    "lying range, then 200": [server.cut_after(900), server.lying_range, server.right],
}


@pytest.mark.parametrize("faults", RECOVERED.values(), ids=RECOVERED)
def test_fault_that_passes_is_survived(add_card, site, home, faults):
    site.faults = list(faults)
    add_card()
    assert zoo.fetch("a").read_bytes() == GOOD
    assert_whole(home)


@pytest.mark.parametrize("count", [*range(0, 60, 7), *range(100, len(GOOD), 1499)])
def test_cut_after_any_byte_is_survived_by_resuming(add_card, site, home, count):
    site.faults = [server.cut_after(count), server.right]
    add_card()
    assert zoo.fetch("a").read_bytes() == GOOD
    assert site.requests[1][1] == (f"bytes={count}-" if count else None)
    assert site.sent == len(GOOD)


FATAL = {
    "cut always": (server.cut_after(0), FetchError, "the connection was cut"),
    "cut without length": (
        server.no_length_cut_after(500),
        DigestError,
        "sha256 is {sha256_of_500}, expected {sha256}",
    ),
    "404": (server.not_found, FetchError, "status 404 Not Found"),
    "500 always": (server.status(500), FetchError, "status 500 Internal Server Error"),
    "web page": (server.web_page, FetchError, "a web page came instead of the file"),
    "web page in disguise": (
        server.web_page_in_disguise,
        FetchError,
        "a web page came instead of the file",
    ),
    "redirect loop": (server.redirect("/a.zip"), FetchError, "more than 5 redirects"),
    "redirect to http": (
        server.redirect("http://example.org/a.zip"),
        FetchError,
        "http://example.org/a.zip is no https address",
    ),
    "redirect to nowhere": (
        server.redirect("http://["),
        FetchError,
        "its answer is malformed (Invalid IPv6 URL)",
    ),
    "redirect to a file": (
        server.redirect("file:///etc/passwd"),
        FetchError,
        "file:///etc/passwd is no https address",
    ),
    "flipped bit": (
        server.flipped_bit,
        DigestError,
        "sha256 is {sha256_of_flipped}, expected {sha256}",
    ),
    "stalled": (server.stalled_after(100), FetchError, "the connection was cut"),
}


def flipped():
    bad = bytearray(GOOD)
    bad[len(bad) // 2] ^= 1
    return bytes(bad)


@pytest.mark.parametrize(("fault", "kind", "reason"), FATAL.values(), ids=FATAL)
def test_fault_that_stays_is_an_error(add_card, site, home, fault, kind, reason):
    site.faults = [fault]
    add_card()
    reason = reason.format(
        sha256=SHA256,
        sha256_of_500=hashlib.sha256(GOOD[:500]).hexdigest(),
        sha256_of_flipped=hashlib.sha256(flipped()).hexdigest(),
    )
    expected = f"a.zip could not be fetched. {site.base}/a.zip: {reason}. {HINT}"
    with pytest.raises(kind, match=f"^{re.escape(expected)}$"):
        zoo.fetch("a")
    assert not list(home.glob("files/*/*"))
    site.faults = []
    assert zoo.fetch("a").read_bytes() == GOOD


def test_404_is_asked_once(add_card, site):
    site.faults = [server.not_found]
    add_card()
    with pytest.raises(FetchError):
        zoo.fetch("a")
    assert len(site.requests) == 1


def test_500_is_asked_as_often_as_patience_says(add_card, site):
    site.faults = [server.status(500)]
    add_card()
    with pytest.raises(FetchError):
        zoo.fetch("a")
    assert len(site.requests) == 3


def test_wrong_size_is_refused_before_any_byte_is_taken(add_card, site):
    site.faults = [server.wrong_length]
    add_card(f'sha256 = "{SHA256}"\nbytes = {len(GOOD)}')
    expected = (
        f"a.zip could not be fetched. {site.base}/a.zip: the file has "
        f"{len(GOOD) + 4:,} bytes, expected {len(GOOD):,}. {HINT}"
    )
    with pytest.raises(FetchError, match=f"^{re.escape(expected)}$"):
        zoo.fetch("a")


def test_next_address_is_tried(add_card, site):
    site.faults = [server.not_found, server.right]
    add_card(urls=("http://nowhere.example/a.zip", "a.zip", "a.zip"))
    assert zoo.fetch("a").read_bytes() == GOOD
    assert len(site.requests) == 2


def test_later_call_resumes_where_an_earlier_one_gave_up(add_card, site):
    site.faults = [server.cut_after(1000), server.status(500)]
    add_card()
    with pytest.raises(FetchError):
        zoo.fetch("a")
    site.faults, site.requests, site.sent = [], [], 0
    assert zoo.fetch("a").read_bytes() == GOOD
    assert site.requests == [("/a.zip", "bytes=1000-")]
    assert site.sent == len(GOOD) - 1000


def test_file_that_changed_meanwhile_is_never_asked_for_in_part(add_card, site):
    """`If-Range` makes the server send all of it, with no byte in vain."""
    site.files["a.zip"] = zipped(a_txt=b"a 1 2\n" * 100)
    site.faults = [server.cut_after(50), server.status(500)]
    add_card()
    with pytest.raises(FetchError):
        zoo.fetch("a")
    site.files["a.zip"], site.faults, site.requests = GOOD, [], []
    assert zoo.fetch("a").read_bytes() == GOOD
    assert site.requests == [("/a.zip", "bytes=50-")]


def test_web_page_is_known_by_its_type(add_card, site):
    site.faults = [
        lambda handler, data: handler.answer(200, GOOD, Content_Type="text/html")
    ]
    add_card()
    with pytest.raises(FetchError, match=r"a web page came instead of the file\. "):
        zoo.fetch("a")


def test_only_member_of_an_archive_is_not_fetched_alone(add_card):
    digest = hashlib.sha256(ROWS).hexdigest()
    add_card(members=f'[archives.members."a.txt"]\nsha256 = "{digest}"')
    assert zoo.fetch("a").read_bytes() == GOOD


def test_file_that_changed_meanwhile_is_fetched_whole(add_card, site):
    other = zipped(a_txt=b"a 1 2\n")
    site.files["a.zip"] = other
    site.faults = [server.cut_after(50), server.status(500)]
    add_card()
    with pytest.raises(FetchError):
        zoo.fetch("a")
    site.files["a.zip"], site.faults = GOOD, []
    assert zoo.fetch("a").read_bytes() == GOOD


def test_cached_file_asks_nobody(add_card, site):
    add_card()
    path = zoo.fetch("a")
    site.requests.clear()
    assert zoo.fetch("a") == path
    assert site.requests == []


def test_offline_says_what_is_missing(add_card, site, home, monkeypatch):
    add_card()
    monkeypatch.setenv("KERAS_WEMBED_OFFLINE", "1")
    message = (
        f"a.zip must be in {home}, for KERAS_WEMBED_OFFLINE is set. "
        "It is not: fetch it once without, or zoo.add() a copy."
    )
    with pytest.raises(OfflineError, match=f"^{re.escape(message)}$"):
        zoo.fetch("a")
    assert site.requests == []


def test_mirror_is_asked_first(add_card, site, monkeypatch):
    monkeypatch.setenv("KERAS_WEMBED_MIRROR", f"{site.base}/ {site.base}/mirror/")
    site.files["mirror/a.zip"] = site.files.pop("a.zip")
    add_card(urls=("https://nowhere.example/a.zip",))
    assert zoo.fetch("a").read_bytes() == GOOD
    assert [path for path, _ in site.requests] == ["/a.zip", "/mirror/a.zip"]


def test_full_disk_is_an_error_before_any_byte(add_card, site, home, monkeypatch):
    add_card()
    monkeypatch.setattr(
        "shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1000})
    )
    message = (
        f"{home / 'partial'} must have room for {len(GOOD):,} bytes. It has 1,000. "
        "Free some, or set KERAS_WEMBED_HOME to another place."
    )
    with pytest.raises(FetchError, match=f"^{re.escape(message)}$"):
        zoo.fetch("a")


def test_cache_that_cannot_be_written_is_an_error(add_card, home):
    add_card()
    (home / "partial").write_text("a file where a folder should be")
    message = (
        f"^a.zip must be written to {re.escape(str(home))}\\. .*Make room, or set "
    )
    with pytest.raises(FetchError, match=message):
        zoo.fetch("a")


# Files without a public digest.


def test_unverified_file_needs_to_be_allowed(add_card, site):
    add_card(digest="")
    message = (
        "No digest of a.zip is public, so it cannot be verified. "
        "Say allow_unverified=True to accept what comes, and hold to it later."
    )
    with pytest.raises(UnverifiedError, match=f"^{re.escape(message)}$"):
        zoo.vectors("a")
    assert site.requests == []
    assert len(zoo.vectors("a", allow_unverified=True)) == 3000


def test_digest_seen_once_is_held_to(add_card, site, home):
    add_card(digest="")
    path = zoo.fetch("a", allow_unverified=True)
    path.unlink()
    assert zoo.fetch("a") == path
    path.unlink()
    site.files["a.zip"] = zipped(a_txt=b"a 1 2\n")
    with pytest.raises(DigestError, match=f"expected {SHA256}\\. Set"):
        zoo.fetch("a", allow_unverified=True)


UNVERIFIED = {
    "web page in disguise": (
        server.web_page_in_disguise,
        "a web page came instead of the file",
    ),
    "no zip": (
        lambda handler, data: handler.answer(200, ROWS),
        "what came is no .zip file",
    ),
    "flipped bit": (server.flipped_bit, "the archive is damaged"),
    "cut": (server.no_length_cut_after(500), "the archive is damaged"),
    "member missing": (
        lambda handler, data: handler.answer(200, zipped(b_txt=b"a 1\n")),
        "the archive has no member 'a.txt'",
    ),
}


@pytest.mark.parametrize(("fault", "reason"), UNVERIFIED.values(), ids=UNVERIFIED)
def test_unverified_file_must_at_least_be_whole(add_card, site, home, fault, reason):
    site.faults = [fault]
    add_card(digest="")
    expected = f"a.zip could not be fetched. {site.base}/a.zip: {reason}. {HINT}"
    with pytest.raises(FetchError, match=f"^{re.escape(expected)}$"):
        zoo.fetch("a", allow_unverified=True)
    assert not list(home.glob("files/*/*"))
    assert not list(home.glob("seen/*"))
    site.faults = []
    assert zoo.fetch("a", allow_unverified=True).read_bytes() == GOOD


# Several processes.


def test_eight_processes_make_one_download(add_card, site, home):
    add_card()
    processes = [run("print(len(zoo.vectors('a')))", home) for _ in range(8)]
    outputs = [process.communicate() for process in processes]
    assert outputs == [(b"3000\n", b"")] * 8
    assert [path for path, _ in site.requests] == ["/a.zip"]


def test_progress_is_silent_in_a_pipe(add_card, home):
    add_card()
    process = run("zoo.fetch('a')", home)
    assert process.communicate() == (b"", b"")


def test_vectors_are_right_after_all(add_card):
    add_card()
    rows = [(i, -float(f"{i}.5")) for i in range(3000)]
    np.testing.assert_array_equal(zoo.vectors("a").matrix, np.float32(rows))
