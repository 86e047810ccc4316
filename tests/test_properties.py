import re

import pytest

from keras_wembed import zoo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ByteCount", 400_000 * 50 * 4),
        ("ConstructionNotebook", "https://nlp.stanford.edu/projects/glove/"),
        ("DefaultVariant", "glove-6b-50d"),
        ("InputDomains", {"Input": "text"}),
        ("ParameterNames", ("size",)),
        ("ParametersAllowedValues", {"size": (50, 100, 200, 300)}),
        ("ParametersInformation", {"size": "The width of a vector."}),
        ("TaskType", "Feature extraction"),
        ("TrainingSetData", "Wikipedia 2014 and Gigaword 5"),
        (
            "TrainingSetInformation",
            "Wikipedia 2014 and Gigaword 5, 6B tokens. "
            "Tokenizer: Stanford (Penn Treebank), lower-cased.",
        ),
        (
            "Variants",
            ("glove-6b-50d", "glove-6b-100d", "glove-6b-200d", "glove-6b-300d"),
        ),
    ],
)
def test_card_answers_what_net_model_answers(name, value):
    assert zoo.card("glove-6b-50d").information(name) == value


def test_source_is_told():
    source = zoo.card("glove-6b-50d").information("SourceMetadata")
    assert source["Rights"] == "PDDL-1.0"
    assert source["Date"] == 2014
    assert source["Citation"].startswith("Jeffrey Pennington")
    assert source["Creator"].startswith("Jeffrey Pennington")
    assert source["Source"] == "https://nlp.stanford.edu/projects/glove/"


def test_properties_are_listed():
    card = zoo.card("glove-6b-50d")
    assert set(card.information("Properties")) > {"EvaluationNet", "TrainingNet"}


def test_unknown_property_is_refused():
    message = "Got 'ByteCounts'. Did you mean 'ByteCount'?"
    with pytest.raises(ValueError, match=f"{re.escape(message)}$"):
        zoo.card("glove-6b-50d").information("ByteCounts")


def test_model_of_its_own_has_no_parameters():
    card = zoo.card("glove-840b-300d")
    assert card.information("ParameterNames") == ()
    assert card.information("Variants") == ("glove-840b-300d",)


def test_models_of_one_size_differ_by_name():
    card = zoo.card("fasttext-cc-de-300d")
    allowed = card.information("ParametersAllowedValues")["name"]
    assert "fasttext-cc-fr-300d" in allowed
    assert card.information("ByteCount") is None


def test_uninitialized_net_has_a_row_for_unknown_tokens():
    net = zoo.card("glove-6b-50d").information("UninitializedEvaluationNet")
    assert (net.size, net.n) == (50, 400_001)
