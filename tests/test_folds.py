import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_wembed.encoders.folds import MARKS, spellings
from keras_wembed.encoders.tokens import TokenEncoder


@pytest.mark.parametrize(
    ("vocabulary", "text", "ids"),
    [
        (['"', "...", "--"], "“ ” … — \u2013", [1, 1, 2, 3, 3]),
        (["“", "…", "—"], "“ ” ... --", [1, 4, 2, 3]),
        (["-", "``", "''"], "— “ ”", [1, 2, 3]),
        (["n't", "o'neil"], "do n\u2019t O\u2019Neil's", [3, 1, 2, 3]),
        (["n\u2019t"], "n't n\u2019t", [1, 1]),
        (["-lrb-", "-rrb-"], "( )", [1, 2]),
        (["e-mail"], "e\u2011mail E\u2010MAIL", [1, 1]),
        (["café"], "cafe\u0301 café", [1, 1]),
        (["\u2013", "“"], "\x96 \x93", [1, 2]),
        (["--", '"'], "\x96 \x93 \x81", [1, 2, 3]),
        (["\x96", "\u2013"], "\x96 \u2013", [1, 2]),
        (["”", '"'], "” “", [1, 2]),
        (["a"], "“", [2]),
    ],
)
def test_vocabulary_says_which_mark_is_which(vocabulary, text, ids):
    assert TokenEncoder(vocabulary, split="treebank")(text).numpy().tolist() == ids


def test_folds_know_the_case_that_the_encoder_ignores():
    encoder = TokenEncoder(["O'Neil", "CAFÉ"], split="whitespace")
    assert encoder("o\u2019neil cafe\u0301").numpy().tolist() == [1, 2]


def test_tokens_that_are_split_already_stay_as_they_are():
    assert TokenEncoder(['"'], split=None)(["“", '"']).numpy().tolist() == [2, 1]


TOKENS = st.sets(st.sampled_from([*MARKS, "it's", "it\u2019s", "x-y", "é", "\x93"]))


@given(TOKENS)
def test_folds_never_touch_a_token_and_lead_to_one(tokens):
    ids = {token: id for id, token in enumerate(sorted(tokens), start=1)}
    folds = spellings(ids)
    assert not folds.keys() & tokens
    assert set(folds.values()) <= set(ids.values())
