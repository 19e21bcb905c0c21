"""No route forgets what a key must be good for: generated from what each door says of itself."""

import pytest
from yarl import URL

from tests.dialects.conftest import Stage
from tests.dialects.doors.described import DOORS, PARAMETER, Route, routes_of
from tests.dialects.doors.keys import admin_of, key_for, key_without
from turnkeeper.core.accounts import ALL_SCOPES, Scope
from turnkeeper.core.ids import new_id, prefixed


async def routes(stage: Stage, door: str) -> list[tuple[Route, Scope]]:
    """Every operation of a door with the one scope that it says it needs."""
    return [
        (route, _only(route.operation.scopes))
        for route in await routes_of(stage, door)
        if route.operation.security  # what is open to everybody says so with an empty list
    ]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.keys.scopes")
async def test_a_key_with_all_scopes_but_the_needed_one_is_refused_on_every_route(stage: Stage, door: str) -> None:
    keys = {scope: await key_without(stage, scope) for scope in ALL_SCOPES}
    found = await routes(stage, door)
    assert found
    before = stage.rows()
    for route, scope in found:
        path = PARAMETER.sub(prefixed("any", new_id()), route.path)
        async with stage.http.request(
            route.method, URL(stage.address + path), headers={"Authorization": f"Bearer {keys[scope]}"}, json={}
        ) as response:
            body = await response.text()
            assert response.status == 403, (route, body)
            assert scope in body, (route, body)
            assert door != "native" or '"code":"scope_missing"' in body, (route, body)
    assert stage.rows() == before


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.keys.scopes")
async def test_a_key_with_the_needed_scope_alone_is_not_refused_for_its_scopes(stage: Stage, door: str) -> None:
    admin = await admin_of(stage)
    keys = {scope: await key_for(stage, admin, {scope}) for scope in ALL_SCOPES}
    for route, scope in await routes(stage, door):
        path = PARAMETER.sub(prefixed("any", new_id()), route.path)
        async with stage.http.request(
            route.method, URL(stage.address + path), headers={"Authorization": f"Bearer {keys[scope]}"}, json={}
        ) as response:
            assert "scope_missing" not in await response.text(), route
            assert door == "native" or response.status != 403, route


def _only(scopes: set[str]) -> Scope:
    assert len(scopes) == 1, scopes
    return next(scope for scope in ALL_SCOPES if scope in scopes)
