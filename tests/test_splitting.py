import re
from pathlib import Path

import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keras_wembed.encoders.splitting import NAMES, splitter

DATA = Path(__file__).parent / "data"
# Marks that the lexers know, thrown together as no writer would.
MARKS = (
    "anIosdmptlryecgvu0123 '\u2019.-…,:;/()?!$&_@#\"`+|="
    "\u00a0é\u0301\u200d👍🏽🇫♥中\u2010"
)
TEXTS = st.lists(
    st.text(max_size=40) | st.text(MARKS, max_size=20) | st.binary(max_size=20),
    max_size=5,
)


def split(way, *texts):
    rows = splitter(way)(tf.constant(texts, tf.string)).to_list()
    return [[token.decode() for token in row] for row in rows]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("how are you today", ["how", "are", "you", "today"]),
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ("Wait... what?! (no)", ["Wait", "...", "what", "?!", "(", "no", ")"]),
        ("don't", ["don", "'", "t"]),
        ("snake_case 3x", ["snake_case", "3x"]),
        ("naïve cafe\u0301", ["naïve", "cafe\u0301"]),
        ("東京、日本", ["東京", "、", "日本"]),
        ("a\u3000b\u00a0c\u2028d\x85e\x1cf", ["a", "b", "c", "d", "e", "f"]),
        ("one", ["one"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_words_end_at_boundaries(text, tokens):
    assert split("words", text) == [tokens]


def test_whitespace_keeps_all_else():
    assert split("whitespace", " Well, don't! ", "") == [["Well,", "don't!"], []]


@pytest.mark.parametrize("way", NAMES)
@pytest.mark.parametrize(
    "gap", [" ", "  ", *"\x00\t\n\x0b\x1c\x85\u00a0\u2009\u2028\u3000"]
)
def test_every_kind_of_white_space_splits(way, gap):
    assert split(way, gap.join(["", "one", "two", ""]), gap) == [["one", "two"], []]


def test_treebank_gives_what_the_sentences_say():
    lines = (DATA / "treebank.tsv").read_text("utf-8").splitlines()[1:]
    _, texts, tokens = zip(*(line.split("\t") for line in lines), strict=True)
    rows = [" ".join(row).lower() for row in split("treebank", *texts)]
    assert rows == list(tokens)


@pytest.mark.parametrize("text", ["I DON'T.", "the U.S.-led No. 5", "Émile\u2019s £5"])
def test_treebank_does_not_depend_on_case(text):
    rows = split("treebank", text.lower(), text)
    assert rows[0] == [token.lower() for token in rows[1]]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("J. and I.", "J. and I ."),
        ("Plan B. ", "Plan B ."),
        ("at 7a.m.", "at 7 a.m."),
        ("who'd've", "who 'd 've"),
        ("“don\u2019t”", "“ do n\u2019t ”"),
        ("non\u2011stop soft\u00adness", "non\u2011stop soft\u00adness"),
        ("می‌خواهم، बस।", "می‌خواهم ، बस ।"),
        ("1️⃣ of the 3ème", "1️⃣ of the 3ème"),
        ("a\x97b", "a \x97 b"),
        ("!", "!"),
        ("", ""),
    ],
)
def test_treebank_at_the_edges(text, tokens):
    assert split("treebank", text) == [tokens.split(" ") if tokens else []]


@pytest.mark.parametrize(
    ("pattern", "text", "tokens"),
    [
        (re.compile(r",\s*"), "New York, Paris,Rome", ["New York", "Paris", "Rome"]),
        (re.compile("x", re.IGNORECASE), "aXbxc", ["a", "b", "c"]),
        (re.compile("^-", re.MULTILINE), "-a\n-b", ["a\n", "b"]),
        (re.compile("a.b", re.DOTALL), "1a\nb2", ["1", "2"]),
        (re.compile("x"), "xxaxx", ["a"]),
        (re.compile("x"), "xx", []),
        (re.compile("x"), "é", ["é"]),
        (re.compile(""), "né!", ["n", "é", "!"]),
        (re.compile("x"), "", []),
        (re.compile(r"\W+"), "naïve, café_1", ["naïve", "café_1"]),
        (re.compile(r"[^\w-]+"), "naïve café-au", ["naïve", "café-au"]),
        (re.compile(r"\s"), "a\u00a0b c", ["a", "b", "c"]),
        (re.compile(r"[\d.]"), "a\u0663b.c", ["a", "b", "c"]),
        (re.compile(r"\W", re.ASCII), "né!", ["n"]),
        (re.compile(r"[^]x]"), "]ax", ["]", "x"]),
        (re.compile(r"\["), "a[b", ["a", "b"]),
    ],
)
def test_pattern_matches_delimiters(pattern, text, tokens):
    assert split(pattern, text) == [tokens]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A New York-based, well-known firm", "A New York - based , well - known firm"),
        ("Co-write a non-profit e-mail", "Co-write a non-profit e-mail"),
        ("and/or 1/2 of 10-12", "and / or 1/2 of 10 - 12"),
        ("on 2004-05-06 at -5 or (-5)", "on 2004-05-06 at -5 or ( - 5 )"),
        ("-.5 is 1-800-555-0199", "-.5 is 1-800-555-0199"),
        ("U.S.-led, AT&T's don't", "U.S. - led , AT&T 's do n't"),
        ("“well…” (no)", "“ well … ” ( no )"),
        ("see a-b.com/x-y", "see a-b.com/x-y"),
        ("", ""),
    ],
)
def test_treebank_ud_parts_at_hyphens_and_slashes(text, tokens):
    assert split("treebank-ud", text) == [tokens.split()]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("see https://t.co/a1 or www.x.org", "see <url> or <url>"),
        ("@bob hi", "<user> hi"),
        ("it's 4pm, 1,000.5", "it 's <number> pm , <number>"),
        ("#GoodMorningWorld #win", "<hashtag> Good Morning World <hashtag> win"),
        ("#YOLO", "<hashtag> YOLO <allcaps>"),
        ("no!!! why?!", "no ! <repeat> why ! <repeat>"),
        ("soooo wayyy NOOO", "so <elong> way <elong> NO <allcaps> <elong>"),
        ("cool, I see", "cool , I see"),
        (
            ":) ;-D (: :p :( :/ :| <3",
            "<smile> <smile> <smile> <lolface> <sadface> "
            "<neutralface> <neutralface> <heart>",
        ),
        ("LOL I am", "LOL <allcaps> I am"),
        ("and/or", "and / or"),
        ("", ""),
    ],
)
def test_twitter_tags_what_its_authors_tagged(text, tokens):
    assert split("twitter", text) == [tokens.split()]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("New_York, mother-in-law!", "New York mother in law"),
        ("don't 'quote' don\u2019t", "don't quote don't"),
        ("5 or 12 or 123 or 4x4", "5 or ## or ### or 4x4"),
        ("naïve 東京", "naïve 東京"),
        ("'", ""),
        ("", ""),
    ],
)
def test_numberbatch_keeps_words_and_hides_digits(text, tokens):
    assert split("numberbatch", text) == [tokens.split()]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't, they're the dog's", "Don 't they 're the dog 's"),
        ("5 or 12, 1.5 and 1,250.50", "5 or ## #.# and #,###.##"),
        ("3-2 for a 10-year-old", "#-# for a ##-year-old"),
        ("Mr. Lee of the U.S. paid $5", "Mr. Lee of the U.S. paid $ 5"),
        ("(no) “way”... !", "no way"),
        ("O'Neil's AT&T", "O'Neil 's AT & T"),
        ("", ""),
    ],
)
def test_googlenews_keeps_words_and_hides_digits(text, tokens):
    assert split("googlenews", text) == [tokens.split()]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't (they're) O'Neil", "Don 't ( they 're ) O 'Neil"),
        ("3,000.50 well-known...", "3,000.50 well-known ..."),
        ("Mr. Lee left the U.S. early.", "Mr. Lee left the U.S. early ."),
        ("what?! and/or", "what ? ! and / or"),
        ("", ""),
    ],
)
def test_fasttext_sets_punctuation_apart(text, tokens):
    assert split("fasttext", text) == [tokens.split()]


def test_none_keeps_tokens_and_their_shape():
    tokens = tf.constant([["New York", "a"], ["b", "c"]])
    assert splitter(None)(tokens).numpy().tolist() == tokens.numpy().tolist()


def test_bytes_that_are_not_utf8_are_replaced():
    assert split("whitespace", b"a\xff b\xed\xa0\x80", "é") == [
        ["a\ufffd", "b\ufffd\ufffd\ufffd"],
        ["é"],
    ]


@pytest.mark.parametrize("way", [*NAMES, re.compile(",")])
def test_empty_batch_gives_no_rows(way):
    assert split(way) == []


def test_unknown_name_lists_the_names():
    sentence = (
        "split must be one of 'words', 'whitespace', 'treebank', 'treebank-ud', "
        "'twitter', 'numberbatch', 'fasttext', 'googlenews'. Got 'tree-bank'. Did you "
        "mean 'treebank'?"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        splitter("tree-bank")


def test_other_kind_is_refused():
    sentence = "split must be a name, a compiled pattern or None. Got int 3."
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        splitter(3)


def test_pattern_of_bytes_is_refused():
    sentence = "split must match text, not bytes. Got re.compile(b'a')."
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        splitter(re.compile(b"a"))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (re.compile("(?<=a)b"), "invalid perl operator: (?<"),
        (re.compile(r"(a)\1"), r"invalid escape sequence: \1"),
        (re.compile("a b", re.VERBOSE), "re.VERBOSE"),
    ],
)
def test_pattern_outside_re2_is_refused(pattern, reason):
    sentence = (
        "split must be a pattern that RE2 understands, because TensorFlow runs it."
        f" Got {pattern!r}: {reason}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        splitter(pattern)


@pytest.mark.parametrize("way", [*NAMES, re.compile("[,.]|$")])
def test_any_bytes_split_alike_in_eager_and_graph(way):
    here = splitter(way)
    graph = tf.function(here, input_signature=[tf.TensorSpec([None], tf.string)])

    @settings(max_examples=30, deadline=None)
    @given(TEXTS)
    def agree(texts):
        batch = tf.constant(texts, tf.string)
        tokens = here(batch).to_list()
        assert len(tokens) == len(texts)
        assert all(token.decode() for row in tokens for token in row)
        assert graph(batch).to_list() == tokens

    agree()


# Whole texts are lowered: a final sigma, and what ends a string in C, must not matter.
@pytest.mark.parametrize("way", [*NAMES, re.compile("[,.]|$"), None])
def test_lower_case_is_that_of_each_token(way):
    as_they_stand, lower = splitter(way), splitter(way, lower=True)
    texts = st.text(f"{MARKS}AÉİ\u01c5\u03a3\u0391\x00", max_size=20)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(texts, max_size=4))
    @example(["ΟΔΟΣ'\u0391 ΟΔΟΣ\u200d\u0391", "a\x00B C"])
    @example(["İ\x00"])  # longer in lower case, and by as much as a NUL is long
    def agree(texts):
        batch = tf.constant(texts, tf.string)
        tokens = as_they_stand(batch)
        flat = tokens.flat_values if isinstance(tokens, tf.RaggedTensor) else tokens
        expected = [lowered(token) for token in flat.numpy().tolist()]
        found = lower(batch)
        assert to_list(found) == to_list(
            tokens.with_flat_values(tf.constant(expected, tf.string))
            if isinstance(tokens, tf.RaggedTensor)
            else tf.constant(expected, tf.string)
        )

    agree()


def lowered(token):
    """A token in lower case; TensorFlow itself takes a NUL for its end."""
    parts = [tf.strings.lower(part, encoding="utf-8") for part in token.split(b"\0")]
    return b"\0".join(part.numpy() for part in parts)


def to_list(tokens):
    ragged = isinstance(tokens, tf.RaggedTensor)
    return tokens.to_list() if ragged else tokens.numpy().tolist()


def test_bytes_that_are_not_utf8_can_be_an_error():
    for way in ["words", re.compile(","), None]:
        with pytest.raises(
            ValueError,
            match=re.escape("texts must be UTF-8. Got 'b\ufffd' at position (1,)."),
        ):
            splitter(way, strict=True)(tf.constant(["é", b"b\xff"]))


@pytest.mark.parametrize("way", [*NAMES, re.compile("[,.]|$")])
def test_tf_data_splits_alike(way):
    texts = tf.constant(["I don't, #NoWay", b"\xff", "", "1 2 33"])
    data = tf.data.Dataset.from_tensors(texts).map(splitter(way))
    assert next(iter(data)).to_list() == splitter(way)(texts).to_list()


# The others put tags or `#` where text stood, or let a token begin as a quote does.
@pytest.mark.parametrize("way", ["words", "whitespace", "treebank", "treebank-ud"])
def test_splitting_tokens_again_changes_nothing(way):
    here = splitter(way)

    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def stable(texts):
        once = here(tf.constant(texts, tf.string))
        assert here(tf.strings.reduce_join(once, 1, separator=" ")).to_list() == (
            once.to_list()
        )

    stable()


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1030])
@pytest.mark.parametrize("others", [[], ["", "Été à l'\u00a0ÎLE", b"\xff \x1ca"]])
def test_many_texts_split_in_a_graph_as_each_alone(count, others):
    some = ["", "The cat, sat.", "don't", *others]
    texts = tf.constant([some[at % len(some)] for at in range(count)], tf.string)
    for way in ["words", "treebank"]:
        split = splitter(way, lower=True)
        alone = {text: split([text]).to_list()[0] for text in set(texts.numpy())}
        found = tf.function(split)(texts).to_list()
        assert found == [alone[text] for text in texts.numpy()]


def test_place_of_a_text_that_is_not_utf8_is_that_among_many():
    split = tf.function(splitter("words", strict=True))
    texts = ["a"] * 900 + [b"\xff"] + ["b"] * 99
    with pytest.raises(tf.errors.InvalidArgumentError, match="900"):
        split(tf.constant(texts))
