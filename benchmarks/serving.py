"""A text model that is served: its bytes, to write it, to load it, and to ask it.

python -m benchmarks.serving [--tokens FILE] [--texts FILE ...] [--folder FOLDER]

400,000 x 50, text to vectors. Beside it Keras's `TextVectorization` and `Embedding`,
exported by Keras. Both are asked through TensorFlow's C library, by turns, with the
same texts and as many threads as it takes by itself.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from benchmarks.archive import COUNT
from benchmarks.c_model import Model, Request
from benchmarks.claim import Claim
from benchmarks.measuring import bytes_of
from benchmarks.saving import words
from benchmarks.tokenizers import REVIEWS, lines

SIZE, SPLIT = 50, "whitespace"
SHOWN = ("400,000 x 50", "without Python", "1, p50", "1,024, p50")  # in README
SENT = {1: 400, 32: 200, 1024: 100}  # requests, by the texts in each


def models(tokens: list[str], split: str):
    """Ours, and Keras's: text in, a vector for each token out."""
    import keras

    from keras_wembed import EmbeddingLayer, TokenEncoder

    rows = np.random.default_rng(0).normal(size=(COUNT + 2, SIZE)).astype("f4")
    text = keras.Input((), dtype="string", name="text")
    layer = EmbeddingLayer(weights=rows[1:], input=TokenEncoder(tokens, split=split))
    vectorization = keras.layers.TextVectorization(vocabulary=tokens)
    embedding = keras.layers.Embedding(COUNT + 2, SIZE)
    peer = keras.Model(text, embedding(vectorization(text)))
    embedding.set_weights([rows])
    return keras.Model(text, layer(text)), peer


def seconds(function) -> tuple[float, object]:
    start = time.perf_counter()
    found = function()
    return time.perf_counter() - start, found


def exported(folder: Path, tokens: list[str], split: str):
    """For ours and for the peer: the seconds of the export, and its folder."""
    from keras_wembed import export

    ours, peer = models(tokens, split)
    keras_folder = folder / f"keras-{time.time_ns()}"
    taken, placed = seconds(lambda: export(ours, folder / "served"))
    peers, _ = seconds(lambda: peer.export(keras_folder, verbose=False))
    return (taken, placed), (peers, keras_folder)


def latencies(folders: list[Path], texts: list[str], batch: int) -> np.ndarray:
    """Seconds of requests of so many texts, a row for each folder, by turns."""
    requests = [text.encode() for text in islice(cycle(texts), batch)]
    taken = np.empty((len(folders), SENT[batch]))
    opened = [Model(folder) for folder in folders]
    asked = [
        Request(
            model,
            {next(iter(model.signatures["serving_default"].inputs)): requests},
            "serving_default",
        )
        for model in opened
    ]
    for request in asked:
        request.sent(lambda _: None)  # The first one builds.
    for turn in range(SENT[batch]):
        for at, request in enumerate(asked):
            taken[at, turn] = seconds(lambda each=request: each.sent(lambda _: None))[0]
    return taken


def claims(chosen: argparse.Namespace) -> Iterator[Claim]:
    found = everything(chosen, SPLIT)
    yield from (claim for claim in found if claim.what.endswith(SHOWN))


def everything(chosen: argparse.Namespace, split: str) -> Iterator[Claim]:
    folder, tokens = chosen.folder.absolute(), words(chosen.tokens)
    files = chosen.texts or [REVIEWS]
    texts = [text for file in files for text in lines(file, "latin-1")]
    (taken, ours), (peers, peer) = exported(folder, tokens, split)
    by, other = "`export`", "Keras's `model.export`"
    vocabulary = sum(len(token.encode()) + 1 for token in tokens)
    least = COUNT * SIZE * 4 + vocabulary
    sizes = [bytes_of(each) / 1e6 for each in (ours, peer)]
    yield Claim("an export of 400,000 x 50", sizes[0], by, sizes[1], other, "MB")
    what = "the same, beside table and vocabulary alone"
    yield Claim(what, sizes[0], by, least / 1e6, "these", "MB")
    yield Claim("writing that export", taken, by, peers, other, "s")
    loads = [
        min(seconds(lambda each=each: Model(each))[0] for _ in range(3))
        for each in (ours, peer)
    ]
    yield Claim(
        "loading that export without Python", loads[0], by, loads[1], other, "s"
    )
    for batch in SENT:
        found = latencies([ours, peer], texts, batch) * 1e3
        for share in (50, 99):
            one, two = np.percentile(found, share, axis=1)
            what = f"served text to vectors, batch {batch:,}, p{share}"
            yield Claim(what, one, f'`split="{split}"`', two, "`TextVectorization`")


def main() -> None:
    from benchmarks.run import options

    parser = options()
    parser.add_argument("--split", default=SPLIT, help="of ours")
    chosen = parser.parse_args()
    for claim in everything(chosen, chosen.split):
        print(claim.row("serving"), flush=True)


if __name__ == "__main__":
    main()
