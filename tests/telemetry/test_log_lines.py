"""Log lines for machines: one JSON object each, whatever is in them."""

import json
import logging

from turnkeeper.telemetry.logs import JsonLines


def line(message: str, *args: object, **fields: object) -> dict[str, object]:
    """The line of a record with these extra fields, read again."""
    record = logging.LogRecord("turnkeeper", logging.WARNING, "", 0, message, args, None)
    vars(record).update(fields)
    written = JsonLines().format(record)
    assert "\n" not in written
    return json.loads(written)


def test_a_line_has_its_event_level_fields_and_moment_in_this_order() -> None:
    told = line("%s began", "a turn", message_id=7, path="/ä\n")
    assert list(told) == ["event", "level", "message_id", "path", "timestamp"]
    assert (told["event"], told["level"], told["message_id"], told["path"]) == ("a turn began", "warning", 7, "/ä\n")
    assert str(told["timestamp"]).endswith("Z")


def test_a_field_cannot_pose_as_the_event() -> None:
    assert line("request", event="another", level="fatal")["event"] == "request"


def test_an_error_brings_its_trace() -> None:
    error = LookupError("gone")
    record = logging.LogRecord("turnkeeper", logging.ERROR, "", 0, "failed", None, (LookupError, error, None))
    assert "LookupError: gone" in json.loads(JsonLines().format(record))["exception"]


def test_what_json_cannot_say_is_shown_all_the_same() -> None:
    assert line("odd", value={1}, kind=ValueError("x"))["value"] == "{1}"
    assert "1180591620717411303424" in str(line("odd", value=2**70)["value"])
    told = line("odd", value="\ud800")
    assert (told["level"], told["value"]) == ("warning", "\\ud800")
