"""What is near in meaning: words by their vectors, whole texts by theirs.

Words need NumPy alone. Texts become one vector each by SIF: common words count little,
and what all texts share is taken away. From a clone:
    python -m examples.neighbours [file of texts, one a line]
"""

import sys
from pathlib import Path

import numpy as np

import keras_wembed as kw

ASKED = ["my parcel has not come", "I want my money back", "do you deliver to Canada"]
ANSWERED = [  # headings, as a help centre has them
    "Where is my order, and how long does delivery take?",
    "How do I return something and get a refund?",
    "I forgot my password",
    "The device arrived damaged: what now?",
    "Do you ship to other countries?",
    "How can I change the address of my order?",
    "Which cards and other ways of payment do you accept?",
    "How do I cancel my subscription?",
    "Where do I find the invoice?",
    "How do I speak to a person?",
]


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def main(path=None):
    vectors = kw.zoo.vectors()
    for token in ["france", "piano", "seven", "quickly"]:
        print(f"{token}:", *(near for near, _ in vectors.most_similar(token, k=5)))
    found = vectors.analogy("man", "king", "woman", k=3)
    print("man is to king as woman is to", *(near for near, _ in found))
    odd = ["breakfast", "cereal", "dinner", "lunch"]
    print(*odd, "without", vectors.doesnt_match(odd))

    texts = Path(path).read_text("utf-8").splitlines() if path else ANSWERED
    layer = kw.zoo.load()
    mean, sif = kw.Pooling("mean"), kw.SIF(layer)
    sif.adapt(texts)
    found = {}
    for way, pool in {"mean": lambda t: mean(layer(t)), "SIF": sif}.items():
        cosines = unit(pool(ASKED).numpy()) @ unit(pool(texts).numpy()).T
        found[way] = [texts[at] for at in np.argmax(cosines, axis=1)]
    for question, by_mean, by_sif in zip(ASKED, *found.values(), strict=True):
        print(f"{question!r}\n  mean: {by_mean}\n  SIF:  {by_sif}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
