"""What is shipped: the wheel that comes out of the sdist holds all that it needs."""

import configparser
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names of the files of a wheel built from a fresh sdist."""
    clone = tmp_path_factory.mktemp("clone") / "keras_wembed"
    shutil.copytree(ROOT, clone, ignore=LEFT)
    command = [sys.executable, "-m", "build", "--no-isolation", str(clone)]
    subprocess.run(command, capture_output=True, check=True)
    (path,) = (clone / "dist").glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def test_wheel_holds_every_module(wheel):
    modules = {
        str(path.relative_to(ROOT)) for path in ROOT.glob("keras_wembed/**/*.py")
    }
    assert modules <= wheel


def test_wheel_holds_the_cards_and_the_marker_of_types(wheel):
    cards = {f"keras_wembed/cards/{path.name}" for path in ROOT.glob("zoo/*.*")}
    assert "keras_wembed/cards/glove-6b.toml" in cards
    assert {*cards, "keras_wembed/py.typed"} <= wheel


def test_wheel_holds_nothing_else(wheel):
    homes = {name.split("/")[0] for name in wheel}
    assert {home.partition("-")[0] for home in homes} == {"keras_wembed"}


def test_every_package_is_listed():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    listed = set(parser["options"]["packages"].split())
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in ROOT.glob("keras_wembed/**/__init__.py")
    }
    assert listed == found | {"keras_wembed.cards"}
