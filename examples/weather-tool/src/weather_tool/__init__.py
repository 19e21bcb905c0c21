"""A tool for agents that knows what the weather of a place usually is. It needs no network."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from turnkeeper.agents.tools.tool import ToolContext
from turnkeeper.agents.tools.typed_tool import TypedTool
from turnkeeper.core.errors import ToolRetryError

# The mean temperature of each month in degrees Celsius, and the days with rain.
CLIMATES = {
    "bergen": ((2, 2, 4, 7, 11, 14, 15, 15, 12, 9, 5, 3), (20, 17, 17, 15, 14, 15, 17, 19, 20, 21, 20, 21)),
    "lisbon": ((12, 13, 15, 16, 18, 22, 24, 24, 23, 19, 15, 13), (11, 11, 8, 9, 6, 3, 1, 1, 4, 9, 11, 12)),
    "vienna": ((1, 3, 7, 12, 16, 20, 22, 22, 17, 11, 6, 2), (8, 7, 8, 7, 9, 10, 9, 8, 7, 7, 8, 8)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the model may ask. The JSON Schema that it is told is made from this."""

    city: Annotated[str, msgspec.Meta(description="The city, in English.", max_length=80)]
    month: Annotated[int, msgspec.Meta(ge=1, le=12, description="The month, 1 to 12.")]
    unit: Literal["celsius", "fahrenheit"] = "celsius"


async def look_up(wanted: Wanted, context: ToolContext) -> str:
    """The answer that the model reads. The context says for whom; the weather is the same for all."""
    del context
    climate = CLIMATES.get(wanted.city.strip().lower())
    if climate is None:
        # The model is told this sentence, and may call again.
        raise ToolRetryError(f"{wanted.city!r} is not known here. Known: {', '.join(sorted(CLIMATES))}.")
    degrees, rainy = climate[0][wanted.month - 1], climate[1][wanted.month - 1]
    shown = f"{degrees} °C" if wanted.unit == "celsius" else f"{degrees * 9 // 5 + 32} °F"
    return f"{wanted.city.title()} in month {wanted.month}: {shown} on average, rain on {rainy} days."


weather = TypedTool(
    name="usual_weather",
    description="What the weather of a city usually is in a month.",
    kind="pure",  # It only reads, so it may be called again, and exists in ask mode too.
    arguments=Wanted,
    call=look_up,
)
