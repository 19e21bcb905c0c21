"""Pieces of text become few events, and their sum stays the same."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from turnkeeper.core.events import EventBody, TextAdded, ToolCalled
from turnkeeper.tasks.turn_log import joined

texts = st.builds(TextAdded, text=st.text(min_size=1, max_size=5), model_call=st.integers(1, 3))
calls = st.just(ToolCalled(call_id="c", tool="t", input="{}"))


@given(st.lists(texts | calls, max_size=20))
def test_joined_events_say_the_same_in_fewer_pieces(events: list[TextAdded | ToolCalled]) -> None:
    result = list(joined(events))
    assert _said(result) == _said(events)
    assert not [
        pair
        for pair in pairwise(result)
        if isinstance(pair[0], TextAdded)
        and isinstance(pair[1], TextAdded)
        and pair[0].model_call == pair[1].model_call
    ]


def _said(events: Sequence[EventBody]) -> list[object]:
    """Letter by letter, so that the cuts between pieces do not show."""
    said: list[object] = []
    for event in events:
        said.extend([(event.model_call, letter) for letter in event.text] if isinstance(event, TextAdded) else [event])
    return said
