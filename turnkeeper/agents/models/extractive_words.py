"""Words that the extractive model knows: those that say little, those that mean the same, and numbers."""

from collections.abc import Sequence

from turnkeeper.agents.wording import stem

_SOFT = """able actually add ahead allow already another anyone apply ask available away back become begin big bring buy
call certain change choose come common company complete consider contact current currently customer day describe detail
different early easily easy end ensure enter everything exactly exist explain far fast find first follow form full
general good great handle happen help high hold idea important include inside interest keep kind large last late leave
least left less likely limit list little live local long look low main make maximum mean method minimum minute month new
next normal number offer office often old open order outside part pay people perform place point possible problem provide
purchase purpose put question quick quickly reach read really reason receive recommend regular require right rise run say
see sell send serve set several short show side similar simple small someone something soon sort special start state stay
step still suitable sure take term tight tightly time together try turn type way week well whole work world year"""

_SAME = """price cost fee charge euro eur dollar usd
fast speed bandwidth throughput mbit gbit quick
telephone phone
month monthly
year yearly annual annually
day daily
week weekly
hour hourly
cancel terminate cancellation termination notice
buy purchase order
repair fix restore restoration
email e-mail mail
percent percentage
invoice bill billing
move moving relocate relocation
bend bent
setup install installation
metre meter
colour color
language speak
guarantee warranty
mandatory required require compulsory
maximum most max
minimum least min
wifi wi-fi wlan
delete remove erase
error exception failure fail fault
outage downtime
react response respond
light lamp led
pay payment
store keep retain retention
rise increase raise adjust
connect connection
blocked closed block close
allow permit permission"""

_NUMBERS = """one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 fifteen 15
twenty 20 thirty 30 fifty 50 hundred 100 thousand 1000"""

SOFT = frozenset(stem(word) for word in _SOFT.split())
"""Stems that say little about what a question is about: an answer may do without them."""

SAME: dict[str, frozenset[str]] = {
    one: frozenset(stem(word) for word in line.split())
    for line in _SAME.splitlines()
    for one in map(stem, line.split())
}
"""For a stem, those that mean nearly the same in questions about products, services and programs."""

_NUMBER_PAIRS: Sequence[str] = _NUMBERS.split()
NUMBERS: dict[str, str] = dict(zip(_NUMBER_PAIRS[::2], _NUMBER_PAIRS[1::2], strict=True))
"""Numbers as words and as digits."""
