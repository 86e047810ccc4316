import io
import pickle
import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from pictures import MANY, ODD, new_axes, vectors

from keras_wembed import EmbeddingLayer, TokenEncoder, plot, zoo
from keras_wembed.plot.placing import places
from keras_wembed.plot.scatter import plane


def points(ax):
    return np.asarray(ax.collections[0].get_offsets())


def boxes(ax):
    """The boxes of the labels that are drawn."""
    shown = [text for text in ax.texts if text.fits]
    return np.array([Text.get_window_extent(text).extents for text in shown])


def overlapping(boxes):
    """How many pairs of boxes share room."""
    low = np.maximum(boxes[:, np.newaxis, :2], boxes[:, :2])
    high = np.minimum(boxes[:, np.newaxis, 2:], boxes[:, 2:])
    return int(np.triu((low < high).all(2), 1).sum())


def principal(rows):
    """The first two principal components by the eigenvectors of the covariance."""
    centred = rows - rows.mean(0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, np.argsort(-variances)[:2]]
    axes *= np.sign(axes[np.abs(axes).argmax(0), [0, 1]])
    return centred @ axes, np.sort(variances)[::-1][:2] / variances.sum()


def test_map_is_the_plane_of_the_principal_components():
    rows = vectors(MANY).matrix.astype(np.float64)
    ax = plot.map(rows, MANY, ax=new_axes())
    expected, shares = principal(rows)
    np.testing.assert_allclose(points(ax), expected, atol=1e-9)
    assert ax.get_xlabel() == (
        f"first principal component, {shares[0]:.0%} of variance"
    )
    assert ax.get_ylabel() == f"second, {shares[1]:.0%}"
    assert [text.get_text() for text in ax.texts] == list(MANY)
    assert ax.get_aspect() == 1


def test_map_is_the_same_when_all_vectors_are_mirrored_twice():
    rows = vectors(MANY).matrix
    np.testing.assert_array_equal(plane(rows)[0], plane(rows.copy())[0])
    mirrored = plane(-rows)[0]
    np.testing.assert_allclose(mirrored, -plane(rows)[0], atol=1e-6)


@pytest.mark.parametrize(
    ("rows", "expected", "shares"),
    [
        ([[5.0, 6.0]], [[0, 0]], [0, 0]),
        ([[0.0, 0.0], [3.0, 4.0]], [[-2.5, 0], [2.5, 0]], [1, 0]),
        ([[1.0], [3.0]], [[-1, 0], [1, 0]], [1, 0]),
        ([[2.0, 2.0]] * 3, [[0, 0]] * 3, [0, 0]),
    ],
)
def test_plane_of_few_rows(rows, expected, shares):
    found, variances = plane(np.array(rows))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_allclose(variances, shares, atol=1e-12)
    plot.map(rows, ax=new_axes()).figure.canvas.draw()


@pytest.mark.parametrize("tokens", [MANY, MANY[:3], MANY[:1], ODD])
def test_no_label_hides_another_or_a_point(tokens):
    ax = plot.map(vectors(tokens), ax=new_axes())
    ax.figure.canvas.draw()
    found = boxes(ax)
    assert len(found) == len(tokens)
    assert overlapping(found) == 0
    for x, y in ax.transData.transform(points(ax)):
        inside = (found[:, 0] < x) & (x < found[:, 2])
        assert not (inside & (found[:, 1] < y) & (y < found[:, 3])).any()
    frame = ax.bbox.extents
    assert (found[:, :2] >= frame[:2]).all()
    assert (found[:, 2:] <= frame[2:]).all()


def test_labels_of_real_tokens_do_not_overlap():
    words = zoo.vectors()
    tokens = [token for token in words.tokens if token.isalpha()][:60]
    ax = plot.map(words, tokens, ax=new_axes())
    ax.figure.canvas.draw()
    assert len(boxes(ax)) >= 55
    assert overlapping(boxes(ax)) == 0


def test_labels_find_new_places_when_the_figure_changes():
    ax = plot.map(vectors(MANY), ax=new_axes(figsize=(8, 6)))
    ax.figure.canvas.draw()
    ax.figure.set_size_inches(4, 3)
    ax.figure.canvas.draw()
    assert overlapping(boxes(ax)) == 0
    ax.figure.savefig(io.BytesIO(), dpi=200)
    ax.figure.savefig(io.BytesIO(), dpi=200)
    assert overlapping(boxes(ax)) == 0


def test_labels_stay_where_nothing_changes(monkeypatch):
    ax = plot.map(vectors(MANY), ax=new_axes())
    ax.figure.canvas.draw()
    # A label that moves while it is drawn asks a window to draw again.
    monkeypatch.delattr("keras_wembed.plot.labels.places")
    ax.figure.canvas.draw()
    ax.set_xlim(-9, 9)
    with pytest.raises(NameError):
        ax.figure.canvas.draw()


def test_only_the_first_of_many_tokens_get_a_label():
    rows = np.random.default_rng(0).normal(size=(300, 4))
    ax = plot.map(rows, ax=new_axes())
    assert len(points(ax)) == 300
    assert [text.get_text() for text in ax.texts][-1] == "199"
    assert len(ax.texts) == 200


def test_label_without_room_is_not_drawn():
    drawn = {}
    for token in "ab":  # too wide for so small a figure
        ax = plot.map([[0.0]], [token * 40], ax=new_axes(figsize=(1, 1)))
        ax.figure.canvas.draw()
        drawn[token] = bytes(ax.figure.canvas.buffer_rgba())
        assert not boxes(ax).size
    assert drawn["a"] == drawn["b"]


def test_map_survives_pickling():
    ax = plot.map(vectors(MANY), ax=new_axes())
    figure = pickle.loads(pickle.dumps(ax.figure))
    FigureCanvasAgg(figure).draw()
    assert overlapping(boxes(figure.axes[0])) == 0


def test_map_of_a_text_shows_its_tokens():
    layer = EmbeddingLayer(4, input=TokenEncoder(["a", "b", "c"]))
    ax = plot.map(layer, "a b c", ax=new_axes())
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_has_no_place_on_a_map_is_named(odd):
    message = "vectors must be finite to be put on a map. That of 'b' is not."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plot.map([[1.0, 2.0], [odd, 0.0]], ["a", "b"])


def test_labels_take_the_nearest_free_place():
    frame = np.array([0.0, 0.0, 100.0, 100.0])
    points = np.array([[50.0, 50.0], [50.0, 50.0], [99.0, 50.0]])
    found = places(points, np.full((3, 2), 10.0), frame, 4.0)
    assert found[0].tolist() == [54, 45, 64, 55]  # right of its point
    assert found[1].tolist() == [36, 45, 46, 55]  # left, as the right is taken
    assert found[2].tolist() == [85, 45, 95, 55]  # left, as right is outside


def test_label_stays_nearer_to_its_own_point_than_to_others():
    frame = np.array([0.0, 0.0, 100.0, 100.0])
    points = np.array([[40.0, 50.0], [57.5, 50.0]])
    found = places(points, np.array([[10.0, 10.0]] * 2), frame, 4.0)
    assert found[0].tolist() == [26, 45, 36, 55]  # right is nearer to the other
    assert found[1].tolist() == [61.5, 45, 71.5, 55]
    narrow = np.array([39.0, 44.0, 100.0, 56.0])  # there is room on the right alone
    found = places(points, np.array([[10.0, 10.0]] * 2), narrow, 4.0)
    assert found[0].tolist() == [44, 45, 54, 55]


def test_label_without_room_has_no_place():
    frame = np.array([0.0, 0.0, 12.0, 12.0])
    found = places(np.array([[6.0, 6.0]]), np.array([[20.0, 5.0]]), frame, 1.0)
    assert np.isnan(found).all()
