"""Figures on files of judgements and analogies, and that gensim gives the same."""

import gzip
import re
from pathlib import Path

import gensim
import numpy as np
import pytest
from gensim.models import KeyedVectors

from keras_wembed import EmbeddingLayer, TokenEncoder, evaluate
from keras_wembed.errors import FormatError
from keras_wembed.evaluate.lines import holds_analogies
from keras_wembed.evaluate.ranks import pearson, ranks, spearman
from keras_wembed.vectors import WordVectors

VECTORS = WordVectors(
    ("north", "east", "northeast", "south", "North"),
    np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, -1.0], [5.0, -9.0]]),
)
# Files that gensim carries for its own tests.
PEER = Path(gensim.__file__).parent / "test" / "test_data"


def peer(vectors):
    model = KeyedVectors(vectors.size)
    model.add_vectors(list(vectors.tokens), vectors.matrix)
    return model


@pytest.fixture(scope="module")
def glove(shared):
    return WordVectors.read(shared / "glove" / "glove.6B.50d.top10361.txt")


@pytest.fixture
def write(tmp_path):
    def write(text, name="file.txt"):
        path = tmp_path / name
        data = text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


# --- Judgements of similarity ---------------------------------------------------------

SCORES = [
    ((9, 5, 1, 7), 1.0),
    ((1, 5, 9, 7), -1.0),
    ((9, 1, 5, 7), 0.5),
    ((9, 1, 1, 7), 3**0.5 / 2),
]
PAIRS = ["north\tNortheast", "north\teast", "north\tsouth", "north\tup"]


@pytest.mark.parametrize(("scores", "expected"), SCORES)
def test_correlation_of_ranks(write, scores, expected):
    pairs = zip(PAIRS, scores, strict=True)
    path = write("".join(f"{pair}\t{score}\n" for pair, score in pairs))
    found = evaluate.similarity(VECTORS, path)
    assert found.spearman == pytest.approx(expected)
    assert (found.known, found.pairs, found.coverage) == (3, 4, 0.75)


FORMS = {
    "tabs": "north\teast\t5\nnorth\tnortheast\t9.5\nnorth\tsouth\t1\n",
    "blanks": "north east 5\nnorth  northeast 9.5\nnorth south 1",
    "commas": "north,east,5\nnorth,northeast, 9.5\nnorth,south,1\n",
    "comments": "# judged\n\nnorth\teast\t5\n#\nnorth\tnortheast\t9.5\nnorth south 1",
    "header": "one\tother\tmean\nnorth east 5\nnorth northeast 9.5\nnorth south 1\n",
    "columns": "one\tother\tPOS\tmean\tsd\nnorth\teast\tN\t5\t1\nnorth\tnortheast\tN\t"
    "9.5\t2\nnorth\tsouth\tN\t1\t3\n",
    "windows": "\ufeffnorth\teast\t5\r\nnorth\tnortheast\t9.5\r\nnorth\tsouth\t1\r\n",
}


@pytest.mark.parametrize("name", ["file.txt", "file.txt.gz"])
@pytest.mark.parametrize("form", FORMS)
def test_file_may_have_any_usual_form(write, form, name):
    found = evaluate.similarity(VECTORS, write(FORMS[form], name))
    assert (found.known, found.pairs) == (3, 3)
    assert found.spearman == pytest.approx(1)
    assert found.pearson == pytest.approx(
        np.corrcoef([5, 9.5, 1], [0, 2**-0.5, -1])[0, 1]
    )


def test_result_reads_well(write):
    path = write(FORMS["tabs"], "mine.txt")
    text = "mine.txt: Spearman 1.000, Pearson 0.991, 3 of 3 pairs"
    assert repr(evaluate.similarity(VECTORS, path)) == text


def test_spelling_counts_where_case_does(write):
    path = write("NORTH\teast\t1\nnorth\teast\t5\nNorth\teast\t3\n")
    assert evaluate.similarity(VECTORS, path, ignore_case=False).known == 2
    assert evaluate.similarity(VECTORS, path).known == 3


def test_rows_beyond_the_limit_do_not_count(write):
    path = write(FORMS["tabs"])
    assert evaluate.similarity(VECTORS, path, limit=3).known == 2
    assert evaluate.similarity(VECTORS, path, limit=None).known == 3


def test_vectors_of_a_layer_are_judged_too(write):
    encoder = TokenEncoder(VECTORS.tokens[:4])
    layer = EmbeddingLayer.from_vectors(VECTORS, input=encoder)
    path = write(FORMS["tabs"])
    assert evaluate.similarity(layer.vectors(), path).known == 3


@pytest.mark.parametrize("name", ["wordsim353.tsv", "simlex999.txt"])
@pytest.mark.parametrize("limit", [5000, 300_000])
def test_correlation_is_that_of_gensim(glove, name, limit):
    found = evaluate.similarity(glove, PEER / name, limit=limit)
    pearson, spearman, unknown = peer(glove).evaluate_word_pairs(
        PEER / name, restrict_vocab=limit
    )
    assert found.spearman == pytest.approx(spearman[0], abs=1e-6)
    assert found.pearson == pytest.approx(pearson[0], abs=1e-6)
    assert 1 - found.coverage == pytest.approx(unknown / 100)
    assert found.known > 50


@pytest.mark.parametrize("case", [True, False])
def test_correlation_is_that_of_gensim_whatever_the_case(write, case):
    path = write("North\teast\t5\nNORTH\tnortheast\t2\nnorth\tsouth\t4\nup\teast\t1\n")
    _, spearman, _ = peer(VECTORS).evaluate_word_pairs(path, case_insensitive=case)
    found = evaluate.similarity(VECTORS, path, ignore_case=case)
    assert found.spearman == pytest.approx(spearman[0])


BAD_PAIRS = [
    (
        "north\teast\t5\nnorth\tsouth\n",
        FormatError,
        "file.txt, line 2, must be two tokens and a number. Got 'north\\tsouth'.",
    ),
    (
        "north\teast\t5\nup\tdown\t1\n",
        ValueError,
        "file.txt must hold at least two pairs whose tokens have a row. "
        "Got 1, of 2 pairs.",
    ),
    (
        "",
        ValueError,
        "file.txt must hold at least two pairs whose tokens have a row. "
        "Got 0, of 0 pairs.",
    ),
]


@pytest.mark.parametrize(("text", "error", "message"), BAD_PAIRS)
def test_file_without_judgements_is_refused(write, text, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        evaluate.similarity(VECTORS, write(text))


def test_file_that_is_no_utf8_is_refused(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes("a\tb\t1\nä\tb\t2\n".encode("latin-1"))
    message = r"latin.txt, line 2, must be UTF-8. Got b'\xe4\tb\t2\n'."
    with pytest.raises(FormatError, match=f"^{re.escape(message)}$"):
        evaluate.similarity(VECTORS, path)


def test_limit_is_checked(write):
    with pytest.raises(ValueError, match=r"^limit must be at least 1\. Got 0\.$"):
        evaluate.similarity(VECTORS, write(FORMS["tabs"]), limit=0)


def test_equal_values_share_their_rank():
    assert ranks(np.array([5.0, 1.0, 5.0, 7.0])).tolist() == [2.5, 1, 2.5, 4]


def test_correlation_with_a_constant_is_no_number():
    one, other = np.ones(3), np.arange(3.0)
    assert np.isnan(pearson(one, other))
    assert np.isnan(spearman(other, one))


# --- Analogies ------------------------------------------------------------------------

QUESTIONS = """// made up
: capital-common-countries
athens greece paris france
paris france athens greece
athens greece berlin germany
athens greece paris spain
: nothing known
oslo norway athens greece
: gram1
Good better BAD worse
"""
PLACES = WordVectors(
    ("athens", "greece", "paris", "france", "spain", "good", "better", "bad", "worse"),
    np.float32(
        [
            [1, 0, 0],
            [1, 2, 0],
            [0, 0, 1],
            [0, 2, 1],
            [0.5, -1, 1],
            [0, -3, 0],
            [0, -3, 5],
            [-2, -2, 0],
            [-2, -2, 3],
        ]
    ),
)


def counts(section):
    return section.name, section.correct, section.known, section.questions


def test_sections_are_counted(write):
    found = evaluate.analogies(PLACES, write(QUESTIONS))
    assert list(map(counts, found.sections)) == [
        ("capital-common-countries", 2, 3, 4),
        ("nothing known", 0, 0, 1),
        ("gram1", 1, 1, 1),
    ]
    assert counts(found.total) == ("total", 3, 4, 6)
    assert (found.accuracy, found.coverage) == (3 / 4, 4 / 6)
    assert found.sections[1].accuracy == 0


def test_table_of_sections_reads_well(write):
    assert repr(evaluate.analogies(PLACES, write(QUESTIONS))).splitlines() == [
        "capital-common-countries   66.7%       2 of      3 known,      4 in all",
        "nothing known               0.0%       0 of      0 known,      1 in all",
        "gram1                     100.0%       1 of      1 known,      1 in all",
        "total                      75.0%       3 of      4 known,      6 in all",
    ]


def sections_of(peers):
    return [
        (
            each["section"],
            len(each["correct"]),
            len(each["correct"] + each["incorrect"]),
        )
        for each in peers[:-1]
    ]


@pytest.mark.parametrize("case", [True, False])
@pytest.mark.parametrize("limit", [4, 300_000])
def test_accuracy_is_that_of_gensim_on_a_made_table(write, case, limit):
    path = write(QUESTIONS.partition("\n")[2])
    _, peers = peer(PLACES).evaluate_word_analogies(
        path, restrict_vocab=limit, case_insensitive=case
    )
    found = evaluate.analogies(PLACES, path, ignore_case=case, limit=limit)
    assert [counts(each)[:3] for each in found.sections] == sections_of(peers)


def test_accuracy_is_that_of_gensim(glove, tmp_path):
    lines = (PEER / "questions-words.txt").read_text().splitlines(keepends=True)
    some = [line for at, line in enumerate(lines) if at % 23 == 0 or line[0] == ":"]
    path = tmp_path / "some.txt"  # for all 19,544 gensim takes a minute
    path.write_text("".join(some))
    accuracy, peers = peer(glove).evaluate_word_analogies(path)
    found = evaluate.analogies(glove, path)
    assert [counts(each)[:3] for each in found.sections] == sections_of(peers)
    assert found.accuracy == pytest.approx(accuracy)
    assert found.total.known > 250


def test_other_spellings_of_the_question_are_no_answer(write):
    tokens = ("a", "b", "c", "C", "B", "d")
    rows = np.float32([[1, 0], [1, 1], [0, 1], [-0.1, 2], [0, 1.9], [1, 9]])
    path = write(": cases\nA B c D\n")
    assert evaluate.analogies(WordVectors(tokens, rows), path).accuracy == 1
    found = evaluate.analogies(WordVectors(tokens, rows), path, ignore_case=False)
    assert found.coverage == 0


def test_rows_beyond_the_limit_are_no_answer(write):
    rows = np.array([[1, 0], [1, 1], [0, 1], [-1, 9], [-0.2, 1]])
    vectors, path = WordVectors(tuple("abcde"), rows), write(": one\na b c d\n")
    assert evaluate.analogies(vectors, path, limit=4).accuracy == 1
    assert evaluate.analogies(vectors, path).accuracy == 0


BAD_QUESTIONS = [
    (
        "athens greece paris france\n",
        "file.txt, line 1, must be ': ' and the name of a section. "
        "Got 'athens greece paris france'.",
    ),
    (
        ": a\nathens greece paris\n",
        "file.txt, line 2, must be four tokens. Got 'athens greece paris'.",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD_QUESTIONS)
def test_file_without_analogies_is_refused(write, text, message):
    with pytest.raises(FormatError, match=f"^{re.escape(message)}$"):
        evaluate.analogies(PLACES, write(text))


def test_empty_file_holds_no_analogies(write):
    found = evaluate.analogies(PLACES, write("# nothing\n"))
    assert (found.sections, found.accuracy, found.coverage) == ((), 0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(QUESTIONS, True), (":a\n", True), (FORMS["comments"], False), ("", False)],
)
def test_kind_of_a_file_is_seen_from_its_first_line(write, text, expected):
    assert holds_analogies(write(text)) is expected
