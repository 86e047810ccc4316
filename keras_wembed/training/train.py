"""From plain text to word vectors."""

import contextlib
import tempfile
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keras_wembed.encoders.splitting import splitter
from keras_wembed.storage import replacing
from keras_wembed.training import counting
from keras_wembed.training.choosing import chosen
from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.corpus import Corpus, Lines
from keras_wembed.training.fitting import fit
from keras_wembed.training.frequency import without_frequency
from keras_wembed.training.progress import bar
from keras_wembed.training.settings import Settings
from keras_wembed.training.stream import Split, Stream
from keras_wembed.training.tiling import Tiling
from keras_wembed.vectors import WordVectors

CHUNK = 1 << 21  # ids whose pairs are sorted at once: 160 MB with a window of 10


def train(
    corpus: Corpus,
    *,
    size: int = 50,
    min_count: int = 5,
    max_tokens: int | None = None,
    window: int = 10,
    x_max: float = 5.0,
    alpha: float = 0.75,
    iterations: int = 25,
    learning_rate: float = 0.3,
    accumulator: float = 1.0,
    split: str = "treebank",
    ignore_case: bool = True,
    seed: int = 0,
    remove_frequency: bool = True,
    folder: str | PathLike[str] | None = None,
) -> WordVectors:
    """Word vectors trained on plain text by GloVe.

    Tokens that often stand near each other get vectors with a large product. The text
    is read once, from disk to disk: what is in memory grows with the vocabulary and
    not with the corpus.

    Ctrl-C while the model is trained ends that early, with the vectors as they are;
    before, it raises `KeyboardInterrupt`. With a `folder` a later call goes on.

    Args:
        corpus: The path of a text file, plain or .gz; several, as `Path` objects; or
            lines of text. No pair of tokens crosses the end of a line.
        size: The width of a vector.
        min_count: Tokens that stand less often in the corpus are left out.
        max_tokens: At most so many tokens are kept, the most frequent ones.
        window: How many tokens to either side are near; one at distance d counts 1/d.
        x_max: From this count on a pair has its full weight.
        alpha: Below it, the weight is `(count / x_max) ** alpha`.
        iterations: How often all pairs are gone through.
        learning_rate: Of AdaGrad.
        accumulator: Where AdaGrad's sums of squares start.
        split: How text becomes tokens, as in `TokenEncoder`.
        ignore_case: Whether capitals are made small letters.
        seed: The same seed gives the same vectors.
        remove_frequency: Whether what follows from a token's count alone is taken
            from its vector: rare and frequent tokens are then neighbours by meaning.
        folder: Where all is kept that a later call with the same folder goes on from.
            None: nowhere.

    Returns:
        A vector for each token, the sum of its two; the most frequent token first.

    Raises:
        TypeError: If the corpus is neither paths nor lines.
        ValueError: If an argument is bad, no token is left, or the folder holds a
            training with other arguments.

    Source: Pennington, Socher, Manning 2014, GloVe: Global Vectors for Word
    Representation.

    >>> vectors = train(["the cat sat", "the dog sat"] * 9, size=4, iterations=1)
    >>> vectors.tokens, vectors.matrix.shape
    (('the', 'sat', 'cat', 'dog'), (4, 4))
    """
    settings = Settings(
        size=size,
        min_count=min_count,
        max_tokens=max_tokens,
        window=window,
        x_max=x_max,
        alpha=alpha,
        iterations=iterations,
        learning_rate=learning_rate,
        accumulator=accumulator,
        split=split,
        ignore_case=ignore_case,
        seed=seed,
    )
    lines = Lines(corpus)
    split_text = splitter(settings.split, lower=settings.ignore_case)
    with _kept(folder) as place:
        settings.keep(place, lines.identity)
        stream = _read(lines, split_text, place / "stream")
        rows = chosen(stream.counts, min_count=min_count, max_tokens=max_tokens)
        pairs = _count(stream, rows, settings, place / "cooccurrence")
        matrix = fit(pairs, settings, n=len(rows), folder=place).vectors()
    if remove_frequency and len(rows) > 2:  # A line goes through any two points.
        matrix = without_frequency(matrix, stream.counts[rows])
    tokens = [stream.tokens[row] for row in rows]
    options = {"split": split, "ignore_case": ignore_case}
    return WordVectors(tokens, matrix, matrix.mean(0), encoder_options=options)


@contextlib.contextmanager
def _kept(folder: str | PathLike[str] | None) -> Iterator[Path]:
    """The folder, or one that goes away."""
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        yield Path(folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


def _read(lines: Lines, split: Split, folder: Path) -> Stream:
    """The corpus as ids, read now or before."""
    if not folder.exists():
        with replacing(folder) as fresh, bar("Reading", lines.total) as tell:
            Stream.write(fresh, lines.telling(tell), split)
    return Stream.open(folder)


def _count(
    stream: Stream, rows: NDArray[np.int64], settings: Settings, folder: Path
) -> Cooccurrence:
    """The pairs of the tokens in these rows of the stream, counted now or before."""
    if folder.exists():
        return Cooccurrence.open(folder)
    tiling = Tiling.of(len(rows), seed=settings.seed)
    id_of = np.full(len(stream.tokens) + 1, -1, np.int32)
    id_of[0] = 0
    id_of[rows + 1] = np.arange(1, len(rows) + 1)
    with replacing(folder) as fresh, tempfile.TemporaryDirectory(dir=fresh) as spare:
        with bar("Counting pairs", len(stream.ids)) as tell:
            chunks = (id_of[ids] for ids in stream.chunks(CHUNK, tell))
            runs = counting.count(chunks, tiling, settings.window, Path(spare))
        with bar("Merging", len(tiling.blocks)) as tell:
            counting.merge(runs, tiling, folder=Path(spare), into=fresh, tell=tell)
    return Cooccurrence.open(folder)
