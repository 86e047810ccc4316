"""Word vectors of your own text: here, the documentation of Python itself.

What `list` means is learnt from the docstrings of the standard library, which lie on
this machine already. From a clone:
    python -m examples.own_corpus [folder of .py files] [folder for the vectors]
"""

import ast
import sys
import sysconfig
import tempfile
from pathlib import Path

import keras_wembed as kw

STDLIB = sysconfig.get_path("stdlib")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
ASKED = ["float", "thread", "socket", "raise", "file", "string"]


def docstrings(folder):
    """The paragraphs of all docstrings below a folder, a line each."""
    paths = Path(folder).rglob("*.py")
    skipped = {"test", "tests", "site-packages", "idlelib", "lib2to3"}
    for path in sorted(path for path in paths if not skipped & {*path.parts}):
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError:  # Some are there to be wrong.
            continue
        nodes = (node for node in ast.walk(tree) if isinstance(node, DOCUMENTED))
        for text in filter(None, map(ast.get_docstring, nodes)):
            for paragraph in text.split("\n\n"):
                yield " ".join(paragraph.split())


def main(folder=STDLIB, place=None, iterations=15):
    lines = list(docstrings(folder))
    words = sum(len(line.split()) for line in lines)
    vectors = kw.train(lines, max_tokens=2048, min_count=2, iterations=iterations)
    print(f"{len(lines)} paragraphs, {words} words, {len(vectors)} tokens")
    general = kw.zoo.vectors()
    for token in (token for token in ASKED if token in vectors):
        here, there = (v.most_similar(token, k=4) for v in (vectors, general))
        print(f"{token:7} here: {' '.join(near for near, _ in here)}")
        print(f"{'':7} else: {' '.join(near for near, _ in there)}")
    place = Path(place or tempfile.mkdtemp(), "python-docs")
    vectors.save(place)
    loaded = kw.WordVectors.load(place)
    encoder = kw.TokenEncoder(loaded.tokens, split="treebank")
    layer = kw.EmbeddingLayer.from_vectors(loaded, input=encoder)
    print("a layer of them:", layer("Raises ValueError.").shape)
    return vectors, layer


if __name__ == "__main__":
    main(*sys.argv[1:])
