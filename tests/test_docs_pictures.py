"""The pictures of the documentation, which `python -m docs.pictures` draws."""

import pytest

from docs import pictures

NAMES = [
    *(
        f"{name}-{look}.png"
        for name in pictures.pictures(None, None)
        for look in pictures.STYLES
    ),
    *(f"terminal-{look}.svg" for look in pictures.THEMES),
]


@pytest.mark.parametrize("name", NAMES)
def test_picture_is_there_and_small(name):
    assert 1000 < (pictures.IMAGES / name).stat().st_size < 60_000


def test_there_is_no_other_picture():
    assert {path.name for path in pictures.IMAGES.iterdir()} == set(NAMES)


def test_pictures_need_nothing_from_the_web():
    for path in pictures.IMAGES.glob("*.svg"):
        assert "url(http" not in path.read_text()
