"""What the screen shows of a turn's text, when the turn is begun anew and says some of it again.

An attempt that was cut is repeated from one of its model calls on: what these calls had said is void. On a screen it stands
all the same. The new attempt often says the same once more: as long as it does, nothing is shown twice.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fresh:
    """Text to be shown; `is_anew` when what stood there before does not hold, and this is all of the call's text."""

    text: str
    is_anew: bool = False


class Said:
    """The text of one turn, by its calls of the model."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._void: dict[int, str] = {}

    def begins_anew(self, resumes_at: int) -> None:
        """An attempt starts that makes this call of the model and later ones again."""
        for call in [call for call in self._texts if call >= resumes_at]:
            text = self._texts.pop(call)
            # What was repeated and cut again is the start of what the screen shows.
            shown = self._void.get(call, "")
            self._void[call] = shown if shown.startswith(text) else text

    def add(self, call: int, text: str) -> Fresh:
        """A piece of text came; what is to be shown of it."""
        whole = self._texts[call] = self._texts.get(call, "") + text
        shown = self._void.get(call)
        if shown is None:
            return Fresh(text=text)
        if shown.startswith(whole):
            return Fresh(text="")
        del self._void[call]
        if whole.startswith(shown):
            return Fresh(text=whole[len(shown) :])
        return Fresh(text=whole, is_anew=True)

    def settled(self, last_call: int | None = None) -> list[Fresh]:
        """The calls up to this one, or all, are over: what of them stands wrongly on the screen, as it is to be shown."""
        over = [call for call in self._void if last_call is None or call <= last_call]
        pairs = [(self._void.pop(call), self._texts.get(call, "")) for call in over]
        return [Fresh(text=text, is_anew=True) for shown, text in pairs if text != shown]
