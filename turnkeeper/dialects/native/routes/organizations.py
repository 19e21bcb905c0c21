"""`/organization`, which is the caller's own, and `/organizations`, which are for operators of the server."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.members import organization_form
from turnkeeper.dialects.native.operations import organizations as operations
from turnkeeper.dialects.native.queries.members import cursor_behind_organization, organization_page
from turnkeeper.dialects.native.shapes.organizations import OrganizationsShape
from turnkeeper.dialects.native.translate.ids import organization_in
from turnkeeper.dialects.native.translate.members import new_organization_shape, organization_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with organizations."""
    organizations = actions.organizations

    async def own(asked: Asked) -> ASGIApp:
        return answer(organization_shape(await organizations.own(asked.caller)))

    async def rename_own(asked: Asked) -> ASGIApp:
        body = await asked.body()
        name = organization_form(body, asked.content_type)
        renamed = await organizations.rename_own(asked.caller, name=name, key=asked.key(body))
        return answer(organization_shape(renamed.value), replayed=renamed.replayed)

    async def list_organizations(asked: Asked) -> ASGIApp:
        before, limit = organization_page(asked.query)
        found = await organizations.list(asked.caller, before=before, limit=limit + 1)
        shown, has_more = cut(found, limit)
        return answer(
            OrganizationsShape(
                items=[organization_shape(each) for each in shown],
                has_more=has_more,
                next_cursor=cursor_behind_organization(shown[-1]) if has_more else None,
            )
        )

    async def create(asked: Asked) -> ASGIApp:
        body = await asked.body()
        name = organization_form(body, asked.content_type)
        made = await organizations.create(asked.caller, name=name, key=asked.key(body))
        location = f"/v1/organizations/{prefixed('org', made.value.organization.public_id)}"
        return answer(new_organization_shape(made.value), status=201, location=location, replayed=made.replayed)

    async def get(asked: Asked) -> ASGIApp:
        organization = asked.named("organization_id", "organization", organization_in)
        return answer(organization_shape(await organizations.get(asked.caller, organization)))

    return [
        Endpoint(operation=operations.OWN, handle=own),
        Endpoint(operation=operations.RENAME_OWN, handle=rename_own),
        Endpoint(operation=operations.LIST, handle=list_organizations),
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.GET, handle=get),
    ]
