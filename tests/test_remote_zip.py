import hashlib
import io
import re
import zipfile

import faulty_server as server
import pytest
from test_fetch import assert_whole

from keras_wembed import fetch as fetching
from keras_wembed import zoo
from keras_wembed.download.request import Patience
from keras_wembed.errors import DigestError

# As in glove.6B.zip: members of four sizes, of which the smallest is wanted most.
ROWS = {
    size: "".join(
        f"token{i} "
        + " ".join(str((i * 7919 + j * 104729) % 9973 / 1e4) for j in range(size))
        + "\n"
        for i in range(3000)
    ).encode()
    for size in (1, 2, 4, 8)
}


def archive(compression=zipfile.ZIP_DEFLATED, **more):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as packed:
        for size, data in ROWS.items():
            packed.writestr(f"all/a.{size}d.txt", data)
        for name, data in more.items():
            packed.writestr(name, data)
    return file.getvalue()


GOOD = archive()


PACKED = zipfile.ZipFile(io.BytesIO(GOOD)).getinfo("all/a.2d.txt").compress_size


def digests(data, *kinds):
    return "\n".join(
        f'{kind} = "{hashlib.new(kind, data).hexdigest()}"' for kind in kinds
    )


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    patience = Patience(connect=5, read=0.3, tries=3, pause=0)
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
    def write(*kinds, data=GOOD, rows=ROWS):
        members = "\n".join(
            f'[archives.members."all/a.{size}d.txt"]\n{digests(rows[size], *kinds)}'
            for size in rows
        )
        models = "\n".join(
            f'[[models]]\nname = "a-{size}d"\nsize = {size}\n'
            f'member = "all/a.{size}d.txt"'
            for size in rows
        )
        (home / "cards").mkdir(parents=True, exist_ok=True)
        (home / "cards" / "a.toml").write_text(
            f'file = "a.zip"\n[[archives]]\nurls = ["{site.base}/a.zip"]\n'
            f"{digests(data, 'sha256')}\n{members}\n{models}\n"
        )

    return write


@pytest.mark.parametrize("kinds", [["sha256"], ["sha1", "md5"]], ids=str)
def test_only_the_wanted_member_is_fetched(add_card, site, home, kinds):
    add_card(*kinds)
    path = zoo.fetch("a-2d")
    assert path.name == "a.2d.txt"
    assert path.read_bytes() == ROWS[2]
    assert site.sent < PACKED + 2000
    assert len(zoo.vectors("a-2d")) == 3000
    assert_whole(home)


@pytest.mark.parametrize("kinds", [["sha1"], ["md5"], []], ids=str)
def test_member_without_enough_digests_is_not_fetched_alone(add_card, kinds):
    add_card(*kinds)
    assert zoo.fetch("a-2d").read_bytes() == GOOD


def test_stored_member_is_fetched_too(add_card, site):
    site.files["a.zip"] = archive(zipfile.ZIP_STORED)
    add_card("sha256", data=site.files["a.zip"])
    assert zoo.fetch("a-1d").read_bytes() == ROWS[1]


def test_server_without_ranges_gives_the_whole_archive(add_card, site):
    site.faults = [server.no_ranges]
    add_card("sha256")
    assert zoo.fetch("a-2d").read_bytes() == GOOD


def test_lying_ranges_give_the_whole_archive(add_card, site):
    site.faults = [server.lying_range]
    add_card("sha256")
    assert zoo.fetch("a-2d").read_bytes() == GOOD


def test_wrong_digest_of_a_member_gives_the_whole_archive(add_card):
    add_card("sha256", rows=ROWS | {2: b"other"})
    assert zoo.fetch("a-2d").read_bytes() == GOOD


def test_archive_in_the_cache_is_enough(add_card, site):
    site.faults = [server.no_ranges]
    add_card("sha256")
    path = zoo.fetch("a-2d")
    site.requests.clear()
    assert zoo.fetch("a-8d") == path
    assert len(zoo.vectors("a-8d")) == 3000
    assert site.requests == []


FAULTS = [server.right, server.right, server.right, server.right]


@pytest.mark.parametrize("at", range(1, 5))
@pytest.mark.parametrize(
    "fault",
    [server.status(500), server.cut_after(3), server.stalled_after(3)],
    ids=["500", "cut", "stalled"],
)
def test_fault_in_any_request_is_survived(add_card, site, at, fault):
    site.faults = [*FAULTS[: at - 1], fault, server.right]
    add_card("sha256")
    assert zoo.fetch("a-2d").read_bytes() == ROWS[2]
    assert len(site.requests) > at


def test_zip_bomb_is_refused(add_card, site, home):
    bomb = archive(compression=zipfile.ZIP_DEFLATED)
    place = bomb.index(b"all/a.2d.txt", bomb.index(b"PK\x01\x02")) - 46
    smaller = bytearray(bomb)
    smaller[place + 24 : place + 28] = (100).to_bytes(4, "little")
    site.files["a.zip"] = bytes(smaller)
    add_card("sha256")
    reason = f"sha256 is {hashlib.sha256(smaller).hexdigest()}, expected "
    with pytest.raises(DigestError, match=re.escape(reason)):
        zoo.fetch("a-2d")
    assert not list(home.glob("files/*/*"))


def test_path_that_climbs_out_of_a_zip_stays_inside(add_card, site, home, tmp_path):
    climbing = "../../../climbed.txt"
    data = archive(**{climbing: ROWS[2]})
    site.files["a.zip"] = data
    add_card("sha256", data=data)
    card = home / "cards" / "a.toml"
    card.write_text(card.read_text().replace("all/a.2d.txt", climbing))
    path = zoo.fetch("a-2d")
    assert path.name == "climbed.txt"
    assert path.parent.parent == home / "files"
    assert len(zoo.vectors("a-2d")) == 3000
    assert [each.name for each in tmp_path.rglob("climbed.txt")] == ["climbed.txt"]
