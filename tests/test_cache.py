import hashlib
import re
import zipfile

import pytest

from keras_wembed import zoo
from keras_wembed.errors import (
    CardError,
    DigestError,
    FetchError,
    OfflineError,
    UnverifiedError,
)

ROWS = {1: b"a 1\nb 2\n", 2: b"a 1 2\nb 3 4\n"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_WEMBED_OFFLINE", "1")
    return tmp_path / "home"


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for size, rows in ROWS.items():
            packed.writestr(f"a.{size}d.txt", rows)
    return path


@pytest.fixture
def add_card(home, archive):
    def write(digest=None):
        if digest is None:
            digest = f'sha256 = "{hashlib.sha256(archive.read_bytes()).hexdigest()}"'
        members = "".join(
            f'[archives.members."a.{size}d.txt"]\n'
            f'sha256 = "{hashlib.sha256(rows).hexdigest()}"\n'
            for size, rows in ROWS.items()
        )
        models = "".join(
            f'[[models]]\nname = "a-{size}d"\nsize = {size}\nmember = "a.{size}d.txt"\n'
            for size in ROWS
        )
        (home / "cards").mkdir(parents=True, exist_ok=True)
        (home / "cards" / "a.toml").write_text(
            f'file = "a.zip"\n[[archives]]\nurls = ["https://nowhere.example/a.zip"]\n'
            f"{digest}\n{members if digest else ''}{models}"
        )

    return write


def test_archive_on_disk_takes_the_place_of_a_download(add_card, archive):
    add_card()
    path = zoo.add("a-2d", archive)
    assert path.read_bytes() == archive.read_bytes()
    assert path.name == "a.zip"
    assert archive.exists()
    assert zoo.cached() == ("a-1d", "a-2d")
    assert zoo.vectors("a-2d").matrix.tolist() == [[1, 2], [3, 4]]


def test_unpacked_member_takes_the_place_of_a_download(add_card, tmp_path):
    add_card()
    (tmp_path / "renamed").write_bytes(ROWS[2])
    assert zoo.add("a-2d", str(tmp_path / "renamed")).name == "a.2d.txt"
    assert zoo.cached() == ("a-2d",)
    assert zoo.vectors("a-2d").matrix.tolist() == [[1, 2], [3, 4]]


def test_another_file_is_refused(add_card, tmp_path, home):
    add_card()
    other = tmp_path / "other.zip"
    other.write_bytes(b"PK\x03\x04")
    message = (
        f"{other} must be a file of a-2d. It is not: "
        f"sha256 is {hashlib.sha256(other.read_bytes()).hexdigest()}, expected "
    )
    with pytest.raises(DigestError, match=f"^{re.escape(message)}"):
        zoo.add("a-2d", other)
    assert zoo.cached() == ()


def test_file_without_a_public_digest_is_held_to(add_card, archive, home):
    add_card("")
    message = (
        "No digest of a.zip is public, so it cannot be verified. "
        "Say allow_unverified=True to accept this file, and hold to it later."
    )
    with pytest.raises(UnverifiedError, match=f"^{re.escape(message)}$"):
        zoo.add("a-2d", archive)
    zoo.add("a-2d", archive, allow_unverified=True)
    assert zoo.vectors("a-2d").matrix.tolist() == [[1, 2], [3, 4]]
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("more", b"")
    with pytest.raises(DigestError):
        zoo.add("a-2d", archive, allow_unverified=True)


def test_damaged_archive_without_a_public_digest_is_refused(add_card, archive):
    add_card("")
    archive.write_bytes(archive.read_bytes()[:-10])
    message = f"{archive} must be a file of a-2d. It is not: the archive is damaged."
    with pytest.raises(DigestError, match=f"^{re.escape(message)}$"):
        zoo.add("a-2d", archive, allow_unverified=True)


def test_removed_model_is_gone(add_card, archive, home):
    add_card()
    zoo.add("a-2d", archive)
    zoo.vectors("a-2d")
    zoo.remove("a-2d")
    assert zoo.cached() == ()
    assert not list((home / "files").iterdir())
    assert not [path for path in (home / "tables").iterdir() if path.is_dir()]
    with pytest.raises(OfflineError):
        zoo.vectors("a-2d")
    zoo.remove("a-2d")


def test_archive_that_made_another_table_stays(add_card, archive):
    add_card()
    zoo.add("a-2d", archive)
    zoo.vectors("a-1d")
    zoo.vectors("a-2d")
    zoo.remove("a-2d")
    assert zoo.fetch("a-1d").read_bytes() == archive.read_bytes()
    zoo.remove("a-1d")
    assert zoo.cached() == ()


def test_whole_cache_is_verified(add_card, archive):
    add_card()
    zoo.add("a-2d", archive)
    zoo.verify("a-2d")
    zoo.vectors("a-2d")
    zoo.verify("a-2d")


def test_nothing_to_verify_is_an_error(add_card):
    add_card()
    message = "a-2d must be in the cache to be verified. It is not."
    with pytest.raises(FetchError, match=f"^{re.escape(message)}$"):
        zoo.verify("a-2d")


def test_flipped_bit_in_a_file_is_found(add_card, archive):
    add_card()
    path = zoo.add("a-2d", archive)
    damaged = bytearray(path.read_bytes())
    damaged[50] ^= 1
    path.write_bytes(damaged)
    message = (
        "a.zip must be as it was fetched. "
        f"Its sha256 is {hashlib.sha256(damaged).hexdigest()}, expected "
    )
    with pytest.raises(DigestError, match=f"^{re.escape(message)}"):
        zoo.verify("a-2d")
    assert zoo.cached() == ()


def test_flipped_bit_in_a_table_is_found(add_card, archive, home):
    add_card()
    zoo.add("a-2d", archive)
    zoo.vectors("a-2d")
    (matrix,) = home.glob("tables/*/matrix.npy")
    data = bytearray(matrix.read_bytes())
    data[-1] ^= 1
    matrix.write_bytes(data)
    message = (
        "The table of a-2d must be as it was written. It is not. It was deleted: the "
        "next use makes it again."
    )
    with pytest.raises(DigestError, match=f"^{re.escape(message)}$"):
        zoo.verify("a-2d")
    assert zoo.vectors("a-2d").matrix.tolist() == [[1, 2], [3, 4]]


def test_file_damaged_in_the_cache_is_no_table(add_card, archive):
    add_card()
    path = zoo.add("a-2d", archive)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(OfflineError):
        zoo.vectors("a-2d")
    assert not path.exists()
    zoo.add("a-2d", archive)
    assert zoo.vectors("a-2d").matrix.tolist() == [[1, 2], [3, 4]]


def test_digit_changed_in_the_cache_is_no_table(add_card, tmp_path):
    add_card()
    (tmp_path / "member").write_bytes(ROWS[2])
    path = zoo.add("a-2d", tmp_path / "member")
    path.write_bytes(ROWS[2].replace(b"4", b"5"))
    with pytest.raises(OfflineError):
        zoo.vectors("a-2d")


def test_verify_takes_a_table_with_its_damaged_file(add_card, archive, home):
    add_card()
    path = zoo.add("a-2d", archive)
    zoo.vectors("a-2d")
    path.write_bytes(b"x" + path.read_bytes()[1:])
    with pytest.raises(DigestError, match=r"^a.zip must be as it was fetched\."):
        zoo.verify("a-2d")
    assert zoo.cached() == ()


def test_removing_forgets_what_was_seen(add_card, archive, tmp_path):
    add_card(digest="")
    page = tmp_path / "page.zip"
    with zipfile.ZipFile(page, "w") as packed:
        packed.writestr("a.2d.txt", "wrong 1 2\n")
    zoo.add("a-2d", page, allow_unverified=True)
    with pytest.raises(DigestError, match=r"must be a file of a-2d\. It is not"):
        zoo.add("a-2d", archive, allow_unverified=True)
    zoo.remove("a-2d")
    zoo.add("a-2d", archive, allow_unverified=True)
    assert zoo.vectors("a-2d").tokens == ("a", "b")


def test_card_without_a_file_name_is_refused(home):
    (home / "cards").mkdir(parents=True)
    text = 'file = ""\n[[archives]]\nurls = ["https://a.example/"]\n'
    (home / "cards" / "b.toml").write_text(text + '[[models]]\nname = "b"\nsize = 1\n')
    with pytest.raises(CardError, match=r"file must be the plain name of a file"):
        zoo.names()
