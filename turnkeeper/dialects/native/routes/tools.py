"""`/tools`, and the tools and MCP servers of agents."""

import msgspec
from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import empty_form, fields_of
from turnkeeper.dialects.native.operations import tools as operations
from turnkeeper.dialects.native.routes.agents import named
from turnkeeper.dialects.native.shapes.tools import AgentToolsShape, ServersShape, ToolsShape
from turnkeeper.dialects.native.translate.tools import server_shape, tool_shape, trial_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be known of tools, and tried."""

    async def list_tools(_asked: Asked) -> ASGIApp:
        return answer(ToolsShape(items=[tool_shape(tool) for tool in await actions.tools.offered()]))

    async def of_agent(asked: Asked) -> ASGIApp:
        found = await actions.tools.of_agent(asked.caller, named(asked))
        return answer(AgentToolsShape(items=[tool_shape(tool) for tool in found.tools], missing=list(found.missing)))

    async def test(asked: Asked) -> ASGIApp:
        tool, body = asked.path("tool"), await asked.body()
        fields = fields_of(body, asked.content_type, known=("arguments", "confirm"))
        arguments, is_confirmed = fields.raw("arguments"), fields.flag("confirm")
        if arguments is not None and not isinstance(arguments, dict):
            fields.wrong("arguments", "The field 'arguments' must be an object.", "wrong_type")
        fields.check()
        done = await actions.tools.test(
            asked.caller,
            named(asked),
            tool,
            msgspec.json.encode(arguments or {}).decode(),
            is_confirmed=is_confirmed is True,
            key=asked.key(body),
        )
        return answer(trial_shape(tool, done.value), replayed=done.replayed)

    async def servers(asked: Asked) -> ASGIApp:
        found = await actions.tools.servers_of(asked.caller, named(asked))
        return answer(ServersShape(items=[server_shape(server) for server in found]))

    async def test_server(asked: Asked) -> ASGIApp:
        empty_form(await asked.body(), asked.content_type)
        return answer(server_shape(await actions.tools.try_server(asked.caller, named(asked), asked.path("server"))))

    return [
        Endpoint(operation=operations.LIST, handle=list_tools),
        Endpoint(operation=operations.OF_AGENT, handle=of_agent),
        Endpoint(operation=operations.TEST, handle=test),
        Endpoint(operation=operations.SERVERS, handle=servers),
        Endpoint(operation=operations.TEST_SERVER, handle=test_server),
    ]
