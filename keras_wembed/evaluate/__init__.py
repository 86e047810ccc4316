"""How good word vectors are: against judgements of similarity, and by analogies."""

from keras_wembed.evaluate.analogies import Analogies, Section, analogies
from keras_wembed.evaluate.similarity import Similarity, similarity

__all__ = ["Analogies", "Section", "Similarity", "analogies", "similarity"]
