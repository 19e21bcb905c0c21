/** Every operation as a method. Generated from the OpenAPI document by `make clients`: do not edit. */

import type * as shapes from "./shapes.js";
import { pathOf, uploadOr, type Options, type Request, type Upload } from "./request.js";

export abstract class Operations {
  /** Send a request, also more than once if need be. */
  abstract send<T>(request: Request, options: Options): Promise<T>;

  /**
   * List and search conversations.
   *
   * Members see their own, admins all of the organization. With `search`, each comes with where it was found.
   */
  listConversations(options: Options & { agent?: string | undefined; status?: "active" | "completed" | "error" | "abandoned" | undefined; origin?: "api" | "slack" | "discord" | "web" | undefined; account?: string | undefined; created_after?: string | undefined; created_before?: string | undefined; updated_after?: string | undefined; updated_before?: string | undefined; metadata?: Record<string, string> | undefined; tag?: Array<string> | undefined; archived?: "false" | "true" | "any" | undefined; search?: string | undefined; sort?: "-updated_at" | "updated_at" | "-created_at" | "created_at" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Conversations> {
    return this.send<shapes.Conversations>({ method: "GET", path: "/v1/conversations", query: { agent: options.agent, status: options.status, origin: options.origin, account: options.account, created_after: options.created_after, created_before: options.created_before, updated_after: options.updated_after, updated_before: options.updated_before, metadata: options.metadata, tag: options.tag, archived: options.archived, search: options.search, sort: options.sort, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listConversations`, page after page until the last one. */
  async *iterateConversations(options: Options & { agent?: string | undefined; status?: "active" | "completed" | "error" | "abandoned" | undefined; origin?: "api" | "slack" | "discord" | "web" | undefined; account?: string | undefined; created_after?: string | undefined; created_before?: string | undefined; updated_after?: string | undefined; updated_before?: string | undefined; metadata?: Record<string, string> | undefined; tag?: Array<string> | undefined; archived?: "false" | "true" | "any" | undefined; search?: string | undefined; sort?: "-updated_at" | "updated_at" | "-created_at" | "created_at" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Conversation> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Conversations = await this.listConversations({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Begin a conversation.
   *
   * With a `message` it is answered at once: the answer is 202 and names the message, or 200 when the message was
   * finished within the time of `Prefer: wait=N`.
   */
  createConversation(body: shapes.CreateBody, options: Options = {}): Promise<shapes.Begun | shapes.Conversation> {
    return this.send<shapes.Begun | shapes.Conversation>({ method: "POST", path: "/v1/conversations", body, changes: true }, options);
  }

  /**
   * Get a conversation.
   *
   * Without its messages. The `ETag` counts the changes of title, tags, metadata and archive, not those by messages.
   */
  getConversation(conversationId: string, options: Options = {}): Promise<shapes.Conversation> {
    return this.send<shapes.Conversation>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}", { conversation_id: conversationId }) }, options);
  }

  /**
   * Rename, tag, archive.
   *
   * What is left out stays. `metadata` is merged, key by key. An archived conversation is left out of lists, and
   * works as before.
   */
  changeConversation(conversationId: string, body: shapes.ChangeBody, options: Options = {}): Promise<shapes.Conversation> {
    return this.send<shapes.Conversation>({ method: "PATCH", path: pathOf("/v1/conversations/{conversation_id}", { conversation_id: conversationId }), body, changes: true }, options);
  }

  /**
   * Delete a conversation.
   *
   * For good, at every door: messages, events, records of tools, approvals, memory, and its links to files. A
   * message that is being answered is cut off. What its turns cost stays in the sums of the days.
   */
  deleteConversation(conversationId: string, options: Options = {}): Promise<shapes.Removed> {
    return this.send<shapes.Removed>({ method: "DELETE", path: pathOf("/v1/conversations/{conversation_id}", { conversation_id: conversationId }), changes: true }, options);
  }

  /**
   * Fork a conversation.
   *
   * A new conversation of your own with everything up to a message and its reply, as the agent remembers it: calls
   * of tools and their results, citations, files. Nothing is done or asked again. Title, tags and metadata come
   * along.
   */
  forkConversation(conversationId: string, body: shapes.ForkBody, options: Options = {}): Promise<shapes.Conversation> {
    return this.send<shapes.Conversation>({ method: "POST", path: pathOf("/v1/conversations/{conversation_id}/fork", { conversation_id: conversationId }), body, changes: true }, options);
  }

  /**
   * List the messages of a conversation.
   *
   * Each message is followed by its reply, also when later messages were accepted before the reply was there; with
   * `order=desc` the newest comes first.
   */
  listMessages(conversationId: string, options: Options & { order?: "asc" | "desc" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Entries> {
    return this.send<shapes.Entries>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/messages", { conversation_id: conversationId }), query: { order: options.order, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listMessages`, page after page until the last one. */
  async *iterateMessages(conversationId: string, options: Options & { order?: "asc" | "desc" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Entry> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Entries = await this.listMessages(conversationId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Send a message.
   *
   * It is accepted, kept and answered once. 202 names it; with `Prefer: wait=N` the answer waits for its end, and is
   * 200 when it came in time.
   */
  sendMessage(conversationId: string, body: shapes.SendBody, options: Options = {}): Promise<shapes.Message> {
    return this.send<shapes.Message>({ method: "POST", path: pathOf("/v1/conversations/{conversation_id}/messages", { conversation_id: conversationId }), body, changes: true }, options);
  }

  /**
   * Export a conversation.
   *
   * All finished messages with their replies, calls of tools, citations, files and events, as JSON that can be
   * imported, or as Markdown for people. Nothing in the JSON is an id of this server; the same conversation always
   * gives the same bytes.
   */
  exportConversation(conversationId: string, options: Options & { files?: "hash" | "inline" | undefined } = {}): Promise<shapes.Transcript> {
    return this.send<shapes.Transcript>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/export", { conversation_id: conversationId }), query: { format: "json", files: options.files } }, options);
  }

  /**
   * Export a conversation, as Markdown.
   *
   * All finished messages with their replies, calls of tools, citations, files and events, as JSON that can be
   * imported, or as Markdown for people. Nothing in the JSON is an id of this server; the same conversation always
   * gives the same bytes.
   */
  exportConversationMarkdown(conversationId: string, options: Options & { files?: "hash" | "inline" | undefined } = {}): Promise<string> {
    return this.send<string>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/export", { conversation_id: conversationId }), query: { format: "markdown", files: options.files }, gives: "text" }, options);
  }

  /**
   * Import a conversation.
   *
   * A new conversation of your own that says what an export says: exported again, it is the same byte by byte.
   * Nothing is answered, done or asked again. The agent and the data set are those with the same names. At most 64
   * MB.
   */
  importConversation(body: shapes.Transcript, options: Options = {}): Promise<shapes.Conversation> {
    return this.send<shapes.Conversation>({ method: "POST", path: "/v1/conversations/import", body, changes: true }, options);
  }

  /**
   * How a message stands.
   *
   * With its reply once it is finished, and with the approvals that it waits for.
   */
  getMessage(messageId: string, options: Options = {}): Promise<shapes.Message> {
    return this.send<shapes.Message>({ method: "GET", path: pathOf("/v1/messages/{message_id}", { message_id: messageId }) }, options);
  }

  /**
   * Cancel a message.
   *
   * Stops the model's call and later tools, withdraws what it asked people, and keeps what was said as its reply. A
   * message that is finished stays as it is, so cancelling twice is as good as once. A tool's call that is already
   * under way cannot be taken back. The body is empty, or `{}`.
   */
  cancelMessage(messageId: string, options: Options = {}): Promise<shapes.Message> {
    return this.send<shapes.Message>({ method: "POST", path: pathOf("/v1/messages/{message_id}/cancel", { message_id: messageId }), changes: true }, options);
  }

  /**
   * Say something else.
   *
   * The talk from this message on is left behind, and a new message with your text and the same files stands in its
   * place and is answered. What is left behind is kept and marked `superseded`; the agent does not remember it. What
   * tools did in those turns is not undone.
   */
  editMessage(messageId: string, body: shapes.EditBody, options: Options = {}): Promise<shapes.Message> {
    return this.send<shapes.Message>({ method: "POST", path: pathOf("/v1/messages/{message_id}/edit", { message_id: messageId }), body, changes: true }, options);
  }

  /**
   * Have a message answered once more.
   *
   * As if the message were edited to say the same. The id may be that of the message or of its reply; what was
   * answered together with it is answered together again. The body is empty, or `{}`.
   */
  regenerateReply(messageId: string, options: Options = {}): Promise<shapes.Message> {
    return this.send<shapes.Message>({ method: "POST", path: pathOf("/v1/messages/{message_id}/regenerate", { message_id: messageId }), changes: true }, options);
  }

  /**
   * Say what you think of a reply.
   *
   * One opinion an account and reply: a new one takes the place of yours. A message stands for its reply.
   */
  rateReply(messageId: string, body: shapes.FeedbackBody, options: Options = {}): Promise<shapes.Message> {
    return this.send<shapes.Message>({ method: "PUT", path: pathOf("/v1/messages/{message_id}/feedback", { message_id: messageId }), body, changes: true }, options);
  }

  /**
   * Take back what you think of a reply.
   *
   * When you said nothing of it, nothing happens.
   */
  forgetRating(messageId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/messages/{message_id}/feedback", { message_id: messageId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * The events of a conversation.
   *
   * With `Accept: text/event-stream` the answer is a stream, else a page; both are the same numbered log, from any
   * number, at any time, from any node.
   *
   * A stream goes on for ever unless told otherwise. Each frame of a stream has the event's number as its `id`, its
   * kind as `event`, and one JSON object as `data`, the same as an item of a page. A comment comes every 15 seconds.
   * The last frame is `event: end` and says why; after `closing` connect again. Whoever takes nothing for 30 seconds
   * is cut off and goes on with `Last-Event-ID`.
   */
  listConversationEvents(conversationId: string, options: Options & { after?: number | undefined; limit?: number | undefined; follow?: boolean | undefined; until?: "idle" | undefined } = {}): Promise<shapes.Events> {
    return this.send<shapes.Events>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/events", { conversation_id: conversationId }), query: { after: options.after, limit: options.limit, follow: options.follow, until: options.until } }, options);
  }

  /**
   * The events of one message.
   *
   * With `Accept: text/event-stream` the answer is a stream, else a page; both are the same numbered log, from any
   * number, at any time, from any node.
   *
   * Those of one turn only, with the numbers that they have in the conversation. A stream ends after
   * `message.completed`, `message.failed` or `message.cancelled`, one of which always comes. Each frame of a stream
   * has the event's number as its `id`, its kind as `event`, and one JSON object as `data`, the same as an item of a
   * page. A comment comes every 15 seconds. The last frame is `event: end` and says why; after `closing` connect
   * again. Whoever takes nothing for 30 seconds is cut off and goes on with `Last-Event-ID`.
   */
  listMessageEvents(messageId: string, options: Options & { after?: number | undefined; limit?: number | undefined; follow?: boolean | undefined; until?: "idle" | undefined } = {}): Promise<shapes.Events> {
    return this.send<shapes.Events>({ method: "GET", path: pathOf("/v1/messages/{message_id}/events", { message_id: messageId }), query: { after: options.after, limit: options.limit, follow: options.follow, until: options.until } }, options);
  }

  /**
   * A conversation at this moment.
   *
   * The newest messages, what the turn under way has said so far, its open calls, and what waits for people. Then
   * follow the events after `last_event`: nothing is missing and nothing comes twice.
   */
  getConversationSnapshot(conversationId: string, options: Options & { messages?: number | undefined } = {}): Promise<shapes.Snapshot> {
    return this.send<shapes.Snapshot>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/snapshot", { conversation_id: conversationId }), query: { messages: options.messages } }, options);
  }

  /**
   * Upload a file.
   *
   * To be attached to messages. It is yours alone until a message has it, and is forgotten when none has it after a
   * day. The bytes decide what it is, not its name.
   */
  uploadFile(files: Upload, options: Options = {}): Promise<shapes.PlacedFile> {
    return this.send<shapes.PlacedFile>({ method: "POST", path: "/v1/files", files, formField: "file", changes: true }, options);
  }

  /**
   * Get what is known of a file.
   *
   * Without its bytes.
   */
  getFile(fileId: string, options: Options = {}): Promise<shapes.PlacedFile> {
    return this.send<shapes.PlacedFile>({ method: "GET", path: pathOf("/v1/files/{file_id}", { file_id: fileId }) }, options);
  }

  /**
   * Delete a file.
   *
   * The messages that have it are shown without it from then on.
   */
  deleteFile(fileId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/files/{file_id}", { file_id: fileId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * Get the bytes of a file.
   *
   * As they were uploaded or written, or one range of them.
   */
  getFileContent(fileId: string, options: Options & { disposition?: "attachment" | "inline" | undefined } = {}): Promise<Blob> {
    return this.send<Blob>({ method: "GET", path: pathOf("/v1/files/{file_id}/content", { file_id: fileId }), query: { disposition: options.disposition }, gives: "bytes" }, options);
  }

  /**
   * The files of a conversation.
   *
   * What was attached to its messages, and what the agent wrote; newest first.
   */
  listConversationFiles(conversationId: string, options: Options & { written_by?: "person" | "agent" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Files> {
    return this.send<shapes.Files>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/files", { conversation_id: conversationId }), query: { written_by: options.written_by, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listConversationFiles`, page after page until the last one. */
  async *iterateConversationFiles(conversationId: string, options: Options & { written_by?: "person" | "agent" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.PlacedFile> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Files = await this.listConversationFiles(conversationId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * What agents ask people.
   *
   * Newest first. Admins see all of the organization, others those of their own conversations.
   */
  listApprovals(options: Options & { state?: "waiting" | "approved" | "denied" | "expired" | "cancelled" | undefined; conversation?: string | undefined; message?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Approvals> {
    return this.send<shapes.Approvals>({ method: "GET", path: "/v1/approvals", query: { state: options.state, conversation: options.conversation, message: options.message, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listApprovals`, page after page until the last one. */
  async *iterateApprovals(options: Options & { state?: "waiting" | "approved" | "denied" | "expired" | "cancelled" | undefined; conversation?: string | undefined; message?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Approval> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Approvals = await this.listApprovals({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Get an approval.
   *
   * One of them; also when it is decided.
   */
  getApproval(approvalId: string, options: Options = {}): Promise<shapes.Approval> {
    return this.send<shapes.Approval>({ method: "GET", path: pathOf("/v1/approvals/{approval_id}", { approval_id: approvalId }) }, options);
  }

  /**
   * Approve or deny.
   *
   * The turn goes on at once. Deciding the same again changes nothing and gets the first decision.
   */
  decideApproval(approvalId: string, body: shapes.DecideBody, options: Options = {}): Promise<shapes.Approval> {
    return this.send<shapes.Approval>({ method: "POST", path: pathOf("/v1/approvals/{approval_id}/decide", { approval_id: approvalId }), body, changes: true }, options);
  }

  /**
   * The agents that you may talk to.
   *
   * Newest first.
   */
  listAgents(options: Options & { data_set?: string | undefined; model?: string | undefined; search?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Agents> {
    return this.send<shapes.Agents>({ method: "GET", path: "/v1/agents", query: { data_set: options.data_set, model: options.model, search: options.search, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listAgents`, page after page until the last one. */
  async *iterateAgents(options: Options & { data_set?: string | undefined; model?: string | undefined; search?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.AgentDetails> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Agents = await this.listAgents({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Make an agent.
   *
   * It can be talked to at once, with its first revision. What would let it into the server's own machine or network
   * (MCP servers by command, private addresses) is for operators, unless the server says otherwise.
   */
  createAgent(body: shapes.CreateAgentBody, options: Options = {}): Promise<shapes.AgentDetails> {
    return this.send<shapes.AgentDetails>({ method: "POST", path: "/v1/agents", body, changes: true }, options);
  }

  /**
   * Get an agent.
   *
   * As it answers now.
   */
  getAgent(agentId: string, options: Options = {}): Promise<shapes.AgentDetails> {
    return this.send<shapes.AgentDetails>({ method: "GET", path: pathOf("/v1/agents/{agent_id}", { agent_id: agentId }) }, options);
  }

  /**
   * Change an agent.
   *
   * The body is a JSON Merge Patch (RFC 7396): objects are merged, `null` brings back the default, lists are
   * replaced. The change is one more revision, which answers from now on; with `deploy=false` it is a draft. Turns
   * under way go on with the revision that they began with. A change of nothing makes no revision.
   */
  changeAgent(agentId: string, body: shapes.ChangeAgentBody, options: Options & { deploy?: boolean | undefined; base?: number | undefined } = {}): Promise<shapes.AgentDetails> {
    return this.send<shapes.AgentDetails>({ method: "PATCH", path: pathOf("/v1/agents/{agent_id}", { agent_id: agentId }), query: { deploy: options.deploy, base: options.base }, body, changes: true }, options);
  }

  /**
   * Take an agent out of use.
   *
   * Nothing more can be sent to it. What was accepted is still answered, and its conversations stay.
   */
  deleteAgent(agentId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/agents/{agent_id}", { agent_id: agentId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * What was changed, by whom and why.
   *
   * Newest first; for admins.
   */
  listRevisions(agentId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Revisions> {
    return this.send<shapes.Revisions>({ method: "GET", path: pathOf("/v1/agents/{agent_id}/revisions", { agent_id: agentId }), query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listRevisions`, page after page until the last one. */
  async *iterateRevisions(agentId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Revision> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Revisions = await this.listRevisions(agentId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Get a revision.
   *
   * What the agent was made of then; for admins.
   */
  getRevision(agentId: string, revision: number, options: Options = {}): Promise<shapes.Revision> {
    return this.send<shapes.Revision>({ method: "GET", path: pathOf("/v1/agents/{agent_id}/revisions/{revision}", { agent_id: agentId, revision: revision }) }, options);
  }

  /**
   * Compare two revisions.
   *
   * Field by field, and line by line in texts; for admins.
   */
  compareRevisions(agentId: string, revision: number, options: Options & { against?: number | undefined } = {}): Promise<shapes.Comparison> {
    return this.send<shapes.Comparison>({ method: "GET", path: pathOf("/v1/agents/{agent_id}/revisions/{revision}/diff", { agent_id: agentId, revision: revision }), query: { against: options.against } }, options);
  }

  /**
   * Go back to an earlier revision.
   *
   * Makes one more revision with the content of that one, which answers from now on.
   */
  rollBackAgent(agentId: string, body: shapes.RollBackBody, options: Options = {}): Promise<shapes.AgentDetails> {
    return this.send<shapes.AgentDetails>({ method: "POST", path: pathOf("/v1/agents/{agent_id}/rollback", { agent_id: agentId }), body, changes: true }, options);
  }

  /**
   * Have the agent answer with a revision.
   *
   * With a draft, or an earlier one. The body may be empty: the newest. When it answers with that one already
   * nothing changes.
   */
  deployAgent(agentId: string, body: shapes.DeployBody, options: Options = {}): Promise<shapes.AgentDetails> {
    return this.send<shapes.AgentDetails>({ method: "POST", path: pathOf("/v1/agents/{agent_id}/deploy", { agent_id: agentId }), body, changes: true }, options);
  }

  /**
   * The tools that agents may use here.
   *
   * All but those of MCP servers, which each agent has of its own.
   */
  listTools(options: Options = {}): Promise<shapes.Tools> {
    return this.send<shapes.Tools>({ method: "GET", path: "/v1/tools" }, options);
  }

  /**
   * The tools that an agent has now.
   *
   * Its MCP servers are asked. Each server is waited for 20 seconds at most; one that failed is not asked again for
   * 15 seconds.
   */
  listAgentTools(agentId: string, options: Options = {}): Promise<shapes.AgentTools> {
    return this.send<shapes.AgentTools>({ method: "GET", path: pathOf("/v1/agents/{agent_id}/tools", { agent_id: agentId }) }, options);
  }

  /**
   * Try a tool of an agent.
   *
   * As a turn would call it, outside any conversation; no approval is asked for, and it is logged. A call that may
   * change something needs `confirm`. It is waited for 60 seconds at most.
   */
  testTool(agentId: string, tool: string, body: shapes.TestToolBody, options: Options = {}): Promise<shapes.Trial> {
    return this.send<shapes.Trial>({ method: "POST", path: pathOf("/v1/agents/{agent_id}/tools/{tool}/test", { agent_id: agentId, tool: tool }), body, changes: true }, options);
  }

  /**
   * The MCP servers of an agent.
   *
   * Each is asked for its tools. For admins. Each server is waited for 20 seconds at most; one that failed is not
   * asked again for 15 seconds.
   */
  listMcpServers(agentId: string, options: Options = {}): Promise<shapes.Servers> {
    return this.send<shapes.Servers>({ method: "GET", path: pathOf("/v1/agents/{agent_id}/mcp-servers", { agent_id: agentId }) }, options);
  }

  /**
   * Connect to an MCP server anew.
   *
   * Whatever is known of it; the connection is closed again. A server that is away is no error of this request:
   * `problem` says why. The body is empty, or `{}`.
   */
  testMcpServer(agentId: string, server: string, options: Options = {}): Promise<shapes.Server> {
    return this.send<shapes.Server>({ method: "POST", path: pathOf("/v1/agents/{agent_id}/mcp-servers/{server}/test", { agent_id: agentId, server: server }) }, options);
  }

  /**
   * Which models there are, and what they cost.
   *
   * No provider is asked. Prices are those of the operator, else of a list that comes with the server.
   */
  listModels(options: Options & { provider?: string | undefined; search?: string | undefined } = {}): Promise<shapes.Models> {
    return this.send<shapes.Models>({ method: "GET", path: "/v1/models", query: { provider: options.provider, search: options.search } }, options);
  }

  /**
   * The names of your organization's secrets.
   *
   * Oldest first. No operation shows a value.
   */
  listSecrets(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Secrets> {
    return this.send<shapes.Secrets>({ method: "GET", path: "/v1/secrets", query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listSecrets`, page after page until the last one. */
  async *iterateSecrets(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Secret> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Secrets = await this.listSecrets({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Keep a secret, or another value under its name.
   *
   * Models and tools use it within 30 seconds. In settings, `vault:NAME` stands for it.
   */
  setSecret(secret: string, body: shapes.SecretBody, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "PUT", path: pathOf("/v1/secrets/{secret}", { secret: secret }), body, changes: true, gives: "nothing" }, options);
  }

  /**
   * Forget a secret.
   *
   * What uses it fails within 30 seconds, with a sentence that names it.
   */
  deleteSecret(secret: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/secrets/{secret}", { secret: secret }), changes: true, gives: "nothing" }, options);
  }

  /**
   * Make a data set.
   *
   * Empty; upload documents, or a whole folder, afterwards.
   */
  createDataSet(body: shapes.NewDataSetBody, options: Options = {}): Promise<shapes.DataSet> {
    return this.send<shapes.DataSet>({ method: "POST", path: "/v1/data-sets", body, changes: true }, options);
  }

  /**
   * The data sets.
   *
   * Newest first. Admins see all of the organization, others those that were opened to them.
   */
  listDataSets(options: Options & { name?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.DataSets> {
    return this.send<shapes.DataSets>({ method: "GET", path: "/v1/data-sets", query: { name: options.name, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listDataSets`, page after page until the last one. */
  async *iterateDataSets(options: Options & { name?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.DataSet> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.DataSets = await this.listDataSets({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Get a data set.
   *
   * With what it holds, and how far its vectors are.
   */
  getDataSet(dataSetId: string, options: Options = {}): Promise<shapes.DataSet> {
    return this.send<shapes.DataSet>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}", { data_set_id: dataSetId }) }, options);
  }

  /**
   * Change a data set.
   *
   * What is left out stays. Another embedding model makes its vectors behind those that serve, and takes their place
   * once all are there; naming the one that serves ends such a change.
   */
  changeDataSet(dataSetId: string, body: shapes.DataSetChangeBody, options: Options = {}): Promise<shapes.DataSet> {
    return this.send<shapes.DataSet>({ method: "PATCH", path: pathOf("/v1/data-sets/{data_set_id}", { data_set_id: dataSetId }), body, changes: true }, options);
  }

  /**
   * Delete a data set.
   *
   * With all that it holds, and the agents that answer from it. Its runs are cancelled.
   */
  deleteDataSet(dataSetId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/data-sets/{data_set_id}", { data_set_id: dataSetId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * Who may use a data set.
   *
   * The accounts that it was opened to; admins see all data sets anyway.
   */
  listDataSetMembers(dataSetId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.DataSetMembers> {
    return this.send<shapes.DataSetMembers>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/members", { data_set_id: dataSetId }), query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listDataSetMembers`, page after page until the last one. */
  async *iterateDataSetMembers(dataSetId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.DataSetMember> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.DataSetMembers = await this.listDataSetMembers(dataSetId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Open a data set to an account.
   *
   * At once; doing it again changes nothing.
   */
  addDataSetMember(dataSetId: string, body: shapes.NewMemberBody, options: Options = {}): Promise<shapes.DataSetMember> {
    return this.send<shapes.DataSetMember>({ method: "POST", path: pathOf("/v1/data-sets/{data_set_id}/members", { data_set_id: dataSetId }), body, changes: true }, options);
  }

  /**
   * Close a data set to an account.
   *
   * At once.
   */
  removeDataSetMember(dataSetId: string, accountId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/data-sets/{data_set_id}/members/{account_id}", { data_set_id: dataSetId, account_id: accountId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * Search a data set.
   *
   * What agents get to read: the passages that fit best, by their words (BM25) and by their meaning. With `explain`
   * each comes with the figures by which it was ranked. Filters choose among passages; how rare a word is is counted
   * over the whole data set.
   */
  searchDataSet(dataSetId: string, body: shapes.SearchBody, options: Options = {}): Promise<shapes.Search> {
    return this.send<shapes.Search>({ method: "POST", path: pathOf("/v1/data-sets/{data_set_id}/search", { data_set_id: dataSetId }), body }, options);
  }

  /**
   * The documents of a data set.
   *
   * Newest first, without their texts; the companions of products too.
   */
  listDocuments(dataSetId: string, options: Options & { q?: string | undefined; address_prefix?: string | undefined; title?: string | undefined; kind?: "document" | "product" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Documents> {
    return this.send<shapes.Documents>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/documents", { data_set_id: dataSetId }), query: { q: options.q, address_prefix: options.address_prefix, title: options.title, kind: options.kind, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listDocuments`, page after page until the last one. */
  async *iterateDocuments(dataSetId: string, options: Options & { q?: string | undefined; address_prefix?: string | undefined; title?: string | undefined; kind?: "document" | "product" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Document> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Documents = await this.listDocuments(dataSetId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Add documents.
   *
   * A text in JSON of at most 5,000,000 bytes, or files as a form. A document of the same address is replaced. A
   * text without an address is called by its content. It is done by a run; see Syncs.
   */
  addDocuments(dataSetId: string, body: shapes.TextBody | Upload[], options: Options = {}): Promise<shapes.Sync> {
    return this.send<shapes.Sync>({ method: "POST", path: pathOf("/v1/data-sets/{data_set_id}/documents", { data_set_id: dataSetId }), ...uploadOr(body, "file"), changes: true }, options);
  }

  /**
   * Put a document at an address.
   *
   * In place of what was there: a text in JSON, or one file as a form, whatever its name is. Of a file the ending of
   * the address tells which kind of text it is. It is done by a run; see Syncs.
   */
  putDocument(dataSetId: string, body: shapes.TextBody | Upload[], options: Options & { address?: string | undefined } = {}): Promise<shapes.Sync> {
    return this.send<shapes.Sync>({ method: "PUT", path: pathOf("/v1/data-sets/{data_set_id}/documents", { data_set_id: dataSetId }), query: { address: options.address }, ...uploadOr(body, "file"), changes: true }, options);
  }

  /**
   * Get a document.
   *
   * With its text, or a stretch of it: at most 1,000,000 characters, and 100,000 if `end` is left out. With the
   * `version` that a citation names it says whether the text is another one by now; earlier texts are not kept.
   */
  getDocument(dataSetId: string, documentId: string, options: Options & { start?: number | undefined; end?: number | undefined; version?: number | undefined } = {}): Promise<shapes.DocumentText> {
    return this.send<shapes.DocumentText>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/documents/{document_id}", { data_set_id: dataSetId, document_id: documentId }), query: { start: options.start, end: options.end, version: options.version } }, options);
  }

  /**
   * Remove a document.
   *
   * By a run, behind those that were asked for before; see Syncs. A later upload of the file that it came from
   * brings it back. Of a product its companion is removed, and the product with it.
   */
  deleteDocument(dataSetId: string, documentId: string, options: Options = {}): Promise<shapes.Sync> {
    return this.send<shapes.Sync>({ method: "DELETE", path: pathOf("/v1/data-sets/{data_set_id}/documents/{document_id}", { data_set_id: dataSetId, document_id: documentId }), changes: true }, options);
  }

  /**
   * The passages of a document.
   *
   * In the order of the text: what a search can find of it.
   */
  listPassages(dataSetId: string, documentId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Passages> {
    return this.send<shapes.Passages>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/documents/{document_id}/passages", { data_set_id: dataSetId, document_id: documentId }), query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listPassages`, page after page until the last one. */
  async *iteratePassages(dataSetId: string, documentId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Passage> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Passages = await this.listPassages(dataSetId, documentId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * The products of a data set.
   *
   * Those that every filter fits, as the agents' tool `search_products` finds them.
   */
  listProducts(dataSetId: string, options: Options & { q?: string | undefined; category?: string | undefined; price_min?: number | undefined; price_max?: number | undefined; property?: Array<string> | undefined; order?: "relevance" | "price" | "-price" | "name" | "-name" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Products> {
    return this.send<shapes.Products>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/products", { data_set_id: dataSetId }), query: { q: options.q, category: options.category, price_min: options.price_min, price_max: options.price_max, property: options.property, order: options.order, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listProducts`, page after page until the last one. */
  async *iterateProducts(dataSetId: string, options: Options & { q?: string | undefined; category?: string | undefined; price_min?: number | undefined; price_max?: number | undefined; property?: Array<string> | undefined; order?: "relevance" | "price" | "-price" | "name" | "-name" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Product> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Products = await this.listProducts(dataSetId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Get a product.
   *
   * By our id, or by the shop's own.
   */
  getProduct(dataSetId: string, productId: string, options: Options = {}): Promise<shapes.Product> {
    return this.send<shapes.Product>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/products/{product_id}", { data_set_id: dataSetId, product_id: productId }) }, options);
  }

  /**
   * Upload files or a folder as one run.
   *
   * Files, and ZIP archives of folders, whose files are called by their paths inside. One run is done as a whole:
   * readers see all of it, or nothing. What is unchanged is not read again; what cannot be read is told by the run.
   * Runs of one data set are done one after the other.
   *
   * Reads Markdown, text, HTML, PDF, DOCX, CSV, XLSX and product JSONL.
   */
  beginSync(dataSetId: string, files: Upload[], options: Options & { mode?: "merge" | "replace" | undefined } = {}): Promise<shapes.Sync> {
    return this.send<shapes.Sync>({ method: "POST", path: pathOf("/v1/data-sets/{data_set_id}/syncs", { data_set_id: dataSetId }), query: { mode: options.mode }, files, formField: "file", changes: true }, options);
  }

  /**
   * The runs of a data set.
   *
   * Newest first; those of `turnkeeper data-sets import` too. They are kept for 90 days.
   */
  listSyncs(dataSetId: string, options: Options & { state?: "queued" | "running" | "completed" | "failed" | "cancelled" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Syncs> {
    return this.send<shapes.Syncs>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/syncs", { data_set_id: dataSetId }), query: { state: options.state, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listSyncs`, page after page until the last one. */
  async *iterateSyncs(dataSetId: string, options: Options & { state?: "queued" | "running" | "completed" | "failed" | "cancelled" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Sync> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Syncs = await this.listSyncs(dataSetId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * How a run stands.
   *
   * Its state, how far it is, and its counts. Vectors follow after it is completed.
   */
  getSync(dataSetId: string, syncId: string, options: Options = {}): Promise<shapes.Sync> {
    return this.send<shapes.Sync>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/syncs/{sync_id}", { data_set_id: dataSetId, sync_id: syncId }) }, options);
  }

  /**
   * What a run could not read.
   *
   * Each with its address and a sentence; the first 10,000 are kept.
   */
  listSyncErrors(dataSetId: string, syncId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.SyncErrors> {
    return this.send<shapes.SyncErrors>({ method: "GET", path: pathOf("/v1/data-sets/{data_set_id}/syncs/{sync_id}/errors", { data_set_id: dataSetId, sync_id: syncId }), query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listSyncErrors`, page after page until the last one. */
  async *iterateSyncErrors(dataSetId: string, syncId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.SyncError> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.SyncErrors = await this.listSyncErrors(dataSetId, syncId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Cancel a run.
   *
   * Nothing of it is kept. A run that has ended stays as it is, so cancelling twice is as good as once. The body is
   * empty, or `{}`.
   */
  cancelSync(dataSetId: string, syncId: string, options: Options = {}): Promise<shapes.Sync> {
    return this.send<shapes.Sync>({ method: "POST", path: pathOf("/v1/data-sets/{data_set_id}/syncs/{sync_id}/cancel", { data_set_id: dataSetId, sync_id: syncId }), changes: true }, options);
  }

  /**
   * Messages that are sent again and again.
   *
   * Newest first. Admins see all of the organization, others their own.
   */
  listSchedules(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Schedules> {
    return this.send<shapes.Schedules>({ method: "GET", path: "/v1/schedules", query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listSchedules`, page after page until the last one. */
  async *iterateSchedules(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Schedule> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Schedules = await this.listSchedules({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Make a schedule.
   *
   * At every tick of the cron line the message is sent to the agent, once, in the name of the caller. Ticks that are
   * missed while no server runs are made up for by one. A local time that is skipped when clocks are put forward
   * fires once, right after; one that comes twice fires once, the first time. A line with `*` as its hour goes by
   * the hours that pass instead.
   */
  createSchedule(body: shapes.NewScheduleBody, options: Options = {}): Promise<shapes.Schedule> {
    return this.send<shapes.Schedule>({ method: "POST", path: "/v1/schedules", body, changes: true }, options);
  }

  /**
   * When a cron line would fire.
   *
   * To be looked at before a schedule is made or changed. A local time that is skipped when clocks are put forward
   * fires once, right after; one that comes twice fires once, the first time. A line with `*` as its hour goes by
   * the hours that pass instead.
   */
  previewTicks(options: Options & { cron?: string | undefined; timezone?: string | undefined } = {}): Promise<shapes.Ticks> {
    return this.send<shapes.Ticks>({ method: "GET", path: "/v1/schedules/ticks", query: { cron: options.cron, timezone: options.timezone } }, options);
  }

  /**
   * Get a schedule.
   *
   * With its next five ticks.
   */
  getSchedule(scheduleId: string, options: Options = {}): Promise<shapes.Schedule> {
    return this.send<shapes.Schedule>({ method: "GET", path: pathOf("/v1/schedules/{schedule_id}", { schedule_id: scheduleId }) }, options);
  }

  /**
   * Change a schedule.
   *
   * What is left out stays. With another line or zone the next tick is counted from now.
   */
  changeSchedule(scheduleId: string, body: shapes.ScheduleBody, options: Options = {}): Promise<shapes.Schedule> {
    return this.send<shapes.Schedule>({ method: "PATCH", path: pathOf("/v1/schedules/{schedule_id}", { schedule_id: scheduleId }), body, changes: true }, options);
  }

  /**
   * Delete a schedule.
   *
   * With the list of its runs. The conversations that it began stay.
   */
  deleteSchedule(scheduleId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/schedules/{schedule_id}", { schedule_id: scheduleId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * Pause a schedule.
   *
   * No tick fires until it is resumed. Twice is as good as once. The body is empty, or `{}`.
   */
  pauseSchedule(scheduleId: string, options: Options = {}): Promise<shapes.Schedule> {
    return this.send<shapes.Schedule>({ method: "POST", path: pathOf("/v1/schedules/{schedule_id}/pause", { schedule_id: scheduleId }), changes: true }, options);
  }

  /**
   * Resume a schedule.
   *
   * It goes on with the next tick from now; those of the pause are not made up for. The body is empty, or `{}`.
   */
  resumeSchedule(scheduleId: string, options: Options = {}): Promise<shapes.Schedule> {
    return this.send<shapes.Schedule>({ method: "POST", path: pathOf("/v1/schedules/{schedule_id}/resume", { schedule_id: scheduleId }), changes: true }, options);
  }

  /**
   * Send its message now.
   *
   * Paused or not; its ticks stay as they are. `Location` is the message. The body is empty, or `{}`.
   */
  runSchedule(scheduleId: string, options: Options = {}): Promise<shapes.Run> {
    return this.send<shapes.Run>({ method: "POST", path: pathOf("/v1/schedules/{schedule_id}/run", { schedule_id: scheduleId }), changes: true }, options);
  }

  /**
   * What came of a schedule.
   *
   * Newest first, with the messages that were sent. Runs are kept for 30 days.
   */
  listScheduleRuns(scheduleId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Runs> {
    return this.send<shapes.Runs>({ method: "GET", path: pathOf("/v1/schedules/{schedule_id}/runs", { schedule_id: scheduleId }), query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listScheduleRuns`, page after page until the last one. */
  async *iterateScheduleRuns(scheduleId: string, options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Run> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Runs = await this.listScheduleRuns(scheduleId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * The organization's webhooks.
   *
   * Newest first, without their secrets.
   */
  listWebhooks(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Webhooks> {
    return this.send<shapes.Webhooks>({ method: "GET", path: "/v1/webhooks", query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listWebhooks`, page after page until the last one. */
  async *iterateWebhooks(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Webhook> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Webhooks = await this.listWebhooks({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Register a webhook.
   *
   * From now on the address is sent what happens in the organization, signed as Standard Webhooks 1.0 says: headers
   * `webhook-id`, `webhook-timestamp` and `webhook-signature`. Answer with any status from 200 to 299 within 10
   * seconds; everything else is tried again, for three days. One request is under way at a time, in the order in
   * which things happened; what keeps failing steps aside after some minutes. The same delivery may come twice, with
   * the same `webhook-id`. The secret is shown now and never again.
   *
   * Types:
   *
   * - `conversation.created`: A conversation began.
   * - `conversation.updated`: Its name, tags or metadata changed.
   * - `conversation.archived`: It was put away, or taken out again.
   * - `conversation.deleted`: It was deleted, with all that was in it.
   * - `message.queued`: A message was accepted and will be answered.
   * - `message.started`: A worker began to answer it; told once, however often it begins anew.
   * - `message.completed`: It is answered; the reply comes with it.
   * - `message.failed`: It could not be answered; a safe reason comes with it.
   * - `message.cancelled`: Somebody cancelled it; what was said so far comes with it.
   * - `message.superseded`: Another message took its place.
   * - `message.absorbed`: It became part of the turn that was being answered.
   * - `approval.asked`: A call of a tool waits for a person's yes.
   * - `approval.decided`: It was decided, or nobody decided in time.
   * - `tool.called`: The model asked for a tool.
   * - `tool.returned`: The tool answered.
   * - `agent.changed`: An agent was made, changed, deployed or deleted.
   * - `data_set.synced`: A data set was brought up to date.
   * - `webhook.disabled`: Another webhook of the organization was switched off because it cannot be reached.
   * - `webhook.test`: Sent when somebody asks for a test; to that webhook only, whatever it subscribes to.
   */
  createWebhook(body: shapes.NewWebhookBody, options: Options = {}): Promise<shapes.MadeWebhook> {
    return this.send<shapes.MadeWebhook>({ method: "POST", path: "/v1/webhooks", body, changes: true }, options);
  }

  /**
   * Get a webhook.
   *
   * How it stands, without its secret.
   */
  getWebhook(webhookId: string, options: Options = {}): Promise<shapes.Webhook> {
    return this.send<shapes.Webhook>({ method: "GET", path: pathOf("/v1/webhooks/{webhook_id}", { webhook_id: webhookId }) }, options);
  }

  /**
   * Change a webhook.
   *
   * What is left out stays. Switched off, it is told nothing; switched on again, it is sent what was waiting before,
   * but not what happened meanwhile.
   */
  changeWebhook(webhookId: string, body: shapes.WebhookBody, options: Options = {}): Promise<shapes.Webhook> {
    return this.send<shapes.Webhook>({ method: "PATCH", path: pathOf("/v1/webhooks/{webhook_id}", { webhook_id: webhookId }), body, changes: true }, options);
  }

  /**
   * Delete a webhook.
   *
   * With its secrets and deliveries. What is on its way may still arrive.
   */
  deleteWebhook(webhookId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/webhooks/{webhook_id}", { webhook_id: webhookId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * Replace the secret.
   *
   * Deliveries are signed with the new secret and, for the grace time, with the older ones too: `webhook-signature`
   * has a signature of each. Receivers that check with either go on working.
   */
  rotateWebhookSecret(webhookId: string, body: shapes.RotateBody, options: Options = {}): Promise<shapes.MadeWebhook> {
    return this.send<shapes.MadeWebhook>({ method: "POST", path: pathOf("/v1/webhooks/{webhook_id}/rotate", { webhook_id: webhookId }), body, changes: true }, options);
  }

  /**
   * Send a test.
   *
   * A delivery of type `webhook.test`, sent beside what waits. Its log, at `Location`, says what came of it. The
   * body is empty, or `{}`.
   */
  testWebhook(webhookId: string, options: Options = {}): Promise<shapes.Delivery> {
    return this.send<shapes.Delivery>({ method: "POST", path: pathOf("/v1/webhooks/{webhook_id}/test", { webhook_id: webhookId }), changes: true }, options);
  }

  /**
   * What was sent, and what waits.
   *
   * Newest first. Deliveries are kept for 30 days.
   */
  listDeliveries(webhookId: string, options: Options & { state?: "waiting" | "delivered" | "failed" | undefined; type?: "conversation.created" | "conversation.updated" | "conversation.archived" | "conversation.deleted" | "message.queued" | "message.started" | "message.completed" | "message.failed" | "message.cancelled" | "message.superseded" | "message.absorbed" | "approval.asked" | "approval.decided" | "tool.called" | "tool.returned" | "agent.changed" | "data_set.synced" | "webhook.disabled" | "webhook.test" | undefined; since?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Deliveries> {
    return this.send<shapes.Deliveries>({ method: "GET", path: pathOf("/v1/webhooks/{webhook_id}/deliveries", { webhook_id: webhookId }), query: { state: options.state, type: options.type, since: options.since, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listDeliveries`, page after page until the last one. */
  async *iterateDeliveries(webhookId: string, options: Options & { state?: "waiting" | "delivered" | "failed" | undefined; type?: "conversation.created" | "conversation.updated" | "conversation.archived" | "conversation.deleted" | "message.queued" | "message.started" | "message.completed" | "message.failed" | "message.cancelled" | "message.superseded" | "message.absorbed" | "approval.asked" | "approval.decided" | "tool.called" | "tool.returned" | "agent.changed" | "data_set.synced" | "webhook.disabled" | "webhook.test" | undefined; since?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Delivery> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Deliveries = await this.listDeliveries(webhookId, { ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Get a delivery.
   *
   * With what came of each attempt.
   */
  getDelivery(webhookId: string, deliveryId: string, options: Options = {}): Promise<shapes.Delivery> {
    return this.send<shapes.Delivery>({ method: "GET", path: pathOf("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", { webhook_id: webhookId, delivery_id: deliveryId }) }, options);
  }

  /**
   * Send a delivery again.
   *
   * Whatever came of it before, with the same `webhook-id` and the same body, beside what waits. The body is empty,
   * or `{}`.
   */
  replayDelivery(webhookId: string, deliveryId: string, options: Options = {}): Promise<shapes.Delivery> {
    return this.send<shapes.Delivery>({ method: "POST", path: pathOf("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", { webhook_id: webhookId, delivery_id: deliveryId }), changes: true }, options);
  }

  /**
   * Send everything again since a time.
   *
   * What was given up, or everything that came to its end; in the order in which it happened.
   */
  replayDeliveries(webhookId: string, body: shapes.ReplayBody, options: Options = {}): Promise<shapes.Replayed> {
    return this.send<shapes.Replayed>({ method: "POST", path: pathOf("/v1/webhooks/{webhook_id}/replay", { webhook_id: webhookId }), body, changes: true }, options);
  }

  /**
   * Who changed what.
   *
   * Newest first. Entries are never changed or removed; they have nothing of what people and agents said.
   */
  listAudit(options: Options & { action?: "organization.created" | "organization.renamed" | "member.created" | "member.role_changed" | "member.activated" | "member.deactivated" | "member.password_changed" | "member.operator_changed" | "session.started" | "session.ended" | "session.code_made" | "key.created" | "key.updated" | "key.rotated" | "key.revoked" | "agent.created" | "agent.updated" | "agent.deployed" | "agent.deleted" | "agent.tool_called" | "data_set.created" | "data_set.updated" | "data_set.deleted" | "data_set.member_added" | "data_set.member_removed" | "document.changed" | "document.deleted" | "sync.started" | "sync.cancelled" | "webhook.created" | "webhook.updated" | "webhook.rotated" | "webhook.tested" | "webhook.replayed" | "webhook.deleted" | "schedule.created" | "schedule.updated" | "schedule.paused" | "schedule.resumed" | "schedule.run" | "schedule.deleted" | "secret.put" | "secret.deleted" | "secret.rotated" | "limits.changed" | "approval.decided" | "approval.expired" | "conversation.deleted" | "file.deleted" | "erasure.requested" | "erasure.done" | "retention.changed" | "retention.applied" | undefined; account?: string | undefined; target?: string | undefined; from?: string | undefined; to?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Audit> {
    return this.send<shapes.Audit>({ method: "GET", path: "/v1/audit", query: { action: options.action, account: options.account, target: options.target, from: options.from, to: options.to, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listAudit`, page after page until the last one. */
  async *iterateAudit(options: Options & { action?: "organization.created" | "organization.renamed" | "member.created" | "member.role_changed" | "member.activated" | "member.deactivated" | "member.password_changed" | "member.operator_changed" | "session.started" | "session.ended" | "session.code_made" | "key.created" | "key.updated" | "key.rotated" | "key.revoked" | "agent.created" | "agent.updated" | "agent.deployed" | "agent.deleted" | "agent.tool_called" | "data_set.created" | "data_set.updated" | "data_set.deleted" | "data_set.member_added" | "data_set.member_removed" | "document.changed" | "document.deleted" | "sync.started" | "sync.cancelled" | "webhook.created" | "webhook.updated" | "webhook.rotated" | "webhook.tested" | "webhook.replayed" | "webhook.deleted" | "schedule.created" | "schedule.updated" | "schedule.paused" | "schedule.resumed" | "schedule.run" | "schedule.deleted" | "secret.put" | "secret.deleted" | "secret.rotated" | "limits.changed" | "approval.decided" | "approval.expired" | "conversation.deleted" | "file.deleted" | "erasure.requested" | "erasure.done" | "retention.changed" | "retention.applied" | undefined; account?: string | undefined; target?: string | undefined; from?: string | undefined; to?: string | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.AuditEntry> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Audit = await this.listAudit({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * The log as a file.
   *
   * Oldest first, all of it that fits the filters, as it is read: one JSON object a line, or a CSV table of which no
   * cell is a formula.
   */
  exportAudit(options: Options & { action?: "organization.created" | "organization.renamed" | "member.created" | "member.role_changed" | "member.activated" | "member.deactivated" | "member.password_changed" | "member.operator_changed" | "session.started" | "session.ended" | "session.code_made" | "key.created" | "key.updated" | "key.rotated" | "key.revoked" | "agent.created" | "agent.updated" | "agent.deployed" | "agent.deleted" | "agent.tool_called" | "data_set.created" | "data_set.updated" | "data_set.deleted" | "data_set.member_added" | "data_set.member_removed" | "document.changed" | "document.deleted" | "sync.started" | "sync.cancelled" | "webhook.created" | "webhook.updated" | "webhook.rotated" | "webhook.tested" | "webhook.replayed" | "webhook.deleted" | "schedule.created" | "schedule.updated" | "schedule.paused" | "schedule.resumed" | "schedule.run" | "schedule.deleted" | "secret.put" | "secret.deleted" | "secret.rotated" | "limits.changed" | "approval.decided" | "approval.expired" | "conversation.deleted" | "file.deleted" | "erasure.requested" | "erasure.done" | "retention.changed" | "retention.applied" | undefined; account?: string | undefined; target?: string | undefined; from?: string | undefined; to?: string | undefined; format?: "ndjson" | "csv" | undefined } = {}): Promise<Blob> {
    return this.send<Blob>({ method: "GET", path: "/v1/audit/export", query: { action: options.action, account: options.account, target: options.target, from: options.from, to: options.to, format: options.format }, gives: "bytes" }, options);
  }

  /**
   * The end of the log.
   *
   * Noted where nobody who could change the log can change it too, it shows later that nothing was cut off:
   * `turnkeeper audit verify --head NUMBER:HASH`.
   */
  getAuditHead(options: Options = {}): Promise<shapes.AuditHead> {
    return this.send<shapes.AuditHead>({ method: "GET", path: "/v1/audit/head" }, options);
  }

  /**
   * Whether the log is whole.
   *
   * Walks the whole log and checks that each entry is as it was written and follows on the one before. `turnkeeper
   * audit verify` does the same for logs that take longer than 30 seconds.
   */
  verifyAudit(options: Options & { head?: string | undefined } = {}): Promise<shapes.Verified> {
    return this.send<shapes.Verified>({ method: "GET", path: "/v1/audit/verify", query: { head: options.head } }, options);
  }

  /**
   * Keys that were no good.
   *
   * How many requests came with expired or revoked keys of the organization, or with those of inactive accounts, by
   * day of UTC. They are counted and have no entries. The count is up to ten seconds behind.
   */
  listFailedSignIns(options: Options = {}): Promise<shapes.FailedSignInsList> {
    return this.send<shapes.FailedSignInsList>({ method: "GET", path: "/v1/audit/failed-sign-ins" }, options);
  }

  /**
   * The organization's erasures.
   *
   * Newest first. Receipts are kept.
   */
  listErasures(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Erasures> {
    return this.send<shapes.Erasures>({ method: "GET", path: "/v1/erasures", query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listErasures`, page after page until the last one. */
  async *iterateErasures(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Erasure> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Erasures = await this.listErasures({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Erase a conversation, a person or an end user.
   *
   * For good, in the background: messages, events, calls of tools, approvals, summaries, files and their bytes,
   * deliveries of webhooks, stored results of requests; of a person also schedules, keys, opinions, notes and the
   * documents made from uploads. The account stays as a tombstone without name and address, and is signed out at
   * once. Entries of the audit log stay: they have nothing of the content.
   */
  createErasure(body: shapes.ErasureBody, options: Options = {}): Promise<shapes.Erasure> {
    return this.send<shapes.Erasure>({ method: "POST", path: "/v1/erasures", body, changes: true }, options);
  }

  /**
   * Get an erasure, or its receipt.
   *
   * How far it is; once it is completed, what was removed, by kind and count.
   */
  getErasure(erasureId: string, options: Options = {}): Promise<shapes.Erasure> {
    return this.send<shapes.Erasure>({ method: "GET", path: pathOf("/v1/erasures/{erasure_id}", { erasure_id: erasureId }) }, options);
  }

  /**
   * How long things are kept.
   *
   * Null where nothing is decided: then they are kept.
   */
  getRetention(options: Options = {}): Promise<shapes.Retention> {
    return this.send<shapes.Retention>({ method: "GET", path: "/v1/retention" }, options);
  }

  /**
   * Decide how long things are kept.
   *
   * All of it: what is left out is kept. A worker removes what is older, for good, within minutes.
   */
  setRetention(body: shapes.Retention, options: Options = {}): Promise<shapes.Retention> {
    return this.send<shapes.Retention>({ method: "PUT", path: "/v1/retention", body, changes: true }, options);
  }

  /**
   * Sign in with a browser.
   *
   * For pages of this server: hands a cookie to the browser, in the place of a key. With `email` and `password`, or
   * with a one-time `code`. Whoever asks this way says `csrf_token` in `X-CSRF-Token` with every change.
   */
  signIn(body: shapes.SignInBody, options: Options = {}): Promise<shapes.CurrentSession> {
    return this.send<shapes.CurrentSession>({ method: "POST", path: "/v1/sessions", body }, options);
  }

  /**
   * List your sessions.
   *
   * Those of your account that are not over, newest first; there are at most 50.
   */
  listSessions(options: Options = {}): Promise<shapes.Sessions> {
    return this.send<shapes.Sessions>({ method: "GET", path: "/v1/sessions" }, options);
  }

  /**
   * Who is signed in.
   *
   * The person, the organization, and the token that changes need. With a key there is none: see `GET /me`.
   */
  getCurrentSession(options: Options = {}): Promise<shapes.CurrentSession> {
    return this.send<shapes.CurrentSession>({ method: "GET", path: "/v1/sessions/current" }, options);
  }

  /**
   * Sign out.
   *
   * The session ends at once, on every node, and with it its event streams.
   */
  signOut(options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: "/v1/sessions/current", changes: true, gives: "nothing" }, options);
  }

  /**
   * End one of your sessions.
   *
   * It ends at once, on every node, and with it its event streams.
   */
  endSession(sessionId: string, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "DELETE", path: pathOf("/v1/sessions/{session_id}", { session_id: sessionId }), changes: true, gives: "nothing" }, options);
  }

  /**
   * List keys.
   *
   * Newest first, revoked ones too. Your own; with the scope `admin`, all of the organization.
   */
  listKeys(options: Options & { account?: string | undefined; state?: "live" | "expired" | "revoked" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Keys> {
    return this.send<shapes.Keys>({ method: "GET", path: "/v1/keys", query: { account: options.account, state: options.state, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listKeys`, page after page until the last one. */
  async *iterateKeys(options: Options & { account?: string | undefined; state?: "live" | "expired" | "revoked" | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Key> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Keys = await this.listKeys({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Make a key.
   *
   * For yourself; with the scope `admin`, for any account. It gets no scope that your key lacks. Made without the
   * scope `admin`, it is revoked with the key that made it, expires with it at the latest, and has its limit of
   * requests.
   */
  createKey(body: shapes.CreateKeyBody, options: Options = {}): Promise<shapes.NewKey> {
    return this.send<shapes.NewKey>({ method: "POST", path: "/v1/keys", body, changes: true }, options);
  }

  /**
   * Get a key.
   *
   * Without its secret, which is stored nowhere.
   */
  getKey(keyId: string, options: Options = {}): Promise<shapes.Key> {
    return this.send<shapes.Key>({ method: "GET", path: pathOf("/v1/keys/{key_id}", { key_id: keyId }) }, options);
  }

  /**
   * Rename a key, or set its rate.
   *
   * What a key may be used for does not change: make another one.
   */
  changeKey(keyId: string, body: shapes.ChangeKeyBody, options: Options = {}): Promise<shapes.Key> {
    return this.send<shapes.Key>({ method: "PATCH", path: pathOf("/v1/keys/{key_id}", { key_id: keyId }), body, changes: true }, options);
  }

  /**
   * Revoke a key.
   *
   * At once, on every node, with the keys that it made. Revoking it again changes nothing.
   */
  revokeKey(keyId: string, options: Options = {}): Promise<shapes.Key> {
    return this.send<shapes.Key>({ method: "DELETE", path: pathOf("/v1/keys/{key_id}", { key_id: keyId }), changes: true }, options);
  }

  /**
   * Give a key a new secret.
   *
   * The old one is refused at once, or after `grace_seconds`. Id, name, scopes and limits stay.
   */
  rotateKey(keyId: string, body: shapes.RotateKeyBody, options: Options = {}): Promise<shapes.NewKey> {
    return this.send<shapes.NewKey>({ method: "POST", path: pathOf("/v1/keys/{key_id}/rotate", { key_id: keyId }), body, changes: true }, options);
  }

  /**
   * Who am I.
   *
   * The organization, the account and the key behind this request, and what the key may be used for.
   */
  whoAmI(options: Options = {}): Promise<shapes.Me> {
    return this.send<shapes.Me>({ method: "GET", path: "/v1/me" }, options);
  }

  /**
   * Change your password.
   *
   * Keys stay as they are.
   */
  changeOwnPassword(body: shapes.PasswordBody, options: Options = {}): Promise<undefined> {
    return this.send<undefined>({ method: "POST", path: "/v1/me/password", body, changes: true, gives: "nothing" }, options);
  }

  /**
   * List members.
   *
   * People and programs of the organization, newest first.
   */
  listMembers(options: Options & { kind?: "user" | "service" | undefined; role?: "admin" | "member" | undefined; is_active?: boolean | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Members> {
    return this.send<shapes.Members>({ method: "GET", path: "/v1/members", query: { kind: options.kind, role: options.role, is_active: options.is_active, limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listMembers`, page after page until the last one. */
  async *iterateMembers(options: Options & { kind?: "user" | "service" | undefined; role?: "admin" | "member" | undefined; is_active?: boolean | undefined; limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Member> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Members = await this.listMembers({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Add a person or a program.
   *
   * A person signs in with an e-mail address, unique on a server, and a password; a program with keys.
   */
  createMember(body: shapes.CreateMemberBody, options: Options = {}): Promise<shapes.Member> {
    return this.send<shapes.Member>({ method: "POST", path: "/v1/members", body, changes: true }, options);
  }

  /**
   * Get a member.
   *
   * One of them, active or not.
   */
  getMember(memberId: string, options: Options = {}): Promise<shapes.Member> {
    return this.send<shapes.Member>({ method: "GET", path: pathOf("/v1/members/{member_id}", { member_id: memberId }) }, options);
  }

  /**
   * Change a member's role, password, or whether it is let in.
   *
   * Its keys feel it at once, on every node: of a member, no key has the scope `admin`.
   */
  changeMember(memberId: string, body: shapes.ChangeMemberBody, options: Options = {}): Promise<shapes.Member> {
    return this.send<shapes.Member>({ method: "PATCH", path: pathOf("/v1/members/{member_id}", { member_id: memberId }), body, changes: true }, options);
  }

  /**
   * Shut a member out.
   *
   * Its keys are refused at once. What it wrote is kept, and it can be let in again.
   */
  deactivateMember(memberId: string, options: Options = {}): Promise<shapes.Member> {
    return this.send<shapes.Member>({ method: "DELETE", path: pathOf("/v1/members/{member_id}", { member_id: memberId }), changes: true }, options);
  }

  /**
   * Let a person in by a link.
   *
   * A code that signs the person in once, within an hour, to set a password: for somebody new, or who forgot it.
   */
  inviteMember(memberId: string, options: Options = {}): Promise<shapes.Invitation> {
    return this.send<shapes.Invitation>({ method: "POST", path: pathOf("/v1/members/{member_id}/invite", { member_id: memberId }), changes: true }, options);
  }

  /**
   * Your organization.
   *
   * The one that your key belongs to.
   */
  getOwnOrganization(options: Options = {}): Promise<shapes.Organization> {
    return this.send<shapes.Organization>({ method: "GET", path: "/v1/organization" }, options);
  }

  /**
   * Rename your organization.
   *
   * Names are unique on a server.
   */
  renameOwnOrganization(body: shapes.OrganizationBody, options: Options = {}): Promise<shapes.Organization> {
    return this.send<shapes.Organization>({ method: "PATCH", path: "/v1/organization", body, changes: true }, options);
  }

  /**
   * All organizations of the server.
   *
   * Newest first. For operators of the server only.
   */
  listOrganizations(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): Promise<shapes.Organizations> {
    return this.send<shapes.Organizations>({ method: "GET", path: "/v1/organizations", query: { limit: options.limit, cursor: options.cursor } }, options);
  }

  /** As `listOrganizations`, page after page until the last one. */
  async *iterateOrganizations(options: Options & { limit?: number | undefined; cursor?: string | undefined } = {}): AsyncGenerator<shapes.Organization> {
    let cursor: string | undefined = undefined;
    do {
      const page: shapes.Organizations = await this.listOrganizations({ ...options, cursor });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Begin an organization.
   *
   * For operators of the server only. It begins with a service account as its admin and a key for it; nothing is
   * ever visible across two organizations, not even to operators.
   */
  createOrganization(body: shapes.OrganizationBody, options: Options = {}): Promise<shapes.NewOrganization> {
    return this.send<shapes.NewOrganization>({ method: "POST", path: "/v1/organizations", body, changes: true }, options);
  }

  /**
   * Get an organization.
   *
   * Your own; for operators of the server, any.
   */
  getOrganization(organizationId: string, options: Options = {}): Promise<shapes.Organization> {
    return this.send<shapes.Organization>({ method: "GET", path: pathOf("/v1/organizations/{organization_id}", { organization_id: organizationId }) }, options);
  }

  /**
   * What was spent.
   *
   * Tokens, US dollars and turns, by the day of UTC on which turns ended. Admins see the organization, members their
   * own. As CSV with `format=csv`, or `Accept: text/csv`; no cell of it is a formula.
   */
  getUsage(options: Options & { group_by?: string | undefined; from?: string | undefined; to?: string | undefined; agent?: string | undefined; account?: string | undefined; model?: string | undefined } = {}): Promise<shapes.UsageReport> {
    return this.send<shapes.UsageReport>({ method: "GET", path: "/v1/usage", query: { format: "json", group_by: options.group_by, from: options.from, to: options.to, agent: options.agent, account: options.account, model: options.model } }, options);
  }

  /**
   * What was spent, as CSV.
   *
   * Tokens, US dollars and turns, by the day of UTC on which turns ended. Admins see the organization, members their
   * own. As CSV with `format=csv`, or `Accept: text/csv`; no cell of it is a formula.
   */
  getUsageCsv(options: Options & { group_by?: string | undefined; from?: string | undefined; to?: string | undefined; agent?: string | undefined; account?: string | undefined; model?: string | undefined } = {}): Promise<string> {
    return this.send<string>({ method: "GET", path: "/v1/usage", query: { format: "csv", group_by: options.group_by, from: options.from, to: options.to, agent: options.agent, account: options.account, model: options.model }, gives: "text" }, options);
  }

  /**
   * What a conversation spent.
   *
   * All its turns that ended, whatever came of them.
   */
  getConversationUsage(conversationId: string, options: Options = {}): Promise<shapes.Usage> {
    return this.send<shapes.Usage>({ method: "GET", path: pathOf("/v1/conversations/{conversation_id}/usage", { conversation_id: conversationId }) }, options);
  }

  /**
   * What the organization allows.
   *
   * Limits over each agent's own, and over a day of all agents.
   */
  getLimits(options: Options = {}): Promise<shapes.Limits> {
    return this.send<shapes.Limits>({ method: "GET", path: "/v1/limits" }, options);
  }

  /**
   * Set what the organization allows.
   *
   * All of it: what is left out is no limit. It counts for the turns that begin from now on.
   */
  setLimits(body: shapes.LimitsBody, options: Options = {}): Promise<shapes.Limits> {
    return this.send<shapes.Limits>({ method: "PUT", path: "/v1/limits", body, changes: true }, options);
  }

  /**
   * How turns went.
   *
   * By the hour or the day in which they were accepted: how many, what came of them, how long they waited and took,
   * and what their answers spent. Admins see the organization, members their own turns. No more than the newest
   * 200,000 turns are looked at; `GET /usage` has exact sums of what was spent.
   */
  getOverview(options: Options & { from?: string | undefined; to?: string | undefined; by?: "hour" | "day" | undefined; agent?: string | undefined; account?: string | undefined; model?: string | undefined } = {}): Promise<shapes.Overview> {
    return this.send<shapes.Overview>({ method: "GET", path: "/v1/overview", query: { from: options.from, to: options.to, by: options.by, agent: options.agent, account: options.account, model: options.model } }, options);
  }

  /**
   * The server's processes.
   *
   * Every process that serves or works, the database, and the queue of all organizations. For operators of the
   * server only.
   */
  listNodes(options: Options = {}): Promise<shapes.Nodes> {
    return this.send<shapes.Nodes>({ method: "GET", path: "/v1/nodes" }, options);
  }
}
