"""Ids: one number, two spellings."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from turnkeeper.core.ids import from_prefixed, from_ulid, new_id, prefixed, to_ulid


@given(st.uuids())
def test_an_id_comes_back_from_its_ulid(value: UUID) -> None:
    assert from_ulid(to_ulid(value)) == value
    assert from_prefixed(("cmsg",), prefixed("cmsg", value)) == value


@given(st.uuids(), st.uuids())
def test_ulids_sort_as_their_ids_do(one: UUID, other: UUID) -> None:
    assert (to_ulid(one) < to_ulid(other)) == (one.int < other.int)


def test_new_ids_are_uuids_of_version_7_and_differ() -> None:
    made = [new_id() for _ in range(1_000)]
    assert {value.version for value in made} == {7}
    assert len(set(made)) == 1_000
    assert sorted(made, key=lambda value: value.int >> 80) == made


@given(st.text(max_size=30))
def test_what_spells_no_id_is_none(text: str) -> None:
    found = from_ulid(text)
    assert found is None or to_ulid(found) == text


def test_lower_case_foreign_letters_and_too_large_numbers_spell_no_id() -> None:
    good = to_ulid(UUID(int=(1 << 128) - 1))
    assert from_ulid(good) is not None
    assert [from_ulid(bad) for bad in (good.lower(), good[:-1] + "U", "8" + good[1:], good + "0", "")] == [None] * 5
    assert from_prefixed(("job", "j"), f"cmsg_{good}") is None
