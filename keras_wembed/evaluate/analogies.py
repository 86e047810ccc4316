"""How many analogies vectors complete: a is to b as c is to what?"""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from keras_wembed.errors import FormatError
from keras_wembed.evaluate.known import LIMIT, Known
from keras_wembed.evaluate.lines import lines
from keras_wembed.neighbours import Integers, Matrix, nearest, units
from keras_wembed.vectors import WordVectors

NEAR = 5  # candidates for each, as in gensim: some may be other spellings of a, b or c

Question = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The analogies of one kind.

    Args:
        name: As the file names it.
        correct: How many were completed right.
        known: Those of which all four tokens have a row: the others do not count.
        questions: How many there are.
    """

    name: str
    correct: int
    known: int
    questions: int

    @property
    def accuracy(self) -> float:
        """The share of those that count that were completed right; 0 if none count."""
        return self.correct / self.known if self.known else 0.0

    @property
    def coverage(self) -> float:
        """The share that counts; 1 if there are none."""
        return self.known / self.questions if self.questions else 1.0


@dataclass(frozen=True, repr=False)
class Analogies:
    """How many analogies of a file were completed right.

    Args:
        name: Of the file.
        sections: In the order of the file.
    """

    name: str
    sections: tuple[Section, ...]

    @property
    def total(self) -> Section:
        """All sections together."""
        counts = [
            sum(getattr(section, each) for section in self.sections)
            for each in ("correct", "known", "questions")
        ]
        return Section("total", *counts)

    @property
    def accuracy(self) -> float:
        """The share completed right, of all sections together."""
        return self.total.accuracy

    @property
    def coverage(self) -> float:
        """The share that counts, of all sections together."""
        return self.total.coverage

    def __repr__(self) -> str:
        rows = [*self.sections, self.total]
        width = max(len(section.name) for section in rows)
        return "\n".join(
            f"{each.name:{width}}  {each.accuracy:6.1%}  "
            f"{each.correct:6,} of {each.known:6,} known, {each.questions:6,} in all"
            for each in rows
        )


def analogies(
    vectors: WordVectors,
    path: str | PathLike[str],
    *,
    ignore_case: bool = True,
    limit: int | None = LIMIT,
) -> Analogies:
    """The accuracy on a file of analogies, such as Google's questions-words.txt.

    The answer is the token nearest to b - a + c, each of length 1, that is none of the
    three. With these defaults it is that of gensim's `evaluate_word_analogies`.

    Args:
        vectors: The vectors; of a layer, `layer.vectors()`.
        path: A file, plain, .gz or .zip: sections that start with a line `: name`, and
            in them lines of four tokens. Comments start with `#` or `//`.
        ignore_case: Take capitals for small letters.
        limit: Use only the first `limit` rows. None: all.

    Raises:
        FormatError: If a line holds something else.
    """
    names, questions = _questions(path)
    known = Known.of(vectors, ignore_case, limit)
    at, rows = known.found([question for _, question in questions], 4)
    right = _right(vectors, rows, known, limit)
    counts = [[0, 0, 0] for _ in names]
    for section, _ in questions:
        counts[section][2] += 1
    for question, is_right in zip(at, right, strict=True):
        count = counts[questions[question][0]]
        count[1] += 1
        count[0] += is_right
    sections = (Section(name, *c) for name, c in zip(names, counts, strict=True))
    return Analogies(Path(path).name, tuple(sections))


def _questions(
    path: str | PathLike[str],
) -> tuple[list[str], list[tuple[int, Question]]]:
    """The names of the sections; and each question, with the place of its section."""
    names: list[str] = []
    questions: list[tuple[int, Question]] = []
    for number, line in lines(path):
        tokens = tuple(line.split())
        if line.startswith(":"):
            names.append(line[1:].strip())
        elif names and len(tokens) == 4:
            questions.append((len(names) - 1, tokens))
        else:
            wanted = "four tokens" if names else "': ' and the name of a section"
            raise FormatError(
                f"{Path(path).name}, line {number}, must be {wanted}. Got {line!r}."
            )
    return names, questions


def _right(
    vectors: WordVectors, rows: Integers, known: Known, limit: int | None
) -> Iterator[bool]:
    """For each question, by its rows, whether the fourth token was found."""
    searched = vectors._searched
    matrix = Matrix(searched.rows[:limit], searched.divisors[:limit])
    a, b, c = (units(vectors.matrix[rows[:, place]]) for place in range(3))
    found = nearest(matrix, b - a + c, NEAR, without=rows[:, :3].tolist())
    for question, each in zip(rows.tolist(), found, strict=True):
        *given, expected = (known.written(vectors.tokens[row]) for row in question)
        named = (known.written(vectors.tokens[row]) for row in each.rows.tolist())
        yield next((token for token in named if token not in given), None) == expected
