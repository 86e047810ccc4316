"""A claim: our figure beside a peer's, measured in one run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """Our figure beside a peer's.

    Attributes:
        what: What is measured.
        ours: Our figure.
        by: What of ours gives it.
        peer: The peer's figure.
        peer_by: Who the peer is.
        unit: That of both figures: a time or a size, of which less is better; or
            something per second, of which more is.
    """

    what: str
    ours: float
    by: str
    peer: float
    peer_by: str
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times better ours is."""
        better = self.unit.endswith("/s")
        return self.ours / self.peer if better else self.peer / self.ours

    def row(self, script: str) -> str:
        """A line of README's table.

        Args:
            script: The benchmark that measures it.
        """
        cells = (
            f"{self.what} (`{script}`)",
            f"{shown(self.ours)} {self.unit}, {self.by}",
            f"{shown(self.peer)} {self.unit}, {self.peer_by}",
            shown(self.ratio),
        )
        return f"| {' | '.join(cells)} |"


def shown(figure: float) -> str:
    """A figure with as many digits as a measurement deserves."""
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2g}"
