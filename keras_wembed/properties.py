"""What Wolfram's `NetModel` tells of a model, told of a card."""

from collections.abc import Callable, Mapping
from typing import Any

from keras_wembed import catalogue
from keras_wembed.card import Card
from keras_wembed.choices import one_of

FLOAT = 4  # bytes of a number in a table


def property_of(card: Card, name: str) -> Any:
    """A property by the name that `NetModel` gives it.

    Raises:
        ValueError: If there is none of that name; lists them.

    >>> property_of(catalogue.card("glove-6b-50d"), "ByteCount")
    80000000
    """
    return _PROPERTIES[one_of("property", name, _PROPERTIES)](card)


def _byte_count(card: Card) -> int | None:
    return None if card.rows is None else FLOAT * card.rows * card.size


def _load(**arguments: Any) -> Callable[[Card], Any]:
    """A property that is the layer itself: fetched, and loaded with TensorFlow."""

    def layer(card: Card) -> Any:
        from keras_wembed import zoo

        return zoo.load(card.name, **arguments)

    return layer


def _evaluation_function(card: Card) -> Callable[..., Any]:
    def evaluate(inputs: Any) -> Any:
        return _load()(card)(inputs)

    return evaluate


def _uninitialized(card: Card) -> Any:
    from keras_wembed.embedding import EmbeddingLayer

    return EmbeddingLayer(card.size, card.rows and card.rows + 1)


def _source(card: Card) -> dict[str, Any]:
    return {
        "Citation": card.citation,
        "Creator": card.creator,
        "Date": card.year,
        "Rights": card.license,
        "Source": card.source,
    }


def _training_set(card: Card) -> str:
    tokens = f", {card.corpus_tokens} tokens" if card.corpus_tokens else ""
    return f"{card.corpus}{tokens}. Tokenizer: {card.tokenizer}."


def _parameters(card: Card) -> dict[str, tuple[Any, ...]]:
    """What tells the models of one download apart, and its values."""
    if len(card.variants) < 2:
        return {}
    cards = catalogue.cards()
    sizes = tuple(cards[name].size for name in card.variants)
    if len(set(sizes)) == len(sizes):
        return {"size": sizes}
    return {"name": card.variants}


_EXPLAINED = {"size": "The width of a vector.", "name": "The name of the model."}

_PROPERTIES: Mapping[str, Callable[[Card], Any]] = {
    "ByteCount": _byte_count,
    "ConstructionNotebook": lambda card: card.source,
    "DefaultVariant": lambda card: card.variants[0],
    "EvaluationFunction": _evaluation_function,
    "EvaluationNet": _load(),
    "InputDomains": lambda card: {"Input": "text"},
    "ParameterNames": lambda card: tuple(_parameters(card)),
    "ParametersAllowedValues": _parameters,
    "ParametersInformation": lambda card: {
        name: _EXPLAINED[name] for name in _parameters(card)
    },
    "Properties": lambda card: tuple(_PROPERTIES),
    "SourceMetadata": _source,
    "TaskType": lambda card: "Feature extraction",
    "TrainingNet": _load(trainable=True),
    "TrainingSetData": lambda card: card.corpus,
    "TrainingSetInformation": _training_set,
    "UninitializedEvaluationNet": _uninitialized,
    "Variants": lambda card: card.variants,
}
