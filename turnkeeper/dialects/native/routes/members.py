"""`/members` and what is below, and `/me`."""

from dataclasses import replace

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.members import MemberChanges
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.members import change_member_form, create_member_form, password_form
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.operations import members as operations
from turnkeeper.dialects.native.queries.members import cursor_behind_member, member_filter
from turnkeeper.dialects.native.shapes.members import MembersShape
from turnkeeper.dialects.native.translate.ids import account_in
from turnkeeper.dialects.native.translate.members import invitation_shape, me_shape, member_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with members."""
    members = actions.members

    async def me(asked: Asked) -> ASGIApp:
        return answer(me_shape(await members.me(asked.caller), asked.caller))

    async def change_password(asked: Asked) -> ASGIApp:
        current, new = password_form(await asked.body(), asked.content_type)
        # What is kept of the request says nothing of either password.
        done = await members.change_own_password(asked.caller, current=current, new=new, key=asked.key(b""))
        return nothing(replayed=done.replayed)

    async def list_members(asked: Asked) -> ASGIApp:
        wanted = member_filter(asked.query)
        found = await members.list(asked.caller, replace(wanted, limit=wanted.limit + 1))
        shown, has_more = cut(found, wanted.limit)
        return answer(
            MembersShape(
                items=[member_shape(each) for each in shown],
                has_more=has_more,
                next_cursor=cursor_behind_member(shown[-1]) if has_more else None,
            )
        )

    async def create(asked: Asked) -> ASGIApp:
        form = create_member_form(await asked.body(), asked.content_type)
        key = asked.key(form.fingerprint)
        if form.kind == "user":
            made = await members.create_user(
                asked.caller, email=form.name, password=form.password, role=form.role, key=key
            )
        else:
            made = await members.create_service_account(asked.caller, name=form.name, role=form.role, key=key)
        location = f"/v1/members/{prefixed('acc', made.value.public_id)}"
        return answer(member_shape(made.value), status=201, location=location, replayed=made.replayed)

    async def get(asked: Asked) -> ASGIApp:
        return answer(member_shape(await members.get(asked.caller, asked.named("member_id", "account", account_in))))

    async def change(asked: Asked) -> ASGIApp:
        member = asked.named("member_id", "account", account_in)
        changes, fingerprint = change_member_form(await asked.body(), asked.content_type)
        changed = await members.change(asked.caller, member, changes, key=asked.key(fingerprint))
        return answer(member_shape(changed.value), replayed=changed.replayed)

    async def deactivate(asked: Asked) -> ASGIApp:
        member = asked.named("member_id", "account", account_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        changes = MemberChanges(is_active=False)
        changed = await members.change(asked.caller, member, changes, key=asked.key(body))
        return answer(member_shape(changed.value), replayed=changed.replayed)

    async def invite(asked: Asked) -> ASGIApp:
        member = asked.named("member_id", "account", account_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        made = await members.invite(asked.caller, member, key=asked.key(body))
        return answer(invitation_shape(made.value), status=201, replayed=made.replayed)

    return [
        Endpoint(operation=operations.ME, handle=me),
        Endpoint(operation=operations.CHANGE_PASSWORD, handle=change_password),
        Endpoint(operation=operations.LIST, handle=list_members),
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CHANGE, handle=change),
        Endpoint(operation=operations.DEACTIVATE, handle=deactivate),
        Endpoint(operation=operations.INVITE, handle=invite),
    ]
