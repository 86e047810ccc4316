"""Questions to word vectors, and that gensim answers the same."""

import re

import numpy as np
import pytest
from gensim.models import KeyedVectors

from keras_wembed.vectors import WordVectors

TABLE = {
    "man": [1, 0, 1],
    "king": [2, 0, 6],
    "woman": [0, 1, 1],
    "queen": [0, 1, 3],
    "child": [1, 1, 1],
    "tax": [-3, -3, 0.5],
    "Tax": [-3, -2, 0.5],
}
MADE = WordVectors(tuple(TABLE), np.array(list(TABLE.values()), np.float32))


@pytest.fixture(scope="session")
def glove(shared):
    return WordVectors.read(shared / "glove" / "glove.6B.50d.top10361.txt")


@pytest.fixture(params=["made", "glove"])
def vectors(request):
    return MADE if request.param == "made" else request.getfixturevalue("glove")


@pytest.fixture
def gensim(vectors):
    model = KeyedVectors(vectors.size)
    model.add_vectors(list(vectors.tokens), vectors.matrix)
    return model


def assert_same(answer, expected):
    assert [token for token, _ in answer] == [token for token, _ in expected]
    np.testing.assert_allclose(
        [cosine for _, cosine in answer], [cosine for _, cosine in expected], atol=1e-6
    )


MEANS = [
    (["man"], []),
    (["king", "woman"], ["man"]),
    (["woman", "child", "queen"], []),
    ([], ["tax"]),
    (["king", "king"], ["queen", "tax"]),
]


@pytest.mark.parametrize(("positive", "negative"), MEANS)
def test_neighbours_of_a_mean_are_those_of_gensim(vectors, gensim, positive, negative):
    about = {"positive": positive, "negative": negative}
    expected = gensim.most_similar(**about, topn=5)
    assert_same(vectors.most_similar(**about, k=5), expected)


def test_neighbours_of_tokens_and_vectors_are_those_of_gensim(vectors, gensim):
    tokens = ["king", "child"]
    expected = [gensim.most_similar(token, topn=4) for token in tokens]
    for answer, other in zip(vectors.most_similar(tokens, k=4), expected, strict=True):
        assert_same(answer, other)
    rows = vectors[tokens]
    expected = [gensim.similar_by_vector(row, topn=4) for row in rows]
    for answer, other in zip(vectors.most_similar(rows, k=4), expected, strict=True):
        assert_same(answer, other)


def test_first_rows_alone_answer_as_in_gensim(vectors, gensim):
    expected = gensim.most_similar("king", topn=2, restrict_vocab=4)
    assert_same(
        vectors.most_similar("king", k=2, restrict=vectors.tokens[:4]), expected
    )


def test_analogy_is_that_of_gensim(vectors, gensim):
    expected = gensim.most_similar(positive=["king", "woman"], negative=["man"], topn=3)
    assert_same(vectors.analogy("man", "king", "woman", k=3), expected)
    assert expected[0][0] == "queen"


def test_similarity_is_that_of_gensim(vectors, gensim):
    for pair in [("king", "queen"), ("king", "tax"), ("man", "man")]:
        expected = pytest.approx(gensim.similarity(*pair), abs=1e-6)
        assert vectors.similarity(*pair) == expected


def test_odd_one_out_is_that_of_gensim(vectors, gensim):
    tokens = ["man", "woman", "tax", "child"]
    assert vectors.doesnt_match(tokens) == gensim.doesnt_match(tokens) == "tax"
    tokens = ["king", "queen", "child", "woman"]
    assert vectors.doesnt_match(tokens) == gensim.doesnt_match(tokens)


def test_distances_are_those_of_gensim(vectors, gensim):
    tokens, others = ["king", "queen", "king"], ["tax", "man"]
    expected = [gensim.distances(token, others) for token in tokens]
    found = vectors.distances(tokens, others)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    alone = vectors.distances("king", others)
    np.testing.assert_allclose(alone, found[0], rtol=0, atol=1e-15)


def test_distance_matrix_is_symmetric_and_zero_on_its_diagonal():
    vectors = WordVectors(("king", "zero", "tax"), np.array([[1, 2], [0, 0], [2.0, 1]]))
    found = vectors.distances(["king", "zero", "tax"])
    assert found.tolist() == found.T.tolist()
    assert found.diagonal().tolist() == [0, 0, 0]
    assert found[0, 1] == 1
    assert MADE.distances([]).shape == (0, 0)
    assert MADE.distances(["king"], []).shape == (1, 0)


KING = TABLE["king"]
ALIKE = [
    "king",
    np.str_("king"),
    KING,
    tuple(KING),
    np.array(KING),
    np.array(KING, np.float16),
]
BATCHES = [
    ["king", "king"],
    ("king", "king"),
    iter(["king", "king"]),
    np.array(["king", "king"]),
    np.array(["king", "king"], object),
    ["king", KING],
    [KING, np.array(KING)],
    np.array([KING, KING]),
]


@pytest.mark.parametrize("query", ALIKE)
def test_one_query_may_have_any_form(query):
    answer = MADE.most_similar(query, k=3)
    named = [token for token, _ in answer]
    own = [] if isinstance(query, str) else ["king"]
    assert named == [*own, "queen", "man", "child"][:3]


@pytest.mark.parametrize("queries", BATCHES)
def test_batch_may_have_any_form(queries):
    answers = MADE.most_similar(queries, k=1)
    assert len(answers) == 2
    assert {answer[0][0] for answer in answers} <= {"king", "queen"}


def test_no_queries_have_no_answers():
    assert MADE.most_similar([]) == []
    assert MADE.most_similar(np.zeros((0, 3))) == []


def test_tokens_asked_with_are_left_out():
    named = {t for t, _ in MADE.most_similar(positive="man", negative="tax", k=99)}
    assert named == set(TABLE) - {"man", "tax"}
    assert len(MADE.most_similar(np.array(KING), k=99)) == len(TABLE)


def test_answer_holds_only_tokens_that_it_is_restricted_to():
    chosen = ["tax", "king", "nothing", "man", "tax"]
    answers = MADE.most_similar(["king", "child"], restrict=iter(chosen))
    named = [[token for token, _ in answer] for answer in answers]
    assert named == [["man", "tax"], ["man", "king", "tax"]]
    assert MADE.most_similar("king", restrict=[]) == []
    assert MADE.most_similar("king", restrict=["unheard-of"]) == []


ERRORS = [
    (
        lambda: MADE.most_similar(),
        ValueError,
        "most_similar must have either a query, or positive and negative ones. "
        "Got neither.",
    ),
    (
        lambda: MADE.most_similar("king", positive=["man"]),
        ValueError,
        "most_similar must have either a query, or positive and negative ones. "
        "Got both.",
    ),
    (
        lambda: MADE.most_similar([KING, [1, 2]]),
        ValueError,
        "query must be a token or a vector of shape (3,). Got shape (2,).",
    ),
    (
        lambda: MADE.most_similar(5),
        ValueError,
        "query must be a token or a vector of shape (3,). Got shape ().",
    ),
    (
        lambda: MADE.most_similar("king", restrict="man"),
        TypeError,
        "restrict must be a list of tokens. Got 'man'.",
    ),
    (
        lambda: MADE.doesnt_match("king"),
        TypeError,
        "tokens must be a list of tokens. Got 'king'.",
    ),
    (
        lambda: MADE.doesnt_match(["king", 1]),
        TypeError,
        "tokens must be str. Got int.",
    ),
    (
        lambda: MADE.doesnt_match([]),
        ValueError,
        "tokens must hold at least one token. Got none.",
    ),
]


@pytest.mark.parametrize(("ask", "error", "message"), ERRORS)
def test_question_that_makes_no_sense_is_refused(ask, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        ask()


@pytest.mark.parametrize(
    ("token", "hint"),
    [
        ("King", " Did you mean 'king'?"),
        ("tAX", " Did you mean 'tax'?"),
        ("unheard-of", ""),
    ],
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda token: MADE.most_similar(token),
        lambda token: MADE.most_similar(negative=["king", token]),
        lambda token: MADE.analogy("man", token, "king"),
        lambda token: MADE.similarity("man", token),
        lambda token: MADE.distances("man", [token]),
        lambda token: MADE.doesnt_match(["man", token]),
    ],
)
def test_token_without_a_row_is_named(ask, token, hint):
    with pytest.raises(KeyError) as raised:
        ask(token)
    assert raised.value.args[0] == f"No row for the token {token!r}.{hint}"
