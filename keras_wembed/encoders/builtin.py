"""What a `TokenEncoder` is made of where it is given nothing."""

from keras_wembed import catalogue
from keras_wembed.formats.compact import load_compact
from keras_wembed.vocabulary import Vocabulary


def built_in_vocabulary() -> Vocabulary:
    """The tokens of the vectors that ship with the package."""
    card = catalogue.card(catalogue.DEFAULT)
    tokens, *_ = load_compact(card.folder / card.file)
    return Vocabulary(tokens)


def built_in_split() -> str:
    """How the text was split that they were trained on."""
    return catalogue.card(catalogue.DEFAULT).split
