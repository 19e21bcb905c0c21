"""Sums and histograms that cost next to nothing to add to; Prometheus' own objects are made when its page is asked for.

All is added by one thread, the event loop's; the page may be made by another one, and may then be one addition behind.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

Labels = tuple[str, ...]


class Sums:
    """A counter, by the values of its labels; without labels it is there from the beginning."""

    def __init__(self, name: str, about: str, labels: Labels, *, registry: CollectorRegistry) -> None:
        self._name, self._about, self._labels = name, about, labels
        self._sums: dict[Labels, float] = {} if labels else {(): 0}
        registry.register(self)

    def add(self, labels: Labels, number: float) -> None:
        """Count so many more."""
        self._sums[labels] = self._sums.get(labels, 0) + number

    def collect(self) -> Iterator[Metric]:
        """For the page."""
        family = CounterMetricFamily(self._name, self._about, labels=self._labels)
        for labels, number in tuple(self._sums.items()):
            family.add_metric(labels, number)
        yield family


@dataclass(slots=True)
class _Observed:
    counts: list[int]
    total: float = field(default=0.0)


class Seconds:
    """A histogram of times, by the values of its labels; without labels it is there from the beginning."""

    def __init__(
        self, name: str, about: str, labels: Labels, bounds: Sequence[float], *, registry: CollectorRegistry
    ) -> None:
        self._name, self._about, self._labels, self._bounds = name, about, labels, tuple(bounds)
        self._observed: dict[Labels, _Observed] = {}
        if not labels:
            self._first(())
        registry.register(self)

    def observe(self, labels: Labels, seconds: float) -> None:
        """Count one time."""
        observed = self._observed.get(labels) or self._first(labels)
        observed.total += seconds
        observed.counts[bisect_left(self._bounds, seconds)] += 1

    def collect(self) -> Iterator[Metric]:
        """For the page."""
        family = HistogramMetricFamily(self._name, self._about, labels=self._labels)
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for labels, observed in tuple(self._observed.items()):
            buckets = list(zip(names, map(float, accumulate(observed.counts)), strict=True))
            family.add_metric(labels, buckets, observed.total)
        yield family

    def _first(self, labels: Labels) -> _Observed:
        return self._observed.setdefault(labels, _Observed([0] * (len(self._bounds) + 1)))
