"""CSV that a spreadsheet reads as it is."""

import csv
import io

from turnkeeper.core.spreadsheet import csv_text


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    text = csv_text(["name", "n"], [["=HYPERLINK(1)", -1], ["@x", 2], ["+1", None], ["\tx", 0], ["a=b", 3]])
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["name", "n"], ["'=HYPERLINK(1)", "-1"], ["'@x", "2"], ["'+1", ""], ["'\tx", "0"], ["a=b", "3"]]


def test_commas_quotes_and_lines_are_quoted_and_lines_end_as_the_rfc_says() -> None:
    assert csv_text(["a"], [['x,"y"'], ["two\nlines"]]) == 'a\r\n"x,""y"""\r\n"two\nlines"\r\n'
