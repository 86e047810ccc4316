"""Processes that are killed at any instant leave a whole cache."""

import hashlib
import zipfile
from pathlib import Path

import faulty_server as server
import numpy as np
import pytest
from processes import run

from keras_wembed import zoo

SIZE, COUNT, KILLS = 50, 4000, 50


@pytest.fixture
def rows():
    return np.arange(SIZE * COUNT, dtype=np.float32).reshape(COUNT, SIZE)


@pytest.fixture
def site(tmp_path, rows):
    """Serves a zip of four members, one of which may be fetched alone."""
    text = "".join(
        f"token{at} " + " ".join(map(str, row)) + "\n"
        for at, row in enumerate(rows.astype(int).tolist())
    ).encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abcd":
            archive.writestr(f"{name}.txt", text)
    data = (tmp_path / "a.zip").read_bytes()
    cards = tmp_path / "home" / "cards"
    cards.mkdir(parents=True)
    with server.serving() as (site, base):
        site.files["a.zip"] = data
        member = f'sha256 = "{hashlib.sha256(text).hexdigest()}"\n'
        members = "".join(f'[archives.members."{n}.txt"]\n{member}' for n in "ab")
        for name, alone in (("whole", ""), ("alone", members)):
            (cards / f"{name}.toml").write_text(
                f'file = "a.zip"\n[[archives]]\nurls = ["{base}/a.zip"]\n'
                f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n{alone}\n'
                f'[[models]]\nname = "{name}"\nsize = {SIZE}\nmember = "a.txt"\n'
            )
        yield site


@pytest.mark.parametrize("name", ["whole", "alone"])
def test_killed_processes_leave_a_whole_cache(site, tmp_path, rows, name):
    home = tmp_path / "home"
    killer = run(
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"from killer import kill_often\nprint(kill_often({name!r}, {COUNT}, {KILLS}))",
        home,
    )
    assert killer.communicate() == (f"{KILLS}\n".encode(), b"")
    np.testing.assert_array_equal(zoo.vectors(name).matrix, rows)
    assert not list(home.glob("partial/*"))
    assert not list(home.glob("tables/.*"))
