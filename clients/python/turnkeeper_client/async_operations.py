"""Every operation as a method. Generated from the OpenAPI document by `make clients`: do not edit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, TypeVar

from turnkeeper_client import shapes
from turnkeeper_client.requests import Request, Upload, path_of

T = TypeVar("T")


class AsyncOperations(ABC):
    """The plain operations; how a request is sent is said by `send`."""

    @abstractmethod
    async def send(self, request: Request[T]) -> T:
        """Send a request, also more than once if need be."""

    async def list_conversations(
        self,
        *,
        agent: str | None = None,
        status: Literal["active", "completed", "error", "abandoned"] | None = None,
        origin: Literal["api", "slack", "discord", "web"] | None = None,
        account: str | None = None,
        created_after: str | None = None,
        created_before: str | None = None,
        updated_after: str | None = None,
        updated_before: str | None = None,
        metadata: Mapping[str, str] | None = None,
        tag: Sequence[str] | None = None,
        archived: Literal["false", "true", "any"] | None = None,
        search: str | None = None,
        sort: Literal["-updated_at", "updated_at", "-created_at", "created_at"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Conversations:
        """List and search conversations.

        Members see their own, admins all of the organization. With `search`, each comes with where it was found.
        """
        return await self.send(
            Request[shapes.Conversations](
                method="GET",
                path=path_of("/v1/conversations"),
                query={
                    "agent": agent,
                    "status": status,
                    "origin": origin,
                    "account": account,
                    "created_after": created_after,
                    "created_before": created_before,
                    "updated_after": updated_after,
                    "updated_before": updated_before,
                    "metadata": metadata,
                    "tag": tag,
                    "archived": archived,
                    "search": search,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def iterate_conversations(
        self,
        *,
        agent: str | None = None,
        status: Literal["active", "completed", "error", "abandoned"] | None = None,
        origin: Literal["api", "slack", "discord", "web"] | None = None,
        account: str | None = None,
        created_after: str | None = None,
        created_before: str | None = None,
        updated_after: str | None = None,
        updated_before: str | None = None,
        metadata: Mapping[str, str] | None = None,
        tag: Sequence[str] | None = None,
        archived: Literal["false", "true", "any"] | None = None,
        search: str | None = None,
        sort: Literal["-updated_at", "updated_at", "-created_at", "created_at"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Conversation]:
        """As `list_conversations`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_conversations(
                agent=agent,
                status=status,
                origin=origin,
                account=account,
                created_after=created_after,
                created_before=created_before,
                updated_after=updated_after,
                updated_before=updated_before,
                metadata=metadata,
                tag=tag,
                archived=archived,
                search=search,
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_conversation(
        self, body: shapes.CreateBody, *, wait: int | None = None, idempotency_key: str | None = None
    ) -> shapes.Begun | shapes.Conversation:
        """Begin a conversation.

        With a `message` it is answered at once: the answer is 202 and names the message, or 200 when the message
        was finished within the time of `Prefer: wait=N`.

        `wait`: seconds, at most 60, to wait for the end of what it begins.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Begun | shapes.Conversation](
                method="POST",
                path=path_of("/v1/conversations"),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                wait=wait,
            )
        )

    async def get_conversation(self, conversation_id: str) -> shapes.Conversation:
        """Get a conversation.

        Without its messages. The `ETag` counts the changes of title, tags, metadata and archive, not those by
        messages.
        """
        return await self.send(
            Request[shapes.Conversation](
                method="GET", path=path_of("/v1/conversations/{conversation_id}", conversation_id=conversation_id)
            )
        )

    async def change_conversation(
        self,
        conversation_id: str,
        body: shapes.ChangeBody,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.Conversation:
        """Rename, tag, archive.

        What is left out stays. `metadata` is merged, key by key. An archived conversation is left out of lists, and
        works as before.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Conversation](
                method="PATCH",
                path=path_of("/v1/conversations/{conversation_id}", conversation_id=conversation_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
            )
        )

    async def delete_conversation(self, conversation_id: str, *, idempotency_key: str | None = None) -> shapes.Removed:
        """Delete a conversation.

        For good, at every door: messages, events, records of tools, approvals, memory, and its links to files. A
        message that is being answered is cut off. What its turns cost stays in the sums of the days.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Removed](
                method="DELETE",
                path=path_of("/v1/conversations/{conversation_id}", conversation_id=conversation_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def fork_conversation(
        self, conversation_id: str, body: shapes.ForkBody, *, idempotency_key: str | None = None
    ) -> shapes.Conversation:
        """Fork a conversation.

        A new conversation of your own with everything up to a message and its reply, as the agent remembers it:
        calls of tools and their results, citations, files. Nothing is done or asked again. Title, tags and metadata
        come along.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Conversation](
                method="POST",
                path=path_of("/v1/conversations/{conversation_id}/fork", conversation_id=conversation_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_messages(
        self,
        conversation_id: str,
        *,
        order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Entries:
        """List the messages of a conversation.

        Each message is followed by its reply, also when later messages were accepted before the reply was there;
        with `order=desc` the newest comes first.
        """
        return await self.send(
            Request[shapes.Entries](
                method="GET",
                path=path_of("/v1/conversations/{conversation_id}/messages", conversation_id=conversation_id),
                query={"order": order, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_messages(
        self, conversation_id: str, *, order: Literal["asc", "desc"] | None = None, limit: int | None = None
    ) -> AsyncIterator[shapes.Entry]:
        """As `list_messages`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_messages(conversation_id, order=order, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def send_message(
        self,
        conversation_id: str,
        body: shapes.SendBody,
        *,
        wait: int | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.Message:
        """Send a message.

        It is accepted, kept and answered once. 202 names it; with `Prefer: wait=N` the answer waits for its end,
        and is 200 when it came in time.

        `wait`: seconds, at most 60, to wait for the end of what it begins.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Message](
                method="POST",
                path=path_of("/v1/conversations/{conversation_id}/messages", conversation_id=conversation_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                wait=wait,
            )
        )

    async def export_conversation(
        self, conversation_id: str, *, files: Literal["hash", "inline"] | None = None
    ) -> shapes.Transcript:
        """Export a conversation.

        All finished messages with their replies, calls of tools, citations, files and events, as JSON that can be
        imported, or as Markdown for people. Nothing in the JSON is an id of this server; the same conversation
        always gives the same bytes.
        """
        return await self.send(
            Request[shapes.Transcript](
                method="GET",
                path=path_of("/v1/conversations/{conversation_id}/export", conversation_id=conversation_id),
                query={"format": "json", "files": files},
            )
        )

    async def export_conversation_markdown(
        self, conversation_id: str, *, files: Literal["hash", "inline"] | None = None
    ) -> str:
        """Export a conversation, as Markdown.

        All finished messages with their replies, calls of tools, citations, files and events, as JSON that can be
        imported, or as Markdown for people. Nothing in the JSON is an id of this server; the same conversation
        always gives the same bytes.
        """
        return await self.send(
            Request[str](
                method="GET",
                path=path_of("/v1/conversations/{conversation_id}/export", conversation_id=conversation_id),
                query={"format": "markdown", "files": files},
                gives="text",
            )
        )

    async def import_conversation(
        self, body: shapes.Transcript, *, idempotency_key: str | None = None
    ) -> shapes.Conversation:
        """Import a conversation.

        A new conversation of your own that says what an export says: exported again, it is the same byte by byte.
        Nothing is answered, done or asked again. The agent and the data set are those with the same names. At most
        64 MB.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Conversation](
                method="POST",
                path=path_of("/v1/conversations/import"),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def get_message(self, message_id: str, *, wait: int | None = None) -> shapes.Message:
        """How a message stands.

        With its reply once it is finished, and with the approvals that it waits for.

        `wait`: seconds, at most 60, to wait for the end of what it begins.
        """
        return await self.send(
            Request[shapes.Message](
                method="GET", path=path_of("/v1/messages/{message_id}", message_id=message_id), wait=wait
            )
        )

    async def cancel_message(self, message_id: str, *, idempotency_key: str | None = None) -> shapes.Message:
        """Cancel a message.

        Stops the model's call and later tools, withdraws what it asked people, and keeps what was said as its
        reply. A message that is finished stays as it is, so cancelling twice is as good as once. A tool's call that
        is already under way cannot be taken back. The body is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Message](
                method="POST",
                path=path_of("/v1/messages/{message_id}/cancel", message_id=message_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def edit_message(
        self, message_id: str, body: shapes.EditBody, *, idempotency_key: str | None = None
    ) -> shapes.Message:
        """Say something else.

        The talk from this message on is left behind, and a new message with your text and the same files stands in
        its place and is answered. What is left behind is kept and marked `superseded`; the agent does not remember
        it. What tools did in those turns is not undone.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Message](
                method="POST",
                path=path_of("/v1/messages/{message_id}/edit", message_id=message_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def regenerate_reply(self, message_id: str, *, idempotency_key: str | None = None) -> shapes.Message:
        """Have a message answered once more.

        As if the message were edited to say the same. The id may be that of the message or of its reply; what was
        answered together with it is answered together again. The body is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Message](
                method="POST",
                path=path_of("/v1/messages/{message_id}/regenerate", message_id=message_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def rate_reply(
        self, message_id: str, body: shapes.FeedbackBody, *, idempotency_key: str | None = None
    ) -> shapes.Message:
        """Say what you think of a reply.

        One opinion an account and reply: a new one takes the place of yours. A message stands for its reply.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Message](
                method="PUT",
                path=path_of("/v1/messages/{message_id}/feedback", message_id=message_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def forget_rating(self, message_id: str, *, idempotency_key: str | None = None) -> None:
        """Take back what you think of a reply.

        When you said nothing of it, nothing happens.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/messages/{message_id}/feedback", message_id=message_id),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def list_conversation_events(
        self,
        conversation_id: str,
        *,
        after: int | None = None,
        limit: int | None = None,
        follow: bool | None = None,
        until: Literal["idle"] | None = None,
        wait: int | None = None,
    ) -> shapes.Events:
        """The events of a conversation.

        With `Accept: text/event-stream` the answer is a stream, else a page; both are the same numbered log, from
        any number, at any time, from any node.

        A stream goes on for ever unless told otherwise. Each frame of a stream has the event's number as its `id`,
        its kind as `event`, and one JSON object as `data`, the same as an item of a page. A comment comes every 15
        seconds. The last frame is `event: end` and says why; after `closing` connect again. Whoever takes nothing
        for 30 seconds is cut off and goes on with `Last-Event-ID`.

        `wait`: seconds, at most 60, to wait for the end of what it begins.
        """
        return await self.send(
            Request[shapes.Events](
                method="GET",
                path=path_of("/v1/conversations/{conversation_id}/events", conversation_id=conversation_id),
                query={"after": after, "limit": limit, "follow": follow, "until": until},
                wait=wait,
            )
        )

    async def list_message_events(
        self,
        message_id: str,
        *,
        after: int | None = None,
        limit: int | None = None,
        follow: bool | None = None,
        until: Literal["idle"] | None = None,
        wait: int | None = None,
    ) -> shapes.Events:
        """The events of one message.

        With `Accept: text/event-stream` the answer is a stream, else a page; both are the same numbered log, from
        any number, at any time, from any node.

        Those of one turn only, with the numbers that they have in the conversation. A stream ends after
        `message.completed`, `message.failed` or `message.cancelled`, one of which always comes. Each frame of a
        stream has the event's number as its `id`, its kind as `event`, and one JSON object as `data`, the same as
        an item of a page. A comment comes every 15 seconds. The last frame is `event: end` and says why; after
        `closing` connect again. Whoever takes nothing for 30 seconds is cut off and goes on with `Last-Event-ID`.

        `wait`: seconds, at most 60, to wait for the end of what it begins.
        """
        return await self.send(
            Request[shapes.Events](
                method="GET",
                path=path_of("/v1/messages/{message_id}/events", message_id=message_id),
                query={"after": after, "limit": limit, "follow": follow, "until": until},
                wait=wait,
            )
        )

    async def get_conversation_snapshot(self, conversation_id: str, *, messages: int | None = None) -> shapes.Snapshot:
        """A conversation at this moment.

        The newest messages, what the turn under way has said so far, its open calls, and what waits for people.
        Then follow the events after `last_event`: nothing is missing and nothing comes twice.
        """
        return await self.send(
            Request[shapes.Snapshot](
                method="GET",
                path=path_of("/v1/conversations/{conversation_id}/snapshot", conversation_id=conversation_id),
                query={"messages": messages},
            )
        )

    async def upload_file(self, *, file: Upload, idempotency_key: str | None = None) -> shapes.PlacedFile:
        """Upload a file.

        To be attached to messages. It is yours alone until a message has it, and is forgotten when none has it
        after a day. The bytes decide what it is, not its name.

        Files are paths, or `File`s in memory.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.PlacedFile](
                method="POST",
                path=path_of("/v1/files"),
                files=(file,),
                form_field="file",
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def get_file(self, file_id: str) -> shapes.PlacedFile:
        """Get what is known of a file.

        Without its bytes.
        """
        return await self.send(
            Request[shapes.PlacedFile](method="GET", path=path_of("/v1/files/{file_id}", file_id=file_id))
        )

    async def delete_file(self, file_id: str, *, idempotency_key: str | None = None) -> None:
        """Delete a file.

        The messages that have it are shown without it from then on.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/files/{file_id}", file_id=file_id),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def get_file_content(
        self, file_id: str, *, disposition: Literal["attachment", "inline"] | None = None
    ) -> bytes:
        """Get the bytes of a file.

        As they were uploaded or written, or one range of them.
        """
        return await self.send(
            Request[bytes](
                method="GET",
                path=path_of("/v1/files/{file_id}/content", file_id=file_id),
                query={"disposition": disposition},
                gives="bytes",
            )
        )

    async def list_conversation_files(
        self,
        conversation_id: str,
        *,
        written_by: Literal["person", "agent"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Files:
        """The files of a conversation.

        What was attached to its messages, and what the agent wrote; newest first.
        """
        return await self.send(
            Request[shapes.Files](
                method="GET",
                path=path_of("/v1/conversations/{conversation_id}/files", conversation_id=conversation_id),
                query={"written_by": written_by, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_conversation_files(
        self, conversation_id: str, *, written_by: Literal["person", "agent"] | None = None, limit: int | None = None
    ) -> AsyncIterator[shapes.PlacedFile]:
        """As `list_conversation_files`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_conversation_files(
                conversation_id, written_by=written_by, limit=limit, cursor=cursor
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def list_approvals(
        self,
        *,
        state: Literal["waiting", "approved", "denied", "expired", "cancelled"] | None = None,
        conversation: str | None = None,
        message: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Approvals:
        """What agents ask people.

        Newest first. Admins see all of the organization, others those of their own conversations.
        """
        return await self.send(
            Request[shapes.Approvals](
                method="GET",
                path=path_of("/v1/approvals"),
                query={
                    "state": state,
                    "conversation": conversation,
                    "message": message,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def iterate_approvals(
        self,
        *,
        state: Literal["waiting", "approved", "denied", "expired", "cancelled"] | None = None,
        conversation: str | None = None,
        message: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Approval]:
        """As `list_approvals`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_approvals(
                state=state, conversation=conversation, message=message, limit=limit, cursor=cursor
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_approval(self, approval_id: str) -> shapes.Approval:
        """Get an approval.

        One of them; also when it is decided.
        """
        return await self.send(
            Request[shapes.Approval](method="GET", path=path_of("/v1/approvals/{approval_id}", approval_id=approval_id))
        )

    async def decide_approval(
        self, approval_id: str, body: shapes.DecideBody, *, idempotency_key: str | None = None
    ) -> shapes.Approval:
        """Approve or deny.

        The turn goes on at once. Deciding the same again changes nothing and gets the first decision.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Approval](
                method="POST",
                path=path_of("/v1/approvals/{approval_id}/decide", approval_id=approval_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_agents(
        self,
        *,
        data_set: str | None = None,
        model: str | None = None,
        search: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Agents:
        """The agents that you may talk to.

        Newest first.
        """
        return await self.send(
            Request[shapes.Agents](
                method="GET",
                path=path_of("/v1/agents"),
                query={"data_set": data_set, "model": model, "search": search, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_agents(
        self,
        *,
        data_set: str | None = None,
        model: str | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.AgentDetails]:
        """As `list_agents`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_agents(data_set=data_set, model=model, search=search, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_agent(
        self, body: shapes.CreateAgentBody, *, idempotency_key: str | None = None
    ) -> shapes.AgentDetails:
        """Make an agent.

        It can be talked to at once, with its first revision. What would let it into the server's own machine or
        network (MCP servers by command, private addresses) is for operators, unless the server says otherwise.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.AgentDetails](
                method="POST", path=path_of("/v1/agents"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def get_agent(self, agent_id: str) -> shapes.AgentDetails:
        """Get an agent.

        As it answers now.
        """
        return await self.send(
            Request[shapes.AgentDetails](method="GET", path=path_of("/v1/agents/{agent_id}", agent_id=agent_id))
        )

    async def change_agent(
        self,
        agent_id: str,
        body: shapes.ChangeAgentBody,
        *,
        deploy: bool | None = None,
        base: int | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.AgentDetails:
        """Change an agent.

        The body is a JSON Merge Patch (RFC 7396): objects are merged, `null` brings back the default, lists are
        replaced. The change is one more revision, which answers from now on; with `deploy=false` it is a draft.
        Turns under way go on with the revision that they began with. A change of nothing makes no revision.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.AgentDetails](
                method="PATCH",
                path=path_of("/v1/agents/{agent_id}", agent_id=agent_id),
                query={"deploy": deploy, "base": base},
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
            )
        )

    async def delete_agent(
        self, agent_id: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> None:
        """Take an agent out of use.

        Nothing more can be sent to it. What was accepted is still answered, and its conversations stay.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/agents/{agent_id}", agent_id=agent_id),
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
                gives="nothing",
            )
        )

    async def list_revisions(
        self, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> shapes.Revisions:
        """What was changed, by whom and why.

        Newest first; for admins.
        """
        return await self.send(
            Request[shapes.Revisions](
                method="GET",
                path=path_of("/v1/agents/{agent_id}/revisions", agent_id=agent_id),
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def iterate_revisions(self, agent_id: str, *, limit: int | None = None) -> AsyncIterator[shapes.Revision]:
        """As `list_revisions`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_revisions(agent_id, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_revision(self, agent_id: str, revision: int) -> shapes.Revision:
        """Get a revision.

        What the agent was made of then; for admins.
        """
        return await self.send(
            Request[shapes.Revision](
                method="GET",
                path=path_of("/v1/agents/{agent_id}/revisions/{revision}", agent_id=agent_id, revision=revision),
            )
        )

    async def compare_revisions(self, agent_id: str, revision: int, *, against: int | None = None) -> shapes.Comparison:
        """Compare two revisions.

        Field by field, and line by line in texts; for admins.
        """
        return await self.send(
            Request[shapes.Comparison](
                method="GET",
                path=path_of("/v1/agents/{agent_id}/revisions/{revision}/diff", agent_id=agent_id, revision=revision),
                query={"against": against},
            )
        )

    async def roll_back_agent(
        self,
        agent_id: str,
        body: shapes.RollBackBody,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.AgentDetails:
        """Go back to an earlier revision.

        Makes one more revision with the content of that one, which answers from now on.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.AgentDetails](
                method="POST",
                path=path_of("/v1/agents/{agent_id}/rollback", agent_id=agent_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
            )
        )

    async def deploy_agent(
        self, agent_id: str, body: shapes.DeployBody, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> shapes.AgentDetails:
        """Have the agent answer with a revision.

        With a draft, or an earlier one. The body may be empty: the newest. When it answers with that one already
        nothing changes.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.AgentDetails](
                method="POST",
                path=path_of("/v1/agents/{agent_id}/deploy", agent_id=agent_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
            )
        )

    async def list_tools(self) -> shapes.Tools:
        """The tools that agents may use here.

        All but those of MCP servers, which each agent has of its own.
        """
        return await self.send(Request[shapes.Tools](method="GET", path=path_of("/v1/tools")))

    async def list_agent_tools(self, agent_id: str) -> shapes.AgentTools:
        """The tools that an agent has now.

        Its MCP servers are asked. Each server is waited for 20 seconds at most; one that failed is not asked again
        for 15 seconds.
        """
        return await self.send(
            Request[shapes.AgentTools](method="GET", path=path_of("/v1/agents/{agent_id}/tools", agent_id=agent_id))
        )

    async def test_tool(
        self, agent_id: str, tool: str, body: shapes.TestToolBody, *, idempotency_key: str | None = None
    ) -> shapes.Trial:
        """Try a tool of an agent.

        As a turn would call it, outside any conversation; no approval is asked for, and it is logged. A call that
        may change something needs `confirm`. It is waited for 60 seconds at most.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Trial](
                method="POST",
                path=path_of("/v1/agents/{agent_id}/tools/{tool}/test", agent_id=agent_id, tool=tool),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_mcp_servers(self, agent_id: str) -> shapes.Servers:
        """The MCP servers of an agent.

        Each is asked for its tools. For admins. Each server is waited for 20 seconds at most; one that failed is
        not asked again for 15 seconds.
        """
        return await self.send(
            Request[shapes.Servers](method="GET", path=path_of("/v1/agents/{agent_id}/mcp-servers", agent_id=agent_id))
        )

    async def test_mcp_server(self, agent_id: str, server: str) -> shapes.Server:
        """Connect to an MCP server anew.

        Whatever is known of it; the connection is closed again. A server that is away is no error of this request:
        `problem` says why. The body is empty, or `{}`.
        """
        return await self.send(
            Request[shapes.Server](
                method="POST",
                path=path_of("/v1/agents/{agent_id}/mcp-servers/{server}/test", agent_id=agent_id, server=server),
            )
        )

    async def list_models(self, *, provider: str | None = None, search: str | None = None) -> shapes.Models:
        """Which models there are, and what they cost.

        No provider is asked. Prices are those of the operator, else of a list that comes with the server.
        """
        return await self.send(
            Request[shapes.Models](
                method="GET", path=path_of("/v1/models"), query={"provider": provider, "search": search}
            )
        )

    async def list_secrets(self, *, limit: int | None = None, cursor: str | None = None) -> shapes.Secrets:
        """The names of your organization's secrets.

        Oldest first. No operation shows a value.
        """
        return await self.send(
            Request[shapes.Secrets](method="GET", path=path_of("/v1/secrets"), query={"limit": limit, "cursor": cursor})
        )

    async def iterate_secrets(self, *, limit: int | None = None) -> AsyncIterator[shapes.Secret]:
        """As `list_secrets`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_secrets(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def set_secret(self, secret: str, body: shapes.SecretBody, *, idempotency_key: str | None = None) -> None:
        """Keep a secret, or another value under its name.

        Models and tools use it within 30 seconds. In settings, `vault:NAME` stands for it.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="PUT",
                path=path_of("/v1/secrets/{secret}", secret=secret),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def delete_secret(self, secret: str, *, idempotency_key: str | None = None) -> None:
        """Forget a secret.

        What uses it fails within 30 seconds, with a sentence that names it.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/secrets/{secret}", secret=secret),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def create_data_set(
        self, body: shapes.NewDataSetBody, *, idempotency_key: str | None = None
    ) -> shapes.DataSet:
        """Make a data set.

        Empty; upload documents, or a whole folder, afterwards.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.DataSet](
                method="POST", path=path_of("/v1/data-sets"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def list_data_sets(
        self, *, name: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> shapes.DataSets:
        """The data sets.

        Newest first. Admins see all of the organization, others those that were opened to them.
        """
        return await self.send(
            Request[shapes.DataSets](
                method="GET", path=path_of("/v1/data-sets"), query={"name": name, "limit": limit, "cursor": cursor}
            )
        )

    async def iterate_data_sets(
        self, *, name: str | None = None, limit: int | None = None
    ) -> AsyncIterator[shapes.DataSet]:
        """As `list_data_sets`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_data_sets(name=name, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_data_set(self, data_set_id: str) -> shapes.DataSet:
        """Get a data set.

        With what it holds, and how far its vectors are.
        """
        return await self.send(
            Request[shapes.DataSet](method="GET", path=path_of("/v1/data-sets/{data_set_id}", data_set_id=data_set_id))
        )

    async def change_data_set(
        self,
        data_set_id: str,
        body: shapes.DataSetChangeBody,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.DataSet:
        """Change a data set.

        What is left out stays. Another embedding model makes its vectors behind those that serve, and takes their
        place once all are there; naming the one that serves ends such a change.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.DataSet](
                method="PATCH",
                path=path_of("/v1/data-sets/{data_set_id}", data_set_id=data_set_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
            )
        )

    async def delete_data_set(
        self, data_set_id: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> None:
        """Delete a data set.

        With all that it holds, and the agents that answer from it. Its runs are cancelled.

        `if_match`: only if this is still the version, see `etag_of`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/data-sets/{data_set_id}", data_set_id=data_set_id),
                idempotency_key=idempotency_key,
                changes=True,
                if_match=if_match,
                gives="nothing",
            )
        )

    async def list_data_set_members(
        self, data_set_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> shapes.DataSetMembers:
        """Who may use a data set.

        The accounts that it was opened to; admins see all data sets anyway.
        """
        return await self.send(
            Request[shapes.DataSetMembers](
                method="GET",
                path=path_of("/v1/data-sets/{data_set_id}/members", data_set_id=data_set_id),
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def iterate_data_set_members(
        self, data_set_id: str, *, limit: int | None = None
    ) -> AsyncIterator[shapes.DataSetMember]:
        """As `list_data_set_members`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_data_set_members(data_set_id, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def add_data_set_member(
        self, data_set_id: str, body: shapes.NewMemberBody, *, idempotency_key: str | None = None
    ) -> shapes.DataSetMember:
        """Open a data set to an account.

        At once; doing it again changes nothing.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.DataSetMember](
                method="POST",
                path=path_of("/v1/data-sets/{data_set_id}/members", data_set_id=data_set_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def remove_data_set_member(
        self, data_set_id: str, account_id: str, *, idempotency_key: str | None = None
    ) -> None:
        """Close a data set to an account.

        At once.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/members/{account_id}", data_set_id=data_set_id, account_id=account_id
                ),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def search_data_set(self, data_set_id: str, body: shapes.SearchBody) -> shapes.Search:
        """Search a data set.

        What agents get to read: the passages that fit best, by their words (BM25) and by their meaning. With
        `explain` each comes with the figures by which it was ranked. Filters choose among passages; how rare a word
        is is counted over the whole data set.
        """
        return await self.send(
            Request[shapes.Search](
                method="POST", path=path_of("/v1/data-sets/{data_set_id}/search", data_set_id=data_set_id), body=body
            )
        )

    async def list_documents(
        self,
        data_set_id: str,
        *,
        q: str | None = None,
        address_prefix: str | None = None,
        title: str | None = None,
        kind: Literal["document", "product"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Documents:
        """The documents of a data set.

        Newest first, without their texts; the companions of products too.
        """
        return await self.send(
            Request[shapes.Documents](
                method="GET",
                path=path_of("/v1/data-sets/{data_set_id}/documents", data_set_id=data_set_id),
                query={
                    "q": q,
                    "address_prefix": address_prefix,
                    "title": title,
                    "kind": kind,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def iterate_documents(
        self,
        data_set_id: str,
        *,
        q: str | None = None,
        address_prefix: str | None = None,
        title: str | None = None,
        kind: Literal["document", "product"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Document]:
        """As `list_documents`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_documents(
                data_set_id, q=q, address_prefix=address_prefix, title=title, kind=kind, limit=limit, cursor=cursor
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def add_documents(
        self,
        data_set_id: str,
        body: shapes.TextBody | None = None,
        *,
        files: Sequence[Upload] = (),
        wait: int | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.Sync:
        """Add documents.

        A text in JSON of at most 5,000,000 bytes, or files as a form. A document of the same address is replaced. A
        text without an address is called by its content. It is done by a run; see Syncs.

        Files are paths, or `File`s in memory.

        `wait`: seconds, at most 60, to wait for the end of what it begins.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Sync](
                method="POST",
                path=path_of("/v1/data-sets/{data_set_id}/documents", data_set_id=data_set_id),
                body=body,
                files=files,
                form_field="file",
                idempotency_key=idempotency_key,
                changes=True,
                wait=wait,
            )
        )

    async def put_document(
        self,
        data_set_id: str,
        body: shapes.TextBody | None = None,
        *,
        file: Upload | None = None,
        address: str | None = None,
        wait: int | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.Sync:
        """Put a document at an address.

        In place of what was there: a text in JSON, or one file as a form, whatever its name is. Of a file the
        ending of the address tells which kind of text it is. It is done by a run; see Syncs.

        Files are paths, or `File`s in memory.

        `wait`: seconds, at most 60, to wait for the end of what it begins.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Sync](
                method="PUT",
                path=path_of("/v1/data-sets/{data_set_id}/documents", data_set_id=data_set_id),
                query={"address": address},
                body=body,
                files=() if file is None else (file,),
                form_field="file",
                idempotency_key=idempotency_key,
                changes=True,
                wait=wait,
            )
        )

    async def get_document(
        self,
        data_set_id: str,
        document_id: str,
        *,
        start: int | None = None,
        end: int | None = None,
        version: int | None = None,
    ) -> shapes.DocumentText:
        """Get a document.

        With its text, or a stretch of it: at most 1,000,000 characters, and 100,000 if `end` is left out. With the
        `version` that a citation names it says whether the text is another one by now; earlier texts are not kept.
        """
        return await self.send(
            Request[shapes.DocumentText](
                method="GET",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/documents/{document_id}",
                    data_set_id=data_set_id,
                    document_id=document_id,
                ),
                query={"start": start, "end": end, "version": version},
            )
        )

    async def delete_document(
        self, data_set_id: str, document_id: str, *, wait: int | None = None, idempotency_key: str | None = None
    ) -> shapes.Sync:
        """Remove a document.

        By a run, behind those that were asked for before; see Syncs. A later upload of the file that it came from
        brings it back. Of a product its companion is removed, and the product with it.

        `wait`: seconds, at most 60, to wait for the end of what it begins.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Sync](
                method="DELETE",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/documents/{document_id}",
                    data_set_id=data_set_id,
                    document_id=document_id,
                ),
                idempotency_key=idempotency_key,
                changes=True,
                wait=wait,
            )
        )

    async def list_passages(
        self, data_set_id: str, document_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> shapes.Passages:
        """The passages of a document.

        In the order of the text: what a search can find of it.
        """
        return await self.send(
            Request[shapes.Passages](
                method="GET",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/documents/{document_id}/passages",
                    data_set_id=data_set_id,
                    document_id=document_id,
                ),
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def iterate_passages(
        self, data_set_id: str, document_id: str, *, limit: int | None = None
    ) -> AsyncIterator[shapes.Passage]:
        """As `list_passages`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_passages(data_set_id, document_id, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def list_products(
        self,
        data_set_id: str,
        *,
        q: str | None = None,
        category: str | None = None,
        price_min: float | None = None,
        price_max: float | None = None,
        property: Sequence[str] | None = None,
        order: Literal["relevance", "price", "-price", "name", "-name"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Products:
        """The products of a data set.

        Those that every filter fits, as the agents' tool `search_products` finds them.
        """
        return await self.send(
            Request[shapes.Products](
                method="GET",
                path=path_of("/v1/data-sets/{data_set_id}/products", data_set_id=data_set_id),
                query={
                    "q": q,
                    "category": category,
                    "price_min": price_min,
                    "price_max": price_max,
                    "property": property,
                    "order": order,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def iterate_products(
        self,
        data_set_id: str,
        *,
        q: str | None = None,
        category: str | None = None,
        price_min: float | None = None,
        price_max: float | None = None,
        property: Sequence[str] | None = None,
        order: Literal["relevance", "price", "-price", "name", "-name"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Product]:
        """As `list_products`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_products(
                data_set_id,
                q=q,
                category=category,
                price_min=price_min,
                price_max=price_max,
                property=property,
                order=order,
                limit=limit,
                cursor=cursor,
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_product(self, data_set_id: str, product_id: str) -> shapes.Product:
        """Get a product.

        By our id, or by the shop's own.
        """
        return await self.send(
            Request[shapes.Product](
                method="GET",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/products/{product_id}", data_set_id=data_set_id, product_id=product_id
                ),
            )
        )

    async def begin_sync(
        self,
        data_set_id: str,
        *,
        files: Sequence[Upload],
        mode: Literal["merge", "replace"] | None = None,
        wait: int | None = None,
        idempotency_key: str | None = None,
    ) -> shapes.Sync:
        """Upload files or a folder as one run.

        Files, and ZIP archives of folders, whose files are called by their paths inside. One run is done as a
        whole: readers see all of it, or nothing. What is unchanged is not read again; what cannot be read is told
        by the run. Runs of one data set are done one after the other.

        Reads Markdown, text, HTML, PDF, DOCX, CSV, XLSX and product JSONL.

        Files are paths, or `File`s in memory.

        `wait`: seconds, at most 60, to wait for the end of what it begins.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Sync](
                method="POST",
                path=path_of("/v1/data-sets/{data_set_id}/syncs", data_set_id=data_set_id),
                query={"mode": mode},
                files=files,
                form_field="file",
                idempotency_key=idempotency_key,
                changes=True,
                wait=wait,
            )
        )

    async def list_syncs(
        self,
        data_set_id: str,
        *,
        state: Literal["queued", "running", "completed", "failed", "cancelled"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Syncs:
        """The runs of a data set.

        Newest first; those of `turnkeeper data-sets import` too. They are kept for 90 days.
        """
        return await self.send(
            Request[shapes.Syncs](
                method="GET",
                path=path_of("/v1/data-sets/{data_set_id}/syncs", data_set_id=data_set_id),
                query={"state": state, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_syncs(
        self,
        data_set_id: str,
        *,
        state: Literal["queued", "running", "completed", "failed", "cancelled"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Sync]:
        """As `list_syncs`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_syncs(data_set_id, state=state, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_sync(self, data_set_id: str, sync_id: str, *, wait: int | None = None) -> shapes.Sync:
        """How a run stands.

        Its state, how far it is, and its counts. Vectors follow after it is completed.

        `wait`: seconds, at most 60, to wait for the end of what it begins.
        """
        return await self.send(
            Request[shapes.Sync](
                method="GET",
                path=path_of("/v1/data-sets/{data_set_id}/syncs/{sync_id}", data_set_id=data_set_id, sync_id=sync_id),
                wait=wait,
            )
        )

    async def list_sync_errors(
        self, data_set_id: str, sync_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> shapes.SyncErrors:
        """What a run could not read.

        Each with its address and a sentence; the first 10,000 are kept.
        """
        return await self.send(
            Request[shapes.SyncErrors](
                method="GET",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/syncs/{sync_id}/errors", data_set_id=data_set_id, sync_id=sync_id
                ),
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def iterate_sync_errors(
        self, data_set_id: str, sync_id: str, *, limit: int | None = None
    ) -> AsyncIterator[shapes.SyncError]:
        """As `list_sync_errors`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_sync_errors(data_set_id, sync_id, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def cancel_sync(self, data_set_id: str, sync_id: str, *, idempotency_key: str | None = None) -> shapes.Sync:
        """Cancel a run.

        Nothing of it is kept. A run that has ended stays as it is, so cancelling twice is as good as once. The body
        is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Sync](
                method="POST",
                path=path_of(
                    "/v1/data-sets/{data_set_id}/syncs/{sync_id}/cancel", data_set_id=data_set_id, sync_id=sync_id
                ),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_schedules(self, *, limit: int | None = None, cursor: str | None = None) -> shapes.Schedules:
        """Messages that are sent again and again.

        Newest first. Admins see all of the organization, others their own.
        """
        return await self.send(
            Request[shapes.Schedules](
                method="GET", path=path_of("/v1/schedules"), query={"limit": limit, "cursor": cursor}
            )
        )

    async def iterate_schedules(self, *, limit: int | None = None) -> AsyncIterator[shapes.Schedule]:
        """As `list_schedules`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_schedules(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_schedule(
        self, body: shapes.NewScheduleBody, *, idempotency_key: str | None = None
    ) -> shapes.Schedule:
        """Make a schedule.

        At every tick of the cron line the message is sent to the agent, once, in the name of the caller. Ticks that
        are missed while no server runs are made up for by one. A local time that is skipped when clocks are put
        forward fires once, right after; one that comes twice fires once, the first time. A line with `*` as its
        hour goes by the hours that pass instead.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Schedule](
                method="POST", path=path_of("/v1/schedules"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def preview_ticks(self, *, cron: str | None = None, timezone: str | None = None) -> shapes.Ticks:
        """When a cron line would fire.

        To be looked at before a schedule is made or changed. A local time that is skipped when clocks are put
        forward fires once, right after; one that comes twice fires once, the first time. A line with `*` as its
        hour goes by the hours that pass instead.
        """
        return await self.send(
            Request[shapes.Ticks](
                method="GET", path=path_of("/v1/schedules/ticks"), query={"cron": cron, "timezone": timezone}
            )
        )

    async def get_schedule(self, schedule_id: str) -> shapes.Schedule:
        """Get a schedule.

        With its next five ticks.
        """
        return await self.send(
            Request[shapes.Schedule](method="GET", path=path_of("/v1/schedules/{schedule_id}", schedule_id=schedule_id))
        )

    async def change_schedule(
        self, schedule_id: str, body: shapes.ScheduleBody, *, idempotency_key: str | None = None
    ) -> shapes.Schedule:
        """Change a schedule.

        What is left out stays. With another line or zone the next tick is counted from now.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Schedule](
                method="PATCH",
                path=path_of("/v1/schedules/{schedule_id}", schedule_id=schedule_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def delete_schedule(self, schedule_id: str, *, idempotency_key: str | None = None) -> None:
        """Delete a schedule.

        With the list of its runs. The conversations that it began stay.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/schedules/{schedule_id}", schedule_id=schedule_id),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def pause_schedule(self, schedule_id: str, *, idempotency_key: str | None = None) -> shapes.Schedule:
        """Pause a schedule.

        No tick fires until it is resumed. Twice is as good as once. The body is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Schedule](
                method="POST",
                path=path_of("/v1/schedules/{schedule_id}/pause", schedule_id=schedule_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def resume_schedule(self, schedule_id: str, *, idempotency_key: str | None = None) -> shapes.Schedule:
        """Resume a schedule.

        It goes on with the next tick from now; those of the pause are not made up for. The body is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Schedule](
                method="POST",
                path=path_of("/v1/schedules/{schedule_id}/resume", schedule_id=schedule_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def run_schedule(self, schedule_id: str, *, idempotency_key: str | None = None) -> shapes.Run:
        """Send its message now.

        Paused or not; its ticks stay as they are. `Location` is the message. The body is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Run](
                method="POST",
                path=path_of("/v1/schedules/{schedule_id}/run", schedule_id=schedule_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_schedule_runs(
        self, schedule_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> shapes.Runs:
        """What came of a schedule.

        Newest first, with the messages that were sent. Runs are kept for 30 days.
        """
        return await self.send(
            Request[shapes.Runs](
                method="GET",
                path=path_of("/v1/schedules/{schedule_id}/runs", schedule_id=schedule_id),
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def iterate_schedule_runs(self, schedule_id: str, *, limit: int | None = None) -> AsyncIterator[shapes.Run]:
        """As `list_schedule_runs`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_schedule_runs(schedule_id, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def list_webhooks(self, *, limit: int | None = None, cursor: str | None = None) -> shapes.Webhooks:
        """The organization's webhooks.

        Newest first, without their secrets.
        """
        return await self.send(
            Request[shapes.Webhooks](
                method="GET", path=path_of("/v1/webhooks"), query={"limit": limit, "cursor": cursor}
            )
        )

    async def iterate_webhooks(self, *, limit: int | None = None) -> AsyncIterator[shapes.Webhook]:
        """As `list_webhooks`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_webhooks(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_webhook(
        self, body: shapes.NewWebhookBody, *, idempotency_key: str | None = None
    ) -> shapes.MadeWebhook:
        """Register a webhook.

        From now on the address is sent what happens in the organization, signed as Standard Webhooks 1.0 says:
        headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. Answer with any status from 200 to 299
        within 10 seconds; everything else is tried again, for three days. One request is under way at a time, in
        the order in which things happened; what keeps failing steps aside after some minutes. The same delivery may
        come twice, with the same `webhook-id`. The secret is shown now and never again.

        Types:

        - `conversation.created`: A conversation began. - `conversation.updated`: Its name, tags or metadata
        changed. - `conversation.archived`: It was put away, or taken out again. - `conversation.deleted`: It was
        deleted, with all that was in it. - `message.queued`: A message was accepted and will be answered. -
        `message.started`: A worker began to answer it; told once, however often it begins anew. -
        `message.completed`: It is answered; the reply comes with it. - `message.failed`: It could not be answered;
        a safe reason comes with it. - `message.cancelled`: Somebody cancelled it; what was said so far comes with
        it. - `message.superseded`: Another message took its place. - `message.absorbed`: It became part of the turn
        that was being answered. - `approval.asked`: A call of a tool waits for a person's yes. -
        `approval.decided`: It was decided, or nobody decided in time. - `tool.called`: The model asked for a tool.
        - `tool.returned`: The tool answered. - `agent.changed`: An agent was made, changed, deployed or deleted. -
        `data_set.synced`: A data set was brought up to date. - `webhook.disabled`: Another webhook of the
        organization was switched off because it cannot be reached. - `webhook.test`: Sent when somebody asks for a
        test; to that webhook only, whatever it subscribes to.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.MadeWebhook](
                method="POST", path=path_of("/v1/webhooks"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def get_webhook(self, webhook_id: str) -> shapes.Webhook:
        """Get a webhook.

        How it stands, without its secret.
        """
        return await self.send(
            Request[shapes.Webhook](method="GET", path=path_of("/v1/webhooks/{webhook_id}", webhook_id=webhook_id))
        )

    async def change_webhook(
        self, webhook_id: str, body: shapes.WebhookBody, *, idempotency_key: str | None = None
    ) -> shapes.Webhook:
        """Change a webhook.

        What is left out stays. Switched off, it is told nothing; switched on again, it is sent what was waiting
        before, but not what happened meanwhile.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Webhook](
                method="PATCH",
                path=path_of("/v1/webhooks/{webhook_id}", webhook_id=webhook_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def delete_webhook(self, webhook_id: str, *, idempotency_key: str | None = None) -> None:
        """Delete a webhook.

        With its secrets and deliveries. What is on its way may still arrive.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/webhooks/{webhook_id}", webhook_id=webhook_id),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def rotate_webhook_secret(
        self, webhook_id: str, body: shapes.RotateBody, *, idempotency_key: str | None = None
    ) -> shapes.MadeWebhook:
        """Replace the secret.

        Deliveries are signed with the new secret and, for the grace time, with the older ones too: `webhook-
        signature` has a signature of each. Receivers that check with either go on working.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.MadeWebhook](
                method="POST",
                path=path_of("/v1/webhooks/{webhook_id}/rotate", webhook_id=webhook_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def test_webhook(self, webhook_id: str, *, idempotency_key: str | None = None) -> shapes.Delivery:
        """Send a test.

        A delivery of type `webhook.test`, sent beside what waits. Its log, at `Location`, says what came of it. The
        body is empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Delivery](
                method="POST",
                path=path_of("/v1/webhooks/{webhook_id}/test", webhook_id=webhook_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_deliveries(
        self,
        webhook_id: str,
        *,
        state: Literal["waiting", "delivered", "failed"] | None = None,
        type: Literal[
            "conversation.created",
            "conversation.updated",
            "conversation.archived",
            "conversation.deleted",
            "message.queued",
            "message.started",
            "message.completed",
            "message.failed",
            "message.cancelled",
            "message.superseded",
            "message.absorbed",
            "approval.asked",
            "approval.decided",
            "tool.called",
            "tool.returned",
            "agent.changed",
            "data_set.synced",
            "webhook.disabled",
            "webhook.test",
        ]
        | None = None,
        since: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Deliveries:
        """What was sent, and what waits.

        Newest first. Deliveries are kept for 30 days.
        """
        return await self.send(
            Request[shapes.Deliveries](
                method="GET",
                path=path_of("/v1/webhooks/{webhook_id}/deliveries", webhook_id=webhook_id),
                query={"state": state, "type": type, "since": since, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_deliveries(
        self,
        webhook_id: str,
        *,
        state: Literal["waiting", "delivered", "failed"] | None = None,
        type: Literal[
            "conversation.created",
            "conversation.updated",
            "conversation.archived",
            "conversation.deleted",
            "message.queued",
            "message.started",
            "message.completed",
            "message.failed",
            "message.cancelled",
            "message.superseded",
            "message.absorbed",
            "approval.asked",
            "approval.decided",
            "tool.called",
            "tool.returned",
            "agent.changed",
            "data_set.synced",
            "webhook.disabled",
            "webhook.test",
        ]
        | None = None,
        since: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Delivery]:
        """As `list_deliveries`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_deliveries(
                webhook_id, state=state, type=type, since=since, limit=limit, cursor=cursor
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_delivery(self, webhook_id: str, delivery_id: str) -> shapes.Delivery:
        """Get a delivery.

        With what came of each attempt.
        """
        return await self.send(
            Request[shapes.Delivery](
                method="GET",
                path=path_of(
                    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", webhook_id=webhook_id, delivery_id=delivery_id
                ),
            )
        )

    async def replay_delivery(
        self, webhook_id: str, delivery_id: str, *, idempotency_key: str | None = None
    ) -> shapes.Delivery:
        """Send a delivery again.

        Whatever came of it before, with the same `webhook-id` and the same body, beside what waits. The body is
        empty, or `{}`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Delivery](
                method="POST",
                path=path_of(
                    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
                    webhook_id=webhook_id,
                    delivery_id=delivery_id,
                ),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def replay_deliveries(
        self, webhook_id: str, body: shapes.ReplayBody, *, idempotency_key: str | None = None
    ) -> shapes.Replayed:
        """Send everything again since a time.

        What was given up, or everything that came to its end; in the order in which it happened.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Replayed](
                method="POST",
                path=path_of("/v1/webhooks/{webhook_id}/replay", webhook_id=webhook_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_audit(
        self,
        *,
        action: Literal[
            "organization.created",
            "organization.renamed",
            "member.created",
            "member.role_changed",
            "member.activated",
            "member.deactivated",
            "member.password_changed",
            "member.operator_changed",
            "session.started",
            "session.ended",
            "session.code_made",
            "key.created",
            "key.updated",
            "key.rotated",
            "key.revoked",
            "agent.created",
            "agent.updated",
            "agent.deployed",
            "agent.deleted",
            "agent.tool_called",
            "data_set.created",
            "data_set.updated",
            "data_set.deleted",
            "data_set.member_added",
            "data_set.member_removed",
            "document.changed",
            "document.deleted",
            "sync.started",
            "sync.cancelled",
            "webhook.created",
            "webhook.updated",
            "webhook.rotated",
            "webhook.tested",
            "webhook.replayed",
            "webhook.deleted",
            "schedule.created",
            "schedule.updated",
            "schedule.paused",
            "schedule.resumed",
            "schedule.run",
            "schedule.deleted",
            "secret.put",
            "secret.deleted",
            "secret.rotated",
            "limits.changed",
            "approval.decided",
            "approval.expired",
            "conversation.deleted",
            "file.deleted",
            "erasure.requested",
            "erasure.done",
            "retention.changed",
            "retention.applied",
        ]
        | None = None,
        account: str | None = None,
        target: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Audit:
        """Who changed what.

        Newest first. Entries are never changed or removed; they have nothing of what people and agents said.
        """
        return await self.send(
            Request[shapes.Audit](
                method="GET",
                path=path_of("/v1/audit"),
                query={
                    "action": action,
                    "account": account,
                    "target": target,
                    "from": from_,
                    "to": to,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def iterate_audit(
        self,
        *,
        action: Literal[
            "organization.created",
            "organization.renamed",
            "member.created",
            "member.role_changed",
            "member.activated",
            "member.deactivated",
            "member.password_changed",
            "member.operator_changed",
            "session.started",
            "session.ended",
            "session.code_made",
            "key.created",
            "key.updated",
            "key.rotated",
            "key.revoked",
            "agent.created",
            "agent.updated",
            "agent.deployed",
            "agent.deleted",
            "agent.tool_called",
            "data_set.created",
            "data_set.updated",
            "data_set.deleted",
            "data_set.member_added",
            "data_set.member_removed",
            "document.changed",
            "document.deleted",
            "sync.started",
            "sync.cancelled",
            "webhook.created",
            "webhook.updated",
            "webhook.rotated",
            "webhook.tested",
            "webhook.replayed",
            "webhook.deleted",
            "schedule.created",
            "schedule.updated",
            "schedule.paused",
            "schedule.resumed",
            "schedule.run",
            "schedule.deleted",
            "secret.put",
            "secret.deleted",
            "secret.rotated",
            "limits.changed",
            "approval.decided",
            "approval.expired",
            "conversation.deleted",
            "file.deleted",
            "erasure.requested",
            "erasure.done",
            "retention.changed",
            "retention.applied",
        ]
        | None = None,
        account: str | None = None,
        target: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.AuditEntry]:
        """As `list_audit`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_audit(
                action=action, account=account, target=target, from_=from_, to=to, limit=limit, cursor=cursor
            )
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def export_audit(
        self,
        *,
        action: Literal[
            "organization.created",
            "organization.renamed",
            "member.created",
            "member.role_changed",
            "member.activated",
            "member.deactivated",
            "member.password_changed",
            "member.operator_changed",
            "session.started",
            "session.ended",
            "session.code_made",
            "key.created",
            "key.updated",
            "key.rotated",
            "key.revoked",
            "agent.created",
            "agent.updated",
            "agent.deployed",
            "agent.deleted",
            "agent.tool_called",
            "data_set.created",
            "data_set.updated",
            "data_set.deleted",
            "data_set.member_added",
            "data_set.member_removed",
            "document.changed",
            "document.deleted",
            "sync.started",
            "sync.cancelled",
            "webhook.created",
            "webhook.updated",
            "webhook.rotated",
            "webhook.tested",
            "webhook.replayed",
            "webhook.deleted",
            "schedule.created",
            "schedule.updated",
            "schedule.paused",
            "schedule.resumed",
            "schedule.run",
            "schedule.deleted",
            "secret.put",
            "secret.deleted",
            "secret.rotated",
            "limits.changed",
            "approval.decided",
            "approval.expired",
            "conversation.deleted",
            "file.deleted",
            "erasure.requested",
            "erasure.done",
            "retention.changed",
            "retention.applied",
        ]
        | None = None,
        account: str | None = None,
        target: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        format: Literal["ndjson", "csv"] | None = None,
    ) -> bytes:
        """The log as a file.

        Oldest first, all of it that fits the filters, as it is read: one JSON object a line, or a CSV table of
        which no cell is a formula.
        """
        return await self.send(
            Request[bytes](
                method="GET",
                path=path_of("/v1/audit/export"),
                query={
                    "action": action,
                    "account": account,
                    "target": target,
                    "from": from_,
                    "to": to,
                    "format": format,
                },
                gives="bytes",
            )
        )

    async def get_audit_head(self) -> shapes.AuditHead:
        """The end of the log.

        Noted where nobody who could change the log can change it too, it shows later that nothing was cut off:
        `turnkeeper audit verify --head NUMBER:HASH`.
        """
        return await self.send(Request[shapes.AuditHead](method="GET", path=path_of("/v1/audit/head")))

    async def verify_audit(self, *, head: str | None = None) -> shapes.Verified:
        """Whether the log is whole.

        Walks the whole log and checks that each entry is as it was written and follows on the one before.
        `turnkeeper audit verify` does the same for logs that take longer than 30 seconds.
        """
        return await self.send(
            Request[shapes.Verified](method="GET", path=path_of("/v1/audit/verify"), query={"head": head})
        )

    async def list_failed_sign_ins(self) -> shapes.FailedSignInsList:
        """Keys that were no good.

        How many requests came with expired or revoked keys of the organization, or with those of inactive accounts,
        by day of UTC. They are counted and have no entries. The count is up to ten seconds behind.
        """
        return await self.send(
            Request[shapes.FailedSignInsList](method="GET", path=path_of("/v1/audit/failed-sign-ins"))
        )

    async def list_erasures(self, *, limit: int | None = None, cursor: str | None = None) -> shapes.Erasures:
        """The organization's erasures.

        Newest first. Receipts are kept.
        """
        return await self.send(
            Request[shapes.Erasures](
                method="GET", path=path_of("/v1/erasures"), query={"limit": limit, "cursor": cursor}
            )
        )

    async def iterate_erasures(self, *, limit: int | None = None) -> AsyncIterator[shapes.Erasure]:
        """As `list_erasures`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_erasures(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_erasure(self, body: shapes.ErasureBody, *, idempotency_key: str | None = None) -> shapes.Erasure:
        """Erase a conversation, a person or an end user.

        For good, in the background: messages, events, calls of tools, approvals, summaries, files and their bytes,
        deliveries of webhooks, stored results of requests; of a person also schedules, keys, opinions, notes and
        the documents made from uploads. The account stays as a tombstone without name and address, and is signed
        out at once. Entries of the audit log stay: they have nothing of the content.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Erasure](
                method="POST", path=path_of("/v1/erasures"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def get_erasure(self, erasure_id: str, *, wait: int | None = None) -> shapes.Erasure:
        """Get an erasure, or its receipt.

        How far it is; once it is completed, what was removed, by kind and count.

        `wait`: seconds, at most 60, to wait for the end of what it begins.
        """
        return await self.send(
            Request[shapes.Erasure](
                method="GET", path=path_of("/v1/erasures/{erasure_id}", erasure_id=erasure_id), wait=wait
            )
        )

    async def get_retention(self) -> shapes.Retention:
        """How long things are kept.

        Null where nothing is decided: then they are kept.
        """
        return await self.send(Request[shapes.Retention](method="GET", path=path_of("/v1/retention")))

    async def set_retention(self, body: shapes.Retention, *, idempotency_key: str | None = None) -> shapes.Retention:
        """Decide how long things are kept.

        All of it: what is left out is kept. A worker removes what is older, for good, within minutes.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Retention](
                method="PUT", path=path_of("/v1/retention"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def sign_in(self, body: shapes.SignInBody) -> shapes.CurrentSession:
        """Sign in with a browser.

        For pages of this server: hands a cookie to the browser, in the place of a key. With `email` and `password`,
        or with a one-time `code`. Whoever asks this way says `csrf_token` in `X-CSRF-Token` with every change.
        """
        return await self.send(Request[shapes.CurrentSession](method="POST", path=path_of("/v1/sessions"), body=body))

    async def list_sessions(self) -> shapes.Sessions:
        """List your sessions.

        Those of your account that are not over, newest first; there are at most 50.
        """
        return await self.send(Request[shapes.Sessions](method="GET", path=path_of("/v1/sessions")))

    async def get_current_session(self) -> shapes.CurrentSession:
        """Who is signed in.

        The person, the organization, and the token that changes need. With a key there is none: see `GET /me`.
        """
        return await self.send(Request[shapes.CurrentSession](method="GET", path=path_of("/v1/sessions/current")))

    async def sign_out(self, *, idempotency_key: str | None = None) -> None:
        """Sign out.

        The session ends at once, on every node, and with it its event streams.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/sessions/current"),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def end_session(self, session_id: str, *, idempotency_key: str | None = None) -> None:
        """End one of your sessions.

        It ends at once, on every node, and with it its event streams.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="DELETE",
                path=path_of("/v1/sessions/{session_id}", session_id=session_id),
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def list_keys(
        self,
        *,
        account: str | None = None,
        state: Literal["live", "expired", "revoked"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Keys:
        """List keys.

        Newest first, revoked ones too. Your own; with the scope `admin`, all of the organization.
        """
        return await self.send(
            Request[shapes.Keys](
                method="GET",
                path=path_of("/v1/keys"),
                query={"account": account, "state": state, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_keys(
        self,
        *,
        account: str | None = None,
        state: Literal["live", "expired", "revoked"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Key]:
        """As `list_keys`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_keys(account=account, state=state, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_key(self, body: shapes.CreateKeyBody, *, idempotency_key: str | None = None) -> shapes.NewKey:
        """Make a key.

        For yourself; with the scope `admin`, for any account. It gets no scope that your key lacks. Made without
        the scope `admin`, it is revoked with the key that made it, expires with it at the latest, and has its limit
        of requests.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.NewKey](
                method="POST", path=path_of("/v1/keys"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def get_key(self, key_id: str) -> shapes.Key:
        """Get a key.

        Without its secret, which is stored nowhere.
        """
        return await self.send(Request[shapes.Key](method="GET", path=path_of("/v1/keys/{key_id}", key_id=key_id)))

    async def change_key(
        self, key_id: str, body: shapes.ChangeKeyBody, *, idempotency_key: str | None = None
    ) -> shapes.Key:
        """Rename a key, or set its rate.

        What a key may be used for does not change: make another one.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Key](
                method="PATCH",
                path=path_of("/v1/keys/{key_id}", key_id=key_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def revoke_key(self, key_id: str, *, idempotency_key: str | None = None) -> shapes.Key:
        """Revoke a key.

        At once, on every node, with the keys that it made. Revoking it again changes nothing.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Key](
                method="DELETE",
                path=path_of("/v1/keys/{key_id}", key_id=key_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def rotate_key(
        self, key_id: str, body: shapes.RotateKeyBody, *, idempotency_key: str | None = None
    ) -> shapes.NewKey:
        """Give a key a new secret.

        The old one is refused at once, or after `grace_seconds`. Id, name, scopes and limits stay.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.NewKey](
                method="POST",
                path=path_of("/v1/keys/{key_id}/rotate", key_id=key_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def who_am_i(self) -> shapes.Me:
        """Who am I.

        The organization, the account and the key behind this request, and what the key may be used for.
        """
        return await self.send(Request[shapes.Me](method="GET", path=path_of("/v1/me")))

    async def change_own_password(self, body: shapes.PasswordBody, *, idempotency_key: str | None = None) -> None:
        """Change your password.

        Keys stay as they are.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[None](
                method="POST",
                path=path_of("/v1/me/password"),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
                gives="nothing",
            )
        )

    async def list_members(
        self,
        *,
        kind: Literal["user", "service"] | None = None,
        role: Literal["admin", "member"] | None = None,
        is_active: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.Members:
        """List members.

        People and programs of the organization, newest first.
        """
        return await self.send(
            Request[shapes.Members](
                method="GET",
                path=path_of("/v1/members"),
                query={"kind": kind, "role": role, "is_active": is_active, "limit": limit, "cursor": cursor},
            )
        )

    async def iterate_members(
        self,
        *,
        kind: Literal["user", "service"] | None = None,
        role: Literal["admin", "member"] | None = None,
        is_active: bool | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[shapes.Member]:
        """As `list_members`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_members(kind=kind, role=role, is_active=is_active, limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_member(
        self, body: shapes.CreateMemberBody, *, idempotency_key: str | None = None
    ) -> shapes.Member:
        """Add a person or a program.

        A person signs in with an e-mail address, unique on a server, and a password; a program with keys.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Member](
                method="POST", path=path_of("/v1/members"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def get_member(self, member_id: str) -> shapes.Member:
        """Get a member.

        One of them, active or not.
        """
        return await self.send(
            Request[shapes.Member](method="GET", path=path_of("/v1/members/{member_id}", member_id=member_id))
        )

    async def change_member(
        self, member_id: str, body: shapes.ChangeMemberBody, *, idempotency_key: str | None = None
    ) -> shapes.Member:
        """Change a member's role, password, or whether it is let in.

        Its keys feel it at once, on every node: of a member, no key has the scope `admin`.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Member](
                method="PATCH",
                path=path_of("/v1/members/{member_id}", member_id=member_id),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def deactivate_member(self, member_id: str, *, idempotency_key: str | None = None) -> shapes.Member:
        """Shut a member out.

        Its keys are refused at once. What it wrote is kept, and it can be let in again.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Member](
                method="DELETE",
                path=path_of("/v1/members/{member_id}", member_id=member_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def invite_member(self, member_id: str, *, idempotency_key: str | None = None) -> shapes.Invitation:
        """Let a person in by a link.

        A code that signs the person in once, within an hour, to set a password: for somebody new, or who forgot it.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Invitation](
                method="POST",
                path=path_of("/v1/members/{member_id}/invite", member_id=member_id),
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def get_own_organization(self) -> shapes.Organization:
        """Your organization.

        The one that your key belongs to.
        """
        return await self.send(Request[shapes.Organization](method="GET", path=path_of("/v1/organization")))

    async def rename_own_organization(
        self, body: shapes.OrganizationBody, *, idempotency_key: str | None = None
    ) -> shapes.Organization:
        """Rename your organization.

        Names are unique on a server.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Organization](
                method="PATCH",
                path=path_of("/v1/organization"),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def list_organizations(self, *, limit: int | None = None, cursor: str | None = None) -> shapes.Organizations:
        """All organizations of the server.

        Newest first. For operators of the server only.
        """
        return await self.send(
            Request[shapes.Organizations](
                method="GET", path=path_of("/v1/organizations"), query={"limit": limit, "cursor": cursor}
            )
        )

    async def iterate_organizations(self, *, limit: int | None = None) -> AsyncIterator[shapes.Organization]:
        """As `list_organizations`, page after page until the last one."""
        cursor: str | None = None
        while True:
            page = await self.list_organizations(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_organization(
        self, body: shapes.OrganizationBody, *, idempotency_key: str | None = None
    ) -> shapes.NewOrganization:
        """Begin an organization.

        For operators of the server only. It begins with a service account as its admin and a key for it; nothing is
        ever visible across two organizations, not even to operators.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.NewOrganization](
                method="POST",
                path=path_of("/v1/organizations"),
                body=body,
                idempotency_key=idempotency_key,
                changes=True,
            )
        )

    async def get_organization(self, organization_id: str) -> shapes.Organization:
        """Get an organization.

        Your own; for operators of the server, any.
        """
        return await self.send(
            Request[shapes.Organization](
                method="GET", path=path_of("/v1/organizations/{organization_id}", organization_id=organization_id)
            )
        )

    async def get_usage(
        self,
        *,
        group_by: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        agent: str | None = None,
        account: str | None = None,
        model: str | None = None,
    ) -> shapes.UsageReport:
        """What was spent.

        Tokens, US dollars and turns, by the day of UTC on which turns ended. Admins see the organization, members
        their own. As CSV with `format=csv`, or `Accept: text/csv`; no cell of it is a formula.
        """
        return await self.send(
            Request[shapes.UsageReport](
                method="GET",
                path=path_of("/v1/usage"),
                query={
                    "format": "json",
                    "group_by": group_by,
                    "from": from_,
                    "to": to,
                    "agent": agent,
                    "account": account,
                    "model": model,
                },
            )
        )

    async def get_usage_csv(
        self,
        *,
        group_by: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        agent: str | None = None,
        account: str | None = None,
        model: str | None = None,
    ) -> str:
        """What was spent, as CSV.

        Tokens, US dollars and turns, by the day of UTC on which turns ended. Admins see the organization, members
        their own. As CSV with `format=csv`, or `Accept: text/csv`; no cell of it is a formula.
        """
        return await self.send(
            Request[str](
                method="GET",
                path=path_of("/v1/usage"),
                query={
                    "format": "csv",
                    "group_by": group_by,
                    "from": from_,
                    "to": to,
                    "agent": agent,
                    "account": account,
                    "model": model,
                },
                gives="text",
            )
        )

    async def get_conversation_usage(self, conversation_id: str) -> shapes.Usage:
        """What a conversation spent.

        All its turns that ended, whatever came of them.
        """
        return await self.send(
            Request[shapes.Usage](
                method="GET", path=path_of("/v1/conversations/{conversation_id}/usage", conversation_id=conversation_id)
            )
        )

    async def get_limits(self) -> shapes.Limits:
        """What the organization allows.

        Limits over each agent's own, and over a day of all agents.
        """
        return await self.send(Request[shapes.Limits](method="GET", path=path_of("/v1/limits")))

    async def set_limits(self, body: shapes.LimitsBody, *, idempotency_key: str | None = None) -> shapes.Limits:
        """Set what the organization allows.

        All of it: what is left out is no limit. It counts for the turns that begin from now on.

        `idempotency_key`: your name for this request, one is made if left out.
        """
        return await self.send(
            Request[shapes.Limits](
                method="PUT", path=path_of("/v1/limits"), body=body, idempotency_key=idempotency_key, changes=True
            )
        )

    async def get_overview(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["hour", "day"] | None = None,
        agent: str | None = None,
        account: str | None = None,
        model: str | None = None,
    ) -> shapes.Overview:
        """How turns went.

        By the hour or the day in which they were accepted: how many, what came of them, how long they waited and
        took, and what their answers spent. Admins see the organization, members their own turns. No more than the
        newest 200,000 turns are looked at; `GET /usage` has exact sums of what was spent.
        """
        return await self.send(
            Request[shapes.Overview](
                method="GET",
                path=path_of("/v1/overview"),
                query={"from": from_, "to": to, "by": by, "agent": agent, "account": account, "model": model},
            )
        )

    async def list_nodes(self) -> shapes.Nodes:
        """The server's processes.

        Every process that serves or works, the database, and the queue of all organizations. For operators of the
        server only.
        """
        return await self.send(Request[shapes.Nodes](method="GET", path=path_of("/v1/nodes")))
