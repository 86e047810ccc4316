import keras
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.encoders.tokens import TokenEncoder

VOCABULARY = ["new_york_city", "new_york", "new", "york", "city_hall", "a", "####"]


def phrases(*texts, vocabulary=VOCABULARY, **options):
    encoder = TokenEncoder(vocabulary, split="numberbatch", **options)
    rows = encoder.tokenize(texts).to_list()
    return [[token.decode() for token in row] for row in rows]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("New York", ["new_york"]),
        ("a New York City hall", ["a", "new_york_city", "hall"]),
        ("York City Hall", ["york", "city_hall"]),
        ("new new york york", ["new", "new_york", "york"]),
        ("New-York, a New_York", ["new_york", "a", "new_york"]),
        ("york new", ["york", "new"]),
        ("in 1984", ["in", "####"]),
        ("new", ["new"]),
        ("", []),
    ],
)
def test_longest_phrase_from_the_left_wins(text, tokens):
    assert phrases(text) == [tokens]


def test_phrases_end_with_their_text():
    assert phrases("a new", "york", "", "city", "hall") == [
        ["a", "new"],
        ["york"],
        [],
        ["city"],
        ["hall"],
    ]


def test_phrases_are_found_though_their_beginnings_are_none():
    vocabulary = ["a_b_c_d", "b_c"]
    assert phrases("a b c d", "a b c", vocabulary=vocabulary) == [
        ["a_b_c_d"],
        ["a", "b_c"],
    ]


def test_case_counts_where_it_is_not_ignored():
    encoder = TokenEncoder(["New_York"], split="googlenews", ignore_case=False)
    assert encoder(["New York", "new york"]).numpy().tolist() == [[1, 0], [2, 2]]


def test_endings_join_too():
    encoder = TokenEncoder(["didn_'t"], split="googlenews", ignore_case=False)
    assert encoder("didn't").numpy().tolist() == [1]


def test_other_ways_join_nothing():
    encoder = TokenEncoder(VOCABULARY, split="treebank")
    assert encoder("new york").numpy().tolist() == [3, 4]


def test_adapt_counts_words_whatever_it_knew_before():
    encoder = TokenEncoder(split="numberbatch")
    encoder.adapt(["a b", "a_b"])
    assert encoder.vocabulary == ("a", "b")
    other = TokenEncoder(["a_b"], split="numberbatch")
    assert other("a b").numpy().tolist() == [1]
    other.adapt(["a b", "a_c"])
    assert other.vocabulary == ("a", "b", "c")
    assert other("a b").numpy().tolist() == [1, 2]


def test_coverage_counts_phrases():
    encoder = TokenEncoder(VOCABULARY, split="numberbatch")
    found = encoder.coverage(["New York is new"])
    assert (found.tokens, found.known_tokens, found.misses) == (3, 2, (("is", 1),))


def test_phrases_survive_export(tmp_path):
    encoder = TokenEncoder(VOCABULARY, split="numberbatch")
    model = keras.Sequential([keras.Input((), dtype="string"), encoder])
    archive = keras.export.ExportArchive()
    archive.track(model)
    spec = [tf.TensorSpec([None], tf.string)]
    archive.add_endpoint("serve", model.__call__, input_signature=spec)
    archive.write_out(str(tmp_path / "model"))
    serve = tf.saved_model.load(str(tmp_path / "model")).serve
    texts = tf.constant(["a New York City hall", "new"])
    assert serve(texts).numpy().tolist() == [[6, 1, 8], [3, 0, 0]]


def greedy(words, vocabulary):
    found = []
    while words:
        counts = range(len(words), 0, -1)
        joined = ("_".join(words[:count]) for count in counts)
        phrase = next((each for each in joined if each in vocabulary), words[0])
        found.append(phrase)
        words = words[phrase.count("_") + 1 :]
    return found


TEXTS = st.lists(st.lists(st.sampled_from("abc"), max_size=12), max_size=5)
TOKENS = ["a_a", "a_b_c", "b_c_a_a", "c_b", "b", "a_b_c_c_c"]


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_phrases_are_those_of_a_greedy_reader(texts):
    found = phrases(*map(" ".join, texts), vocabulary=TOKENS) if texts else []
    assert found == [greedy(words, TOKENS) for words in texts]
