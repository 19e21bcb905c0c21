"""The state of a task: how far the answer to a message is.

Source: reference, section 3.6; the page "Run a Conversation via the API". The original says PENDING, for ever, for a
task that it does not know; here that is 404.
"""

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.errors import NotFoundError
from turnkeeper.dialects.enthusiast import query, translate
from turnkeeper.dialects.enthusiast.answers import READ, answer, other_methods
from turnkeeper.dialects.enthusiast.body import HttpRequest
from turnkeeper.dialects.enthusiast.shapes import TaskStatus
from turnkeeper.dialects.enthusiast.signing_in import signed_in
from turnkeeper.http_kit.fast_lane import Lane
from turnkeeper.http_kit.headers import wait_from

ONE = "/api/task_status/{task_id:str}"


class TaskRoutes:
    """The handlers, bound to the actions."""

    def __init__(self, actions: Actions) -> None:
        self._signin = actions.signin
        self._conversations = actions.conversations

    def handlers(self) -> list[HTTPRouteHandler]:
        """What to register."""
        return [other_methods(self._signin, ONE, *READ), route(ONE, http_method=READ)(self.status)]

    def lanes(self) -> list[Lane]:
        """What is asked all the time."""
        return [Lane(method="GET", path=ONE, handler=self.status)]

    async def status(self, request: HttpRequest) -> Response[bytes]:
        """The state of one of the caller's tasks; with `Prefer: wait=N` the answer may come up to N seconds later."""
        caller = await signed_in(self._signin, request, "read")
        wait = wait_from(request.headers)
        task_id = query.task_in_path(request.path_params["task_id"])
        found = await self._conversations.state(caller, message=task_id, only_own=True, wait_seconds=wait)
        if found.role != "user":
            raise NotFoundError("message", task_id)
        headers = {"Preference-Applied": f"wait={wait}"} if wait else None
        return answer(TaskStatus(state=translate.state_of(found.status)), headers=headers)
