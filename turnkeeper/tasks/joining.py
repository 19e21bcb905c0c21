"""What the person says while a turn waits or runs, and the turn takes in: see `store.joining`."""

from collections.abc import Mapping

from turnkeeper.agents.acting import Joined
from turnkeeper.core.files import Attachment
from turnkeeper.store.joining import JoinedMessage
from turnkeeper.store.turns import Begun
from turnkeeper.tasks.turn_files import FilesOfTurn
from turnkeeper.tasks.turn_log import TurnLog


class TurnJoining:
    """See `agents.acting.Joining`. `known` is what earlier attempts took in, by the call of the model."""

    def __init__(
        self, begun: Begun, log: TurnLog, files: FilesOfTurn | None, known: Mapping[int, tuple[JoinedMessage, ...]]
    ) -> None:
        self._begun = begun
        self._log = log
        self._files = files
        self._known = known
        self._looked_to = begun.first_event

    async def before(self, model_call: int, *, is_recorded: bool) -> tuple[Joined, ...]:
        """What was said before this call of the model. It costs a look only when somebody came since the last one.

        What was noted is written first, as it would be before the call anyway: that write tells who came.
        """
        messages = self._known.get(model_call, ())
        if not is_recorded:
            await self._log.flush()
            if max(self._begun.joining, self._log.joining) > self._looked_to:
                taken = await self._log.take_in(message_public_id=self._begun.message_public_id, model_call=model_call)
                messages = (*messages, *taken.messages)
                self._looked_to = max(taken.looked_to, self._looked_to)
        return tuple([Joined(text=message.text, attachments=await self._files_of(message)) for message in messages])

    async def _files_of(self, message: JoinedMessage) -> tuple[Attachment, ...]:
        if self._files is None or not message.has_files:
            return ()
        return await self._files.of_joined(message.id)
