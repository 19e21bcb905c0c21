"""What the dialect takes and refuses as a form: every wrong field is told by name, and nothing is written."""

import aiohttp
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Client, Json

MIB = 1_048_576


@pytest.mark.requirement("enthusiast.create.fields")
async def test_wrong_fields_of_a_new_conversation_are_told(stage: Stage, member: Client) -> None:
    before = stage.rows()
    bodies: list[Json] = [
        {},
        {"agent_id": None},
        {"agent_id": ""},
        {"agent_id": "one"},
        {"agent_id": 1.5},
        {"agent_id": True},
        {"agent_id": [1]},
        {"agent_id": {"id": 1}},
        {"agent_id": "9" * 1_001},
        {"agent_id": "1\x00"},
        {"agent_id": None, "data_set_id": 1},
        {"data_set_id": None},
        {"data_set_id": "first"},
        {"data_set": 1},
    ]
    answers = [await member.post("/api/conversations", body) for body in bodies]
    assert {answer.status for answer in answers} == {400}
    assert [answer.body for answer in answers] == snapshot(
        [
            {"agent_id": ["This field is required."]},
            {"agent_id": ["This field may not be null."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["String value too large."]},
            {"agent_id": ["A valid integer is required."]},
            {"agent_id": ["This field may not be null."]},
            {"data_set_id": ["This field may not be null."]},
            {"data_set_id": ["A valid integer is required."]},
            {"agent_id": ["This field is required."]},
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.send.fields")
async def test_wrong_fields_of_a_message_are_told(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    before = stage.rows()
    bodies: list[Json] = [
        {},
        {"question_message": None},
        {"question_message": ""},
        {"question_message": " \n\t "},
        {"question_message": True},
        {"question_message": ["Hi"]},
        {"question_message": {"text": "Hi"}},
        {"question_message": "a\x00b"},
        {"question_message": "Hi", "data_set_id": None},
        {"question_message": "Hi", "data_set_id": "x"},
        {"question_message": "Hi", "streaming": "perhaps"},
        {"question_message": "Hi", "streaming": None},
        {"question_message": "Hi", "file_ids": [5, 6]},
        {"question_message": "Hi", "file_ids": "5"},
        {"question_message": "Hi", "file_ids": {"0": 5}},
        {"question_message": "Hi", "file_ids": [1, "x", None]},
        {"question_message": "", "data_set_id": "x", "streaming": [], "file_ids": 7},
    ]
    answers = [await member.post(one, body) for body in bodies]
    assert {answer.status for answer in answers} == {400}
    assert [answer.body for answer in answers] == snapshot(
        [
            {"question_message": ["This field is required."]},
            {"question_message": ["This field may not be null."]},
            {"question_message": ["Query message cannot be blank."]},
            {"question_message": ["Query message cannot be blank."]},
            {"question_message": ["Not a valid string."]},
            {"question_message": ["Not a valid string."]},
            {"question_message": ["Not a valid string."]},
            {"question_message": ["Null characters are not allowed."]},
            {"data_set_id": ["Data Set ID cannot be blank"]},
            {"data_set_id": ["A valid integer is required."]},
            {"streaming": ["Must be a valid boolean."]},
            {"streaming": ["This field may not be null."]},
            {"file_ids": ["The following file IDs do not belong to the conversation: [5, 6]"]},
            {"file_ids": ['Expected a list of items but got type "str".']},
            {"file_ids": ['Expected a list of items but got type "dict".']},
            {"file_ids": {"1": ["A valid integer is required."], "2": ["This field may not be null."]}},
            {
                "question_message": ["Query message cannot be blank."],
                "data_set_id": ["A valid integer is required."],
                "streaming": ["Must be a valid boolean."],
                "file_ids": ['Expected a list of items but got type "int".'],
            },
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.send.longest")
async def test_the_longest_message_is_kept_whole_and_a_longer_one_refused(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    one = f"/api/conversations/{conversation}"
    longest = "ü" * 1_000_000
    assert (await member.post(one, {"question_message": longest})).status == 202
    before = stage.rows()
    refused = await member.post(one, {"question_message": longest + "!"})
    assert refused.plain == snapshot(
        (400, {"question_message": ["Ensure this field has no more than 1000000 characters."]})
    )
    assert stage.rows() == before
    talk = await member.get(one)
    assert [item["text"] == longest for item in talk.objects("history")] == [True]
    assert len(talk.text("summary")) == 1_000


@pytest.mark.requirement("enthusiast.send.forms")
async def test_right_fields_in_every_spelling_are_taken(member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    extras: list[dict[str, Json]] = [
        {"data_set_id": 1},
        {"data_set_id": "1"},
        {"data_set_id": 1.0},
        {"streaming": False},
        {"streaming": True},
        {"streaming": "yes"},
        {"streaming": 0},
        {"file_ids": []},
        {"unknown": {"is": "dropped"}},
    ]
    answers = [await member.post(one, {"question_message": "Hi", **extra}) for extra in extras]
    assert [answer.plain for answer in answers] == [(202, {"task_id": "task", "streaming": False})] * len(extras)


@pytest.mark.requirement("enthusiast.send.forms")
async def test_numbers_are_taken_as_text(member: Client) -> None:
    conversation = await member.begin()
    assert (await member.post(f"/api/conversations/{conversation}", {"question_message": 42})).status == 202
    assert (await member.get(f"/api/conversations/{conversation}")).object()["summary"] == "42"


@pytest.mark.requirement("enthusiast.body.forms")
async def test_url_encoded_and_multipart_bodies_are_taken_like_json(stage: Stage, member: Client) -> None:
    agent = stage.people.agent.id
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    made = await member.call("POST", "/api/conversations", data=f"agent_id={agent}".encode(), headers=kind)
    one = f"/api/conversations/{made.number('id')}"
    sent = await member.call(
        "POST", one, data=b"question_message=Gr%C3%BC%C3%9Fe+%26+Fragen&streaming=off", headers=kind
    )
    form = aiohttp.FormData({"question_message": "Zweite Frage", "data_set_id": "1"}, default_to_multipart=True)
    second = await member.call("POST", one, data=form)
    assert (made.status, sent.status, second.status) == (201, 202, 202)
    history = (await member.get(one)).objects("history")
    assert [item["text"] for item in history] == ["Grüße & Fragen", "Zweite Frage"]


@pytest.mark.requirement("enthusiast.body.forms")
async def test_wrong_fields_of_encoded_forms_are_told_too(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    before = stage.rows()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = [
        b"question_message=",
        b"question_message=Hi&file_ids=5&file_ids=x",
        b"question_message=Hi&file_ids=5&file_ids=6",
        b"question_message=a%00b",
        b"question_message=%ff",
        b"&".join(b"a=1" for _ in range(2_000)),
    ]
    answers = [await member.call("POST", one, data=body, headers=kind) for body in bodies]
    assert [answer.plain for answer in answers] == snapshot(
        [
            (400, {"question_message": ["Query message cannot be blank."]}),
            (400, {"file_ids": {"1": ["A valid integer is required."]}}),
            (400, {"file_ids": ["The following file IDs do not belong to the conversation: [5, 6]"]}),
            (400, {"question_message": ["Null characters are not allowed."]}),
            (
                400,
                {"detail": "Form parse error - 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"},
            ),
            (400, {"detail": "Form parse error - Max number of fields exceeded"}),
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.body.json")
async def test_a_body_that_is_no_json_object_is_refused_with_the_place(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    before = stage.rows()
    bodies = [
        b"{question_message: 1}",
        b'{"question_message": "Hi"',
        b'{"question_message": "Hi"} trailing',
        b'{"question_message": "\xff"}',
        b'{"question_message": "\\ud800 alone"}',
        b'{"question_message": NaN}',
        b'{"question_message": "Hi", "data_set_id": 1e999}',
        b'{"question_message": "Hi", "data_set_id": ' + b"9" * 5_000 + b"}",
        b'["question_message"]',
        b'"question_message"',
        b"1",
        b"true",
        b"null",
        b"",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ]
    kind = {"Content-Type": "application/json"}
    answers = [await member.call("POST", one, data=body, headers=kind) for body in bodies]
    assert {answer.status for answer in answers} == {400}
    assert [answer.body for answer in answers] == snapshot(
        [
            {
                "detail": "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
            },
            {"detail": "JSON parse error - Expecting ',' delimiter: line 1 column 26 (char 25)"},
            {"detail": "JSON parse error - Extra data: line 1 column 28 (char 27)"},
            {"detail": "JSON parse error - 'utf-8' codec can't decode byte 0xff in position 22: invalid start byte"},
            {"question_message": ["Surrogate characters are not allowed: U+D800."]},
            {"detail": "JSON parse error - Out of range float values are not JSON compliant: 'NaN'"},
            {"data_set_id": ["A valid integer is required."]},
            {"detail": "JSON parse error - A number has 5000 digits; the most is 1000."},
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]},
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]},
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]},
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got bool."]},
            {"non_field_errors": ["No data provided"]},
            {"question_message": ["This field is required."]},
            {"detail": "JSON parse error - The document is nested too deeply."},
            {"detail": "JSON parse error - The document is nested too deeply."},
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.body.type")
async def test_other_content_types_are_refused_by_name(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    before = stage.rows()
    kinds = [
        "text/plain",
        "application/xml; charset=utf-8",
        "nonsense",
        "multipart/form-data",
        "multipart/form-data; boundary=b",
    ]
    body = b'{"question_message": "Hi"}'
    answers = [await member.call("POST", one, data=body, headers={"Content-Type": kind}) for kind in kinds]
    answers.append(await member.call("POST", one, data=body))
    assert [answer.plain for answer in answers] == snapshot(
        [
            (415, {"detail": 'Unsupported media type "text/plain" in request.'}),
            (415, {"detail": 'Unsupported media type "application/xml; charset=utf-8" in request.'}),
            (415, {"detail": 'Unsupported media type "nonsense" in request.'}),
            (400, {"detail": "Multipart form parse error - The `Content-Type` has no usable boundary."}),
            (
                400,
                {
                    "detail": "Multipart form parse error - The multipart form is broken: "
                    "Unexpected end of multipart stream (parser closed)."
                },
            ),
            (415, {"detail": 'Unsupported media type "" in request.'}),
        ]
    )
    assert stage.rows() == before


@pytest.mark.parametrize("charset", ["utf-8", "nonsense", "zlib", "punycode"])
@pytest.mark.requirement("enthusiast.body.type")
async def test_a_part_of_a_form_is_utf_8_whatever_it_says(member: Client, charset: str) -> None:
    one = f"/api/conversations/{await member.begin()}"
    head = f'Content-Disposition: form-data; name="question_message"\r\nContent-Type: text/plain; charset={charset}'
    body = f"--b\r\n{head}\r\n\r\nGrüße ".encode() + b"\xff\r\n--b--\r\n"
    sent = await member.call("POST", one, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert sent.status == 202
    history = (await member.get(one)).object()["history"]
    assert "Grüße \ufffd" in str(history)


@pytest.mark.requirement("enthusiast.body.size")
async def test_a_body_of_10_mb_is_refused_and_read_to_its_end(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    before = stage.rows()
    for path in ("/api/conversations", f"/api/conversations/{conversation}"):
        refused = await member.post(path, {"question_message": "x" * (10 * MIB)})
        assert refused.plain == (413, {"detail": "The body is too large; the most is 4,000,000 bytes."})
    assert stage.rows() == before
    assert (await member.get("/api/conversations")).number("count") == 1
