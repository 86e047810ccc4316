"""Pictures of vectors: a matrix, neighbours, a map, similarities, a projector.

Each takes the axes to draw in, or makes a figure, and returns the axes. Matplotlib is
imported when the first is drawn; `plot.terminal` draws in a terminal, without it.
"""

from keras_wembed.plot import terminal
from keras_wembed.plot.bars import neighbours
from keras_wembed.plot.folder import projector
from keras_wembed.plot.heat import matrix, similarity
from keras_wembed.plot.scatter import map

__all__ = ["map", "matrix", "neighbours", "projector", "similarity", "terminal"]
