/** What goes over the wire. Generated from the OpenAPI document by `make clients`: do not edit. */

/** What an agent is made of. */
export interface AgentContent {
  name: string;
  description: string | null;
  /** What it may search. null also when that is gone. */
  data_set: string | null;
  instructions: string | null;
  /** `provider:model`; null takes the server's default. */
  model: string | null;
  tools: Array<string>;
  limits: AgentLimits;
  /**
   * MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
   * docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
   * agent.
   */
  settings: AgentSettings;
  instances_count: number;
}

/** An agent as it answers now. */
export interface AgentDetails {
  name: string;
  description: string | null;
  /** What it may search. null also when that is gone. */
  data_set: string | null;
  instructions: string | null;
  /** `provider:model`; null takes the server's default. */
  model: string | null;
  tools: Array<string>;
  limits: AgentLimits;
  /**
   * MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
   * docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
   * agent.
   */
  settings: AgentSettings;
  instances_count: number;
  id: string;
  /** Made from the first name; it never changes. */
  slug: string;
  /** The revision that answers, and that is shown here. */
  revision: number;
  /** The newest; when it is another one, there are drafts. */
  latest_revision: number;
  /** When this revision began to answer. */
  deployed_at: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** Limits to set; what is left out has its default, or stays as it is when an agent is changed. */
export interface AgentLimitsBody {
  model_calls?: number | null;
  tool_calls?: number | null;
  tokens?: number | null;
  cost_usd?: number | null;
  output_tokens?: number | null;
  history_tokens?: number | null;
  seconds?: number | null;
  tokens_a_day?: number | null;
  cost_usd_a_day?: number | null;
}

/** What one turn, and one day, may spend; null is no limit. See docs/limits.md. */
export interface AgentLimits {
  model_calls: number;
  tool_calls: number;
  tokens: number | null;
  cost_usd: number | null;
  output_tokens: number;
  history_tokens: number;
  seconds: number;
  tokens_a_day: number | null;
  cost_usd_a_day: number | null;
}

/** Days for one agent's conversations, in place of the organization's; None takes the organization's. */
export interface AgentRetention {
  conversations_days?: number | null;
  text_days?: number | null;
  files_days?: number | null;
}

/** What an agent's tools may do, how it remembers and for how long, and what it does with messages that overlap. */
export interface AgentSettings {
  mcp_servers?: Array<McpServer>;
  http?: Array<HttpRule>;
  approvals?: ApprovalPolicy;
  memory?: "summary" | "window";
  overlap?: "enqueue" | "interrupt" | "merge" | "reject" | "rollback" | "steer";
  retention?: AgentRetention;
}

/** The agent of a conversation. */
export interface Agent {
  id: string;
  slug: string;
  name: string;
}

/** The tools that a turn of the agent would have now. */
export interface AgentTools {
  items: Array<Tool>;
  /** Sentences about what it should have, and has not. */
  missing: Array<string>;
}

/** A part of the agents, newest first. */
export interface Agents {
  items: Array<AgentDetails>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** A call waits for a person. */
export interface ApprovalAskedEvent {
  event: "approval.asked";
  approval_id: string;
  /** The model's name for the call. */
  call_id: string;
  tool: string;
  question: "call" | "outcome";
  reason: string;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** What became of a question. */
export interface ApprovalDecidedEvent {
  event: "approval.decided";
  approval_id: string;
  /** The model's name for the call. */
  call_id: string;
  tool: string;
  state: "approved" | "cancelled" | "denied" | "expired" | "waiting";
  note: string | null;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/**
 * What needs a person's yes, how long it may be waited for, and what comes then.
 *
 *     `on_expiry`: `deny` tells the model that nobody answered, `fail` ends the turn.
 */
export interface ApprovalPolicy {
  rules?: Array<ApprovalRule>;
  deciders?: "admins" | "owners";
  expires_after_seconds?: number | null;
  on_expiry?: "deny" | "fail";
}

/**
 * Calls that need a person's yes: those that every given field fits.
 *
 *     `tool` may end with `*`. `argument` is a JSON Pointer into the arguments, such as `/amount`; a call fits
 * when the value
 *     there is above `above`, or one of `one_of`, or, with neither, when it is there at all. Where `above` cannot
 * be compared,
 *     because the value is missing or no number, the call fits: a refund without an amount may be a refund of
 * everything.
 */
export interface ApprovalRule {
  tool?: string | null;
  kinds?: Array<"at_most_once" | "idempotent" | "keyed" | "pure">;
  argument?: string | null;
  above?: number | null;
  one_of?: Array<string>;
}

/** What a turn asks a person about one call of a tool. It stays when it is decided. */
export interface Approval {
  id: string;
  /** `expired`: nobody decided in time; `cancelled`: its message was cancelled or failed. */
  state: "approved" | "cancelled" | "denied" | "expired" | "waiting";
  /**
   * `call`: may this call be made? `outcome`: it was begun and nobody knows whether it happened; may it be made
   * again?
   */
  question: "call" | "outcome";
  /** The slug of the agent that wants to make the call. */
  agent: string;
  tool: string;
  /** As the model wrote them and the tool will get them. */
  arguments: Record<string, unknown>;
  /** A sentence for the person: why this is asked. */
  reason: string;
  conversation_id: string;
  message_id: string;
  /** The model's name for the call. */
  call_id: string;
  /** What the person wrote; the model reads it when the call was denied. */
  note: string | null;
  /** null while it waits, and when no person decided. */
  decided_by: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** null: it waits until somebody decides. */
  expires_at: string | null;
  decided_at: string | null;
}

/** A part of the approvals, newest first. */
export interface Approvals {
  items: Array<Approval>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** A file of a message. */
export interface Attached {
  id: string;
  name: string;
  media_type: string;
  /** In bytes. */
  size: number;
}

/** One try at a delivery. */
export interface Attempt {
  number: number;
  /** RFC 3339, UTC. */
  started_at: string;
  milliseconds: number;
  /** Of HTTP; null when no answer came. */
  status: number | null;
  /** A sentence, unless the delivery was taken. */
  error: string | null;
  /** The beginning of the answer's body. */
  answer: string | null;
}

/** Who did it. */
export interface AuditActor {
  /** `key`: a request; `command`: an operator at the command line; `server`: the server by itself. */
  origin: "command" | "key" | "server" | "session";
  account_id: string | null;
  /** As the account is called today; erased with the person, and never part of the log. */
  account_name: string | null;
  key_id: string | null;
}

/** One change. */
export interface AuditEntry {
  /** 1, 2, 3 … without gaps. */
  number: number;
  /** RFC 3339, UTC, with microseconds, as it is hashed. */
  at: string;
  actor: AuditActor;
  action: string;
  target: AuditTarget;
  details: unknown;
  /** The request in the server's log. */
  request_id: string | null;
  /** The `hash` of the entry before; 64 zeros in the first one. */
  previous_hash: string;
  /** SHA-256, in hexadecimal. */
  hash: string;
}

/** The end of the log. */
export interface AuditHead {
  /** How many entries there are. */
  number: number;
  /** Of the last entry; 64 zeros when there is none. */
  hash: string;
  /** Both, as `turnkeeper audit verify --head` takes them. */
  head: string;
}

/** A part of the log, newest first. */
export interface Audit {
  items: Array<AuditEntry>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** What it was done to. */
export interface AuditTarget {
  kind: string;
  /** Its id; of a secret and of limits of an agent, its name. */
  id: string | null;
}

/** A conversation and the message that it began with. */
export interface Begun {
  conversation: Conversation;
  message: Message;
}

/** A call of a tool, and what it answered. */
export interface Call {
  call_id: string;
  tool: string;
  /** JSON, as the model wrote it. */
  arguments: string;
  /** null when no answer was recorded. */
  output: string | null;
  failed: boolean;
}

/** A JSON Merge Patch (RFC 7396): objects are merged, null brings back the default, lists are replaced as a whole. */
export interface ChangeAgentBody {
  name?: string;
  description?: string | null;
  /** `ds_…`, or its name. */
  data_set?: string | null;
  instructions?: string | null;
  model?: string | null;
  tools?: Array<string> | null;
  limits?: AgentLimitsBody | null;
  /**
   * MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
   * docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
   * agent.
   */
  settings?: AgentSettings | null;
  instances_count?: number | null;
  /** Why; kept with the revision. */
  note?: string | null;
}

/** What is to be said about a conversation; what is left out stays. */
export interface ChangeBody {
  /** null: the first message stands for it. */
  title?: string | null;
  /** All of them; null for none. */
  tags?: Array<string> | null;
  metadata?: Record<string, string | null> | null;
  archived?: boolean;
}

/** What is to be different; what is left out stays. */
export interface ChangeKeyBody {
  name?: string | null;
  /** For admins only; null takes the key's own limit away. */
  requests_per_minute?: number | null;
}

/** What is to be different; what is left out stays. */
export interface ChangeMemberBody {
  role?: "admin" | "member";
  is_active?: boolean;
  /** Of a person. */
  password?: string;
}

/** A place in the data set that an answer leans on. */
export interface Citation {
  document_id: number;
  title: string;
  address: string;
  /** Offset into the document's text, in characters. */
  start: number;
  end: number;
  quote: string;
  /** Which text of the document, from 1; 0 when it is not known. */
  document_version: number;
  /** Whether the server found the quote there, word for word. */
  verified: boolean;
  /**
   * The marks of the reply's text that stand for it: 33 for `[33]`. Empty where the text has none, and in replies
   * from before they were kept.
   */
  marks: Array<number>;
}

/** What a revision has that another has not, and the other way round. */
export interface Comparison {
  number: number;
  /** 0: it is the first one, and compared with nothing. */
  against: number;
  differences: Array<Difference>;
}

/** How much a data set holds. */
export interface Contents {
  documents: number;
  products: number;
  passages: number;
}

/** A conversation. */
export interface Conversation {
  id: string;
  agent: Agent;
  /** What it searches and cites. */
  data_set: DataSetName | null;
  /** Whose it is. */
  account_id: string;
  status: "abandoned" | "active" | "completed" | "error";
  /** `ask`: nothing outside is changed. */
  mode: "ask" | "execute";
  /** The kind of door at which it was born. */
  origin: "api" | "discord" | "slack" | "web";
  /** As given, else the first message, on one line; empty while there is neither. */
  title: string;
  tags: Array<string>;
  metadata: Record<string, string>;
  archived_at: string | null;
  /** Messages and replies. */
  message_count: number;
  /** What all of its turns took that ended. */
  usage: Usage;
  /** The number of its newest event; 0 while there is none. */
  last_event: number;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
  /** In a search: what was found. */
  match: Match | null;
}

/** A page of conversations. */
export interface Conversations {
  items: Array<Conversation>;
  has_more: boolean;
  /** For the next page: `?cursor=…` */
  next_cursor: string | null;
  /** false while older messages are still being made searchable: search again in a while. */
  has_all_words: boolean;
}

/** A new agent. */
export interface CreateAgentBody {
  /** The slug is made from it. */
  name: string;
  description?: string | null;
  /** `ds_…`, or its name. */
  data_set?: string | null;
  instructions?: string | null;
  model?: string | null;
  /** By name; left out, it can search its data set, if it has one. */
  tools?: Array<string> | null;
  limits?: AgentLimitsBody | null;
  /**
   * MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
   * docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
   * agent.
   */
  settings?: AgentSettings | null;
  instances_count?: number | null;
}

/** What a conversation begins with. */
export interface CreateBody {
  /** Its id, `agt_…`, or its slug. */
  agent: string;
  /** Its id, `ds_…`, or its name: takes the place of the agent's in this conversation. */
  data_set?: string | null;
  /** `execute` if left out. */
  mode?: "ask" | "execute" | null;
  title?: string | null;
  tags?: Array<string> | null;
  metadata?: Record<string, string> | null;
  /** With one, it is answered at once. */
  message?: FirstMessageBody | null;
}

/** A key to be made. */
export interface CreateKeyBody {
  name: string;
  /** Whose; your own without it. Others are for admins. */
  account_id?: string | null;
  /** All that your key has and the account's role allows, when left out. */
  scopes?: Array<"admin" | "converse" | "manage_agents" | "manage_data" | "read"> | null;
  /** Never, or with the key that asks, when left out. */
  expires_at?: string | null;
  /** For admins only. */
  requests_per_minute?: number | null;
}

/** A member to be added: a person has `email` and `password`, a program has a `name`. */
export interface CreateMemberBody {
  kind: "service" | "user";
  /** Of a person. */
  email?: string;
  /** Of a person: the first one. */
  password?: string;
  /** Of a program. */
  name?: string;
  role?: "admin" | "member";
}

/** Who is signed in, and what a page needs to ask in the person's name. */
export interface CurrentSession {
  session: Session;
  organization: Organization;
  account: Member;
  /** What the account's role allows. */
  scopes: Array<"admin" | "converse" | "manage_agents" | "manage_data" | "read">;
  /** For the header `X-CSRF-Token`, with every change. */
  csrf_token: string;
  /** Whether a password may be set without the current one. */
  may_set_password: boolean;
  /** The size of the largest file that this server takes. */
  most_upload_bytes: number;
}

/** What is to be changed; what is left out stays. */
export interface DataSetChangeBody {
  name?: string;
  description?: string;
  embedding_model?: string;
}

/** An account that a data set was opened to. */
export interface DataSetMember {
  id: string;
  kind: "service" | "user";
  /** A user's e-mail address, or a service account's name. */
  name: string;
  role: "admin" | "member";
  is_active: boolean;
}

/** A part of the accounts that a data set was opened to. */
export interface DataSetMembers {
  items: Array<DataSetMember>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** The data set that a conversation is about. */
export interface DataSetName {
  id: string;
  name: string;
}

/** What agents know. */
export interface DataSet {
  id: string;
  name: string;
  description: string;
  contents: Contents;
  embedding: Embedding;
  /** Raised by each change of name, description or model; it is the `ETag`. */
  version: number;
  /** RFC 3339, UTC. */
  created_at: string;
  /** When it, or what it holds, was changed last. */
  updated_at: string;
}

/** A part of the data sets, newest first. */
export interface DataSets {
  items: Array<DataSet>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** The database. */
export interface Database {
  /** How long a statement takes that does nothing. */
  milliseconds: number;
  size_bytes: number;
  connections: number;
  most_connections: number;
  version: string;
}

/** A decision. */
export interface DecideBody {
  decision: "approve" | "deny";
  /** Why; the model reads it when the call is denied. At most 2,000 characters. */
  note?: string | null;
}

/** A part of a webhook's deliveries, newest first. */
export interface Deliveries {
  items: Array<Delivery>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** One fact for one webhook. */
export interface Delivery {
  /** Its `webhook-id`, the same at every attempt. */
  id: string;
  webhook_id: string;
  type: string;
  /** `failed`: given up after three days, or the endpoint is gone. */
  state: "delivered" | "failed" | "waiting";
  attempts: number;
  /** null when it is due, and when it came to its end. */
  next_attempt_at: string | null;
  /** What is sent; null before the first attempt. */
  body: Record<string, unknown> | null;
  /** RFC 3339, UTC. */
  created_at: string;
  ended_at: string | null;
  /** The attempts, oldest first; only in a single delivery. */
  log?: Array<Attempt>;
}

/** Which revision is to answer. */
export interface DeployBody {
  /** Left out: the newest. */
  revision?: number | null;
}

/** One place at which two revisions differ. */
export interface Difference {
  /** JSON Pointer into `content`. */
  pointer: string;
  /** null also where there was nothing. */
  old: Record<string, unknown> | Array<unknown> | string | number | boolean | null;
  /** null also where nothing is left. */
  new: Record<string, unknown> | Array<unknown> | string | number | boolean | null;
  /** Of texts of several lines: a unified diff. */
  text: string | null;
}

/** What the meaning of the whole document says. */
export interface DocumentMeaning {
  similarity: number;
  scaled: number;
}

/** One readable thing of a data set; a product has one too, its companion. */
export interface Document {
  id: string;
  kind: "document" | "product";
  /** Where it came from; unique in the data set. */
  address: string;
  title: string;
  /** Of its text, in bytes. */
  size: number;
  passages: number;
  /** How many texts it has had, from 1. */
  version: number;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** A document with a stretch of its text. Offsets count characters. */
export interface DocumentText {
  id: string;
  kind: "document" | "product";
  address: string;
  title: string;
  size: number;
  passages: number;
  version: number;
  /** Whether its text is another one than in the `version` that was asked for; null without. */
  is_changed: boolean | null;
  /** Of the whole text. */
  length: number;
  start: number;
  end: number;
  /** From `start` to `end`. */
  text: string;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** A part of the documents, newest first. */
export interface Documents {
  items: Array<Document>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** Other words. */
export interface EditBody {
  text: string;
}

/** A model for the vectors of data sets. */
export interface EmbeddingModel {
  name: string;
  /** What keeps your organization from using it. */
  problem: string | null;
}

/** By which vectors a data set is searched. */
export interface Embedding {
  /** The model of the vectors that serve. */
  model: string;
  /** Passages that have no vector of it yet: they are found by their words only. */
  waiting: number;
  /** How far another model is. Once all of its vectors are there they serve, at once. */
  change: ModelChange | null;
  /** Why vectors could not be made at the last attempt. */
  trouble: string | null;
}

/** An end user, as the metadata of conversations name him. */
export interface EndUserBody {
  name: string;
  value: string;
}

/** A page of a talk: each message is followed by its reply. */
export interface Entries {
  items: Array<Entry>;
  has_more: boolean;
  /** For the next page: `?cursor=…` */
  next_cursor: string | null;
}

/** One entry of the talk: a message, or a reply. */
export interface Entry {
  id: string;
  conversation_id: string;
  /** `user`: a message. `assistant`: its answer. `system`: why there is none. */
  role: "assistant" | "system" | "user";
  /** Of a message; a reply is always `completed`. */
  status: "cancelled" | "completed" | "failed" | "pending" | "queued";
  text: string;
  /** Of a reply: the message that it is the reply to. */
  answers: string | null;
  /** The earlier message whose turn took this one in: its reply answers both. */
  answered_with: string | null;
  /** Why the agent does not remember it. */
  left_out: "rolled_back" | "superseded" | null;
  /** Of a reply: what people think of it. */
  feedback: Array<Feedback>;
  /** Of a reply. */
  model: string | null;
  /** Of a reply. */
  usage: Usage | null;
  /** Of a reply. */
  citations: Array<Citation>;
  /** What was attached; of a reply, what the agent wrote. */
  files: Array<Attached>;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** What is to be erased: one of these. */
export interface ErasureBody {
  /** A conversation. */
  conversation_id?: string | null;
  /** A person or program, with all conversations. */
  account_id?: string | null;
  /** All conversations with this value under this name of their metadata. */
  end_user?: EndUserBody | null;
}

/** An erasure; once it is completed, its receipt. */
export interface Erasure {
  id: string;
  kind: "conversation" | "end_user" | "person";
  conversation_id: string | null;
  account_id: string | null;
  /** The name in the metadata; the value is not kept. */
  end_user_name: string | null;
  state: "completed" | "queued" | "running";
  /** How much was removed so far, by kind; `bytes` are those of files. */
  removed: Record<string, number>;
  /** RFC 3339, UTC. */
  created_at: string;
  ended_at: string | null;
  /** The entry of the audit log that tells that it is done. */
  audit_number: number | null;
  /** SHA-256 over the receipt, in hexadecimal. */
  hash: string | null;
}

/** A part of the erasures, newest first. */
export interface Erasures {
  items: Array<Erasure>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** A part of a log, in order. */
export interface Events {
  items: Array<MessageQueuedEvent | TurnStartedEvent | TextEvent | ThinkingEvent | ToolCalledEvent | ToolReturnedEvent | ModelReturnedEvent | ApprovalAskedEvent | ApprovalDecidedEvent | MessageCancelledEvent | MessageAbsorbedEvent | MessagesSupersededEvent | MessageCompletedEvent | MessageFailedEvent>;
  has_more: boolean;
  /** Hand it back as `after`, also when there is no more yet. */
  next_after: number;
}

/** Why a passage has its score, from the figures by which it was ranked. */
export interface Explanation {
  words: Words | null;
  /** null where there is no vector: the words stand in. */
  meaning: Meaning | null;
  /** null where there is no vector. */
  document: DocumentMeaning | null;
  meaning_share: number;
  document_share: number;
  /** (1 - meaning_share) · words + meaning_share · meaning, both scaled. */
  own: number;
  /** (own + document_share · document) / (1 + document_share). */
  fused: number;
  /** What other passages of the document add to its best one; 0 for the others. */
  support: number;
  /** The score is (fused + support) / scale, which keeps it below 1. */
  scale: number;
}

/** The last 90 days, newest first. */
export interface FailedSignInsList {
  items: Array<FailedSignIns>;
}

/** How often a key was no good, on one day for one reason. */
export interface FailedSignIns {
  /** Of UTC. */
  day: string;
  reason: string;
  count: number;
}

/** A turn that failed. */
export interface Failure {
  message_id: string;
  conversation_id: string;
  /** The slug. */
  agent: string;
  /** RFC 3339, UTC. */
  at: string;
  /** What its people were told. */
  reason: string;
}

/** One thing to mend, and where it is. */
export interface Fault {
  detail: string;
  code: string;
  /** JSON Pointer into the body. */
  pointer?: string;
  /** The query parameter. */
  parameter?: string;
  /** The header. */
  header?: string;
}

/** Your opinion of a reply. */
export interface FeedbackBody {
  rating: "down" | "up";
  /** At most 2,000 characters. */
  comment?: string | null;
}

/** What somebody thinks of a reply. */
export interface Feedback {
  /** null when it came with an imported conversation. */
  account_id: string | null;
  rating: "down" | "up";
  comment: string | null;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** The form of one file. */
export interface FileForm {
  /** The file, with its name. */
  file: string;
}

/** A file of a message. */
export interface File {
  id: string;
  /** For display only. */
  name: string;
  /** What the bytes are, whatever was said of them. */
  media_type: string;
  /** In bytes. */
  size: number;
  /** `agent`: it came with a reply. */
  written_by: "agent" | "person";
  /** RFC 3339, UTC. */
  created_at: string;
}

/** The form of an upload: the field `file` once or more often, each with a file name. */
export interface FilesForm {
  /** Files, or ZIP archives of folders. The name of a file is its address. */
  file: Array<string>;
}

/** A part of a conversation's files, newest first. */
export interface Files {
  items: Array<PlacedFile>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** The message that a conversation begins with. */
export interface FirstMessageBody {
  text: string;
  /** Uploaded before. */
  files?: Array<string> | null;
  /** Of no weight here: there is nothing that it could overlap. */
  overlap?: "enqueue" | "interrupt" | "merge" | "reject" | "rollback" | "steer" | null;
}

/** Where a conversation is to be forked. */
export interface ForkBody {
  /** The last message, or its reply, that the fork has. */
  message: string;
  title?: string | null;
}

/** A passage that a search found; its text stands in the output. */
export interface FoundPassage {
  /** The number by which the model cites it. */
  mark: number;
  /** 0 in an imported conversation. */
  document_id: number;
  title: string;
  address: string;
  /** Offset into the document's text, in characters. */
  start: number;
  end: number;
  /** Comparable within one search only; higher is better. */
  score: number;
}

/** A passage that fits. */
export interface Found {
  rank: number;
  /** 0 to 1; comparable within one search only. */
  score: number;
  document_id: string;
  /** Which text of the document the offsets count in. */
  document_version: number;
  title: string;
  address: string;
  start: number;
  end: number;
  text: string;
  explanation?: Explanation;
}

/** The conversation itself. */
export interface Head {
  /** Its slug. */
  agent: string;
  /** Its name. */
  data_set: string | null;
  mode: "ask" | "execute";
  origin: "api" | "discord" | "slack" | "web";
  status: "abandoned" | "active" | "completed" | "error";
  title: string | null;
  tags: Array<string>;
  metadata: Record<string, string>;
  usage: Spent | null;
  memory: Memory | null;
  /** RFC 3339, to the microsecond. */
  created_at: string;
  /** RFC 3339, to the microsecond. */
  updated_at: string;
  archived_at: string | null;
}

/**
 * A host that the agent's HTTP tools may speak to.
 *
 *     `host` is a name, or `*.name` for all below it, with a port behind a colon where it is not the usual one;
 * `*` alone is
 *     every public host. `kind` is that of calls that are not GET or HEAD: `keyed` where the host takes an
 * `Idempotency-Key`
 *     header. Values of `headers` may be secrets, as those of `McpServer`.
 */
export interface HttpRule {
  host: string;
  methods?: Array<string>;
  kind?: "at_most_once" | "idempotent" | "keyed" | "pure";
  headers?: Record<string, string>;
  allows_private_addresses?: boolean;
}

/** A way in for one person, once. */
export interface Invitation {
  /** Null when the same request was made before: no code is stored. */
  code: string | null;
  /** Behind the server's address it is a link that signs in. */
  path: string | null;
  expires_in_seconds: number;
}

/** An event; its number is where it stands, counted from 1. */
export interface KeptEvent {
  /** A message or reply by where it stands, counted from 1. */
  message: number;
  /** RFC 3339, to the microsecond. */
  at: string;
  kind: string;
  /** As in the event log; `approval_id`, `into` and `by` are places, and `reply_id` is left out. */
  body: Record<string, unknown>;
}

/** A file. */
export interface KeptFile {
  name: string;
  media_type: string;
  size: number;
  sha256: string;
  /** RFC 3339, to the microsecond. */
  created_at: string;
  /** The bytes in base 64, with `files=inline`. */
  content?: string;
}

/** A message or a reply. */
export interface KeptMessage {
  role: "assistant" | "system" | "user";
  status: "cancelled" | "completed" | "failed" | "pending" | "queued";
  text: string;
  /** Of a reply: the message that it answers. */
  answers: number | null;
  model: string | null;
  usage: Spent | null;
  citations: Array<Quote>;
  /** Of a message: what was done to answer it. */
  rounds: Array<Round>;
  /** By which policy it was accepted; null for the usual one. */
  overlap: "enqueue" | "interrupt" | "merge" | "reject" | "rollback" | "steer" | null;
  /** The earlier message whose turn took this one in: its reply answers both. */
  answered_with: number | null;
  /** Before which call of the model of that turn. */
  joined_call: number | null;
  /** Why the agent does not remember it. */
  left_out: "rolled_back" | "superseded" | null;
  /** Of a reply: what people think of it; not who. */
  feedback: Array<Opinion>;
  /** RFC 3339, to the microsecond. */
  created_at: string;
  /** RFC 3339, to the microsecond. */
  updated_at: string;
  /** The last member, so that bytes can follow piece by piece. */
  files: Array<KeptFile>;
}

/** A key; its secret is told once, when it is new. */
export interface Key {
  id: string;
  name: string;
  /** What its secret begins with. */
  prefix: string;
  /** Only a `live` key opens anything. */
  state: "expired" | "live" | "revoked";
  account_id: string;
  /** The e-mail address, or the service account's name. */
  account: string;
  /** What it was given; what its account's role does not allow does not count. */
  scopes: Array<"admin" | "converse" | "manage_agents" | "manage_data" | "read">;
  /** The most; null is the server's default. */
  requests_per_minute: number | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** null: it does not expire. */
  expires_at: string | null;
  /** To some 10 seconds. */
  last_used_at: string | null;
  revoked_at: string | null;
  /** Until when the secret before the last rotation is good too. */
  old_secret_until: string | null;
}

/** A part of the keys, newest first. */
export interface Keys {
  items: Array<Key>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** All limits: what is left out is no limit. */
export interface LimitsBody {
  /** Calls of the model a turn. */
  model_calls?: number | null;
  /** Calls of tools a turn. */
  tool_calls?: number | null;
  /** Tokens a turn, in and out. */
  tokens?: number | null;
  /** US dollars a turn. */
  cost_usd?: number | null;
  /** A turn's length. */
  seconds?: number | null;
  /** Tokens a day of UTC, all agents. */
  tokens_a_day?: number | null;
  /** US dollars a day of UTC, all agents. */
  cost_usd_a_day?: number | null;
}

/**
 * What the organization allows its agents; null is no limit. Of an agent's own limit and this the lower one
 * counts.
 */
export interface Limits {
  /** Calls of the model a turn. */
  model_calls?: number | null;
  /** Calls of tools a turn. */
  tool_calls?: number | null;
  /** Tokens a turn, in and out. */
  tokens?: number | null;
  /** US dollars a turn. */
  cost_usd?: number | null;
  /** A turn's length. */
  seconds?: number | null;
  /** Tokens a day of UTC, all agents. */
  tokens_a_day?: number | null;
  /** US dollars a day of UTC, all agents. */
  cost_usd_a_day?: number | null;
}

/** The turn of a message that is being answered, or that waits for people. */
export interface LiveTurn {
  message_id: string;
  attempt: number;
  said: Array<Said>;
  open_calls: Array<OpenCall>;
}

/** A webhook with its secret, which is shown now and never again. */
export interface MadeWebhook {
  id: string;
  /** Begins with https://. */
  url: string;
  description: string | null;
  /** What it subscribes to. */
  types: Array<"*" | "agent.*" | "agent.changed" | "approval.*" | "approval.asked" | "approval.decided" | "conversation.*" | "conversation.archived" | "conversation.created" | "conversation.deleted" | "conversation.updated" | "data_set.*" | "data_set.synced" | "message.*" | "message.absorbed" | "message.cancelled" | "message.completed" | "message.failed" | "message.queued" | "message.started" | "message.superseded" | "tool.*" | "tool.called" | "tool.returned" | "webhook.*" | "webhook.disabled">;
  /** Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same. */
  agents: Array<string> | null;
  enabled: boolean;
  /** `asked`: by a person; `gone`: it answered 410; `failing`: it failed for five days. */
  disabled_reason: "asked" | "failing" | "gone" | null;
  /** The first failure after the last success. */
  failing_since: string | null;
  /** Deliveries that are not made yet. */
  waiting: number;
  /** Until when an older secret signs too. */
  old_secret_until: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
  /** What deliveries are signed with. */
  secret: string;
}

/** Where a search found its words. */
export interface Match {
  /** The newest message that has them. */
  message_id: string;
  /** What stands around the words, each between `**`. */
  snippet: string;
}

/**
 * A server of tools, by a command that is started or an address; exactly one of both.
 *
 *     The program `python` is the Python that Turnkeeper itself runs with. Values of `environment` and `headers`
 * may be
 *     `vault:NAME`, or end with it after a blank as in `Bearer vault:NAME`, for a secret of the organization. The
 * kind of a
 *     tool is the one in `kinds`, else what the server's annotations say, else `at_most_once`.
 *
 *     An address that is written as a private one is reached as it is. A name that may be public must lead to the
 * public
 *     internet unless `allows_private_addresses` says otherwise.
 */
export interface McpServer {
  name: string;
  command?: Array<string>;
  url?: string | null;
  environment?: Record<string, string>;
  headers?: Record<string, string>;
  tools?: Array<string> | null;
  kinds?: Record<string, "at_most_once" | "idempotent" | "keyed" | "pure">;
  seconds?: number;
  allows_private_addresses?: boolean;
}

/** Who asks, and with what. */
export interface Me {
  organization: Organization;
  account: Member;
  key: Key;
  /** What this key may be used for, given its account's role. */
  scopes: Array<"admin" | "converse" | "manage_agents" | "manage_data" | "read">;
}

/** What the meaning of the question says. */
export interface Meaning {
  /** The cosine of the vectors. */
  similarity: number;
  /** Among the best 100 by meaning; null: found by words, and compared by meaning too. */
  rank: number | null;
  /** The similarity over that of the best. */
  scaled: number;
}

/** A person, or a program, of the organization. */
export interface Member {
  id: string;
  /** `user`: a person; `service`: a program, which signs in with keys only. */
  kind: "service" | "user";
  /** The e-mail address of a person. */
  name: string;
  /** `admin` sees and changes all of the organization. */
  role: "admin" | "member";
  /** The keys of an account that is not are refused. */
  is_active: boolean;
  /** Whether it may make organizations, as long as it is an admin. */
  is_operator: boolean;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A part of the members, newest first. */
export interface Members {
  items: Array<Member>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** The running summary of what is long ago. */
export interface Memory {
  /** A message or reply by where it stands, counted from 1. */
  up_to: number;
  text: string;
  model: string;
}

/** The turn of an earlier message took this one in: it has the same reply, and ends when the turn does. */
export interface MessageAbsorbedEvent {
  event: "message.absorbed";
  /** The message that the turn answers. */
  into: string;
  /** Before which model call of that turn. */
  model_call: number;
  how: "merge" | "steer";
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** The message ended before its answer did; the reply keeps what was said. Nothing about this message follows. */
export interface MessageCancelledEvent {
  event: "message.cancelled";
  /** The reply; null when it is gone by now. */
  reply_id: string | null;
  /**
   * `cancelled` by somebody; `interrupted` by the message that follows; `rolled_back` by it: the agent does not
   * remember this one.
   */
  how: "cancelled" | "interrupted" | "rolled_back";
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** The reply stands. Nothing about this message follows. */
export interface MessageCompletedEvent {
  event: "message.completed";
  /** The reply; null when it is gone by now. */
  reply_id: string | null;
  model: string;
  usage: Usage;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** There is no answer; the reply says why. Nothing about this message follows. */
export interface MessageFailedEvent {
  event: "message.failed";
  /** The reply; null when it is gone by now. */
  reply_id: string | null;
  code: string;
  reason: string;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A message was accepted. */
export interface MessageQueuedEvent {
  event: "message.queued";
  /** What was done with it, as others were unfinished. */
  overlap: "enqueue" | "interrupt" | "merge" | "reject" | "rollback" | "steer";
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A message and what came of it. */
export interface Message {
  id: string;
  conversation_id: string;
  role: "assistant" | "system" | "user";
  /** `queued` → `pending` → `completed`, `failed` or `cancelled`. */
  status: "cancelled" | "completed" | "failed" | "pending" | "queued";
  text: string;
  /** Whether it waits for people: it goes on when one of `waits_for` is decided. */
  is_parked: boolean;
  /** The approvals that nobody decided yet, oldest first. */
  waits_for: Array<string>;
  /** Why it failed: a stable code; the reply has the sentence. */
  error: string | null;
  /** null until the message is finished; of a cancelled one, what was said. */
  reply: Reply | null;
  /** Of a reply: the message that it is the reply to. */
  answers: string | null;
  /** The earlier message whose turn took this one in: they end together and have the same reply. */
  answered_with: string | null;
  /**
   * What was done with it when it came, as others were unfinished: `enqueue` also where another policy was wanted
   * and could not be applied.
   */
  overlap: "enqueue" | "interrupt" | "merge" | "reject" | "rollback" | "steer";
  /** Why the agent does not remember it: a newer message rolled it back, or stands in its place. null: it does. */
  left_out: "rolled_back" | "superseded" | null;
  /** Of a queued message: what is before it. */
  queue: Queue | null;
  /** Of a reply: what people think of it, oldest first. */
  feedback: Array<Feedback>;
  /** Of a reply. */
  model: string | null;
  /** Of a reply. */
  usage: Usage | null;
  /** Of a reply. */
  citations: Array<Citation>;
  /** What was attached; of a reply, what the agent wrote. */
  files: Array<File>;
  /** The revision of the agent that answers; null until it begins to. */
  agent_revision: number | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** The talk from this message on was left behind: another message stands in its place. */
export interface MessagesSupersededEvent {
  event: "messages.superseded";
  by: string;
  /** How many messages and replies were left behind. */
  count: number;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** What a model was asked with, and why it ended. */
export interface ModelAsked {
  /** How many it was given: the talk as the agent remembers it. */
  messages: number;
  /** How many it was offered. */
  tools: number;
  max_output_tokens: number;
  finish_reason: string;
}

/** An embedding model that is to take the place of the one that serves. */
export interface ModelChange {
  model: string;
  /** Passages that have its vector. */
  done: number;
  total: number;
}

/** A call of the model ended and took so much. */
export interface ModelReturnedEvent {
  event: "model.returned";
  /** Which model call of the turn: 1, 2, 3 … */
  model_call: number;
  model: string;
  usage: Usage;
  /** null in logs of before there were times. */
  timing: Timing | null;
  /** null in logs of before it was noted. */
  asked: ModelAsked | null;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A model that is known by name. */
export interface Model {
  /** As agents name it. */
  name: string;
  title: string | null;
  context_tokens: number | null;
  is_deprecated: boolean;
  /** null: it has none by the token. */
  price: Price | null;
}

/** Which models there are. */
export interface Models {
  /** The model of agents that name none. */
  default: string;
  providers: Array<Provider>;
  /** The usual ones; others of the same providers can be used too. */
  embedding_models: Array<EmbeddingModel>;
}

/** A data set to be made. */
export interface NewDataSetBody {
  /** 1 to 200 printable characters; unique in the organization. */
  name: string;
  description?: string;
  /** `minilm` (the default, on this machine), `openai:NAME` or `ollama:NAME`. */
  embedding_model?: string;
}

/** A key with its new secret. */
export interface NewKey {
  id: string;
  name: string;
  /** What its secret begins with. */
  prefix: string;
  /** Only a `live` key opens anything. */
  state: "expired" | "live" | "revoked";
  account_id: string;
  /** The e-mail address, or the service account's name. */
  account: string;
  /** What it was given; what its account's role does not allow does not count. */
  scopes: Array<"admin" | "converse" | "manage_agents" | "manage_data" | "read">;
  /** The most; null is the server's default. */
  requests_per_minute: number | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** null: it does not expire. */
  expires_at: string | null;
  /** To some 10 seconds. */
  last_used_at: string | null;
  revoked_at: string | null;
  /** Until when the secret before the last rotation is good too. */
  old_secret_until: string | null;
  /** Told here and never again; null on the repeated answer to an Idempotency-Key: it is not stored. */
  secret: string | null;
}

/** Whom a data set is to be opened to. */
export interface NewMemberBody {
  /** `acc_…`, an e-mail address, or a service account's name. */
  account: string;
}

/** A new organization, and how one gets in. */
export interface NewOrganization {
  id: string;
  name: string;
  /** RFC 3339, UTC. */
  created_at: string;
  /** A key of its first admin, a service account; it may do everything there. */
  key: NewKey;
}

/** A schedule to be. */
export interface NewScheduleBody {
  name: string;
  /** The agent: its slug, or `agt_…`. */
  agent: string;
  /**
   * Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, `@weekly`,
   * `@monthly`, `@yearly`.
   */
  cron: string;
  /** UTC if left out. */
  timezone?: string | null;
  /** The message that is sent. */
  text: string;
  /** `execute` if left out. */
  mode?: "ask" | "execute" | null;
  /** `new` if left out. */
  conversation?: "new" | "one" | null;
}

/** A webhook to be. */
export interface NewWebhookBody {
  /** Begins with https://. */
  url: string;
  description?: string | null;
  types?: Array<"*" | "agent.*" | "agent.changed" | "approval.*" | "approval.asked" | "approval.decided" | "conversation.*" | "conversation.archived" | "conversation.created" | "conversation.deleted" | "conversation.updated" | "data_set.*" | "data_set.synced" | "message.*" | "message.absorbed" | "message.cancelled" | "message.completed" | "message.failed" | "message.queued" | "message.started" | "message.superseded" | "tool.*" | "tool.called" | "tool.returned" | "webhook.*" | "webhook.disabled"> | null;
  /** Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same. */
  agents?: Array<string> | null;
  enabled?: boolean | null;
}

/** A process. */
export interface Node {
  /** Its host and process id. */
  name: string;
  kind: "serve" | "work";
  version: string;
  /** RFC 3339, UTC. */
  started_at: string;
  /** To the database. */
  connections: number;
  /** Tasks that it works on; null when it only serves. */
  running: number | null;
  /** When its worker was last heard of. */
  last_heartbeat_at: string | null;
  is_alive: boolean;
}

/** The server as a whole. */
export interface Nodes {
  items: Array<Node>;
  database: Database;
  queue: Tasks;
  /** In the process that answers; null when it does not load it at its start. */
  embedder_is_ready: boolean | null;
}

/** A call of a tool that has not returned. */
export interface OpenCall {
  /** The model's name for the call. */
  call_id: string;
  tool: string;
  /** As the model wrote them. */
  arguments: Record<string, unknown>;
}

/** What somebody thinks of a reply. */
export interface Opinion {
  rating: "down" | "up";
  comment: string | null;
  /** RFC 3339, to the microsecond. */
  updated_at: string;
}

/** What an organization is to be called. */
export interface OrganizationBody {
  name: string;
}

/** A tenant: nothing is ever visible across two of them. */
export interface Organization {
  id: string;
  name: string;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A part of the organizations, newest first. */
export interface Organizations {
  items: Array<Organization>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** How turns went over time. */
export interface Overview {
  /** RFC 3339, UTC. */
  from: string;
  /** RFC 3339, UTC. */
  to: string;
  by: "day" | "hour";
  total: TurnSums;
  /** Every stretch in order, empty ones too. */
  items: Array<Stretch>;
  /** The newest, 10 at most. */
  failures: Array<Failure>;
  queue: QueueNow;
  /** Whether there were so many turns that only the newest were looked at. */
  is_cut: boolean;
}

/** A piece of a document that search can find. */
export interface Passage {
  /** Offset into the document's text, in characters. */
  start: number;
  end: number;
  text: string;
  /** The title and the headings above it, by which it is found too. */
  context: string;
  /** Whether it is found by its meaning too. */
  has_vector: boolean;
}

/** A part of the passages of a document, in its order. */
export interface Passages {
  document_version: number;
  items: Array<Passage>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** A new password for oneself. */
export interface PasswordBody {
  /** Not needed in a session that was begun with a one-time code less than an hour ago. */
  current_password?: string;
  new_password: string;
}

/** A file, and where it is. */
export interface PlacedFile {
  id: string;
  /** For display only. */
  name: string;
  /** What the bytes are, whatever was said of them. */
  media_type: string;
  /** In bytes. */
  size: number;
  /** `agent`: it came with a reply. */
  written_by: "agent" | "person";
  /** RFC 3339, UTC. */
  created_at: string;
  /** The first message that has it; null while none has. */
  message_id: string | null;
  /** The conversation of that message. */
  conversation_id: string | null;
}

/** US dollars per million tokens; where the price grows with the prompt, the lowest. */
export interface Price {
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
}

/** What went wrong (RFC 9457). Programs go by `code`, people read `detail`. */
export interface Problem {
  /** `urn:turnkeeper:problem:` and the code. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path of the request. */
  instance: string;
  code: string;
  /** The request in the server's log. */
  request_id?: string;
  /** Every fault of the request. */
  errors?: Array<Fault>;
  /** Seconds after which to try again. */
  retry_after?: number;
}

/** One thing that is sold. */
export interface Product {
  id: string;
  /** The shop's own id. */
  entry_id: string;
  name: string;
  slug: string;
  sku: string;
  description: string;
  /** One `name: value` a line. */
  properties: string;
  categories: string;
  /** In the shop's own currency. */
  price: number | null;
  /** Its readable companion, which answers cite. */
  document_id: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** A part of the products that fit. */
export interface Products {
  items: Array<Product>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
  /** How many fit. */
  total: number;
}

/** A provider of models. */
export interface Provider {
  /** What stands before the colon of a model's name. */
  name: string;
  title: string;
  /** What keeps your organization from using it; null when nothing does. */
  problem: string | null;
  needs_key: boolean;
  /** Whose key is used: your organization's own, or the server's. Keys are never shown. */
  key_from: "server" | "vault" | null;
  /** Under which name your organization keeps a key of its own. */
  secret: string | null;
  /** Those known by name, with prices; others can be used too. */
  models: Array<Model>;
}

/** The organization's turns that are not done. */
export interface QueueNow {
  waiting: number;
  running: number;
  /** How long the first of those has waited that could begin. */
  oldest_seconds: number;
}

/** Where a queued message stands. */
export interface Queue {
  /** Unfinished messages of its conversation before it; counted up to 1,000. */
  ahead_in_conversation: number;
  /**
   * Tasks of its organization before its own, counted up to 1,000; null while it has none, because an earlier
   * message waits for people.
   */
  ahead_in_queue: number | null;
}

/** A place in the data set that a reply leans on. */
export interface Quote {
  /** The document, by its address in the data set. */
  address: string;
  title: string;
  document_version: number;
  start: number;
  end: number;
  quote: string;
  verified: boolean;
  /** The numbers in brackets by which the reply's text points here. */
  marks?: Array<number>;
}

/** What was removed with a conversation. Nothing is left of it but what its turns cost, in the sums of the days. */
export interface Removed {
  id: string;
  /** Messages and replies. */
  messages: number;
  events: number;
  /** Records of calls that touched the world; what they did stays done. */
  effects: number;
  approvals: number;
  /** Links to files. A file that nothing else has goes within days. */
  files: number;
}

/** What is to be sent again. */
export interface ReplayBody {
  /** RFC 3339, UTC. */
  since: string;
  /** true if left out: only what was given up. */
  only_failed?: boolean | null;
}

/** How much is sent again. */
export interface Replayed {
  /** At most 10,000: the oldest. */
  deliveries: number;
}

/** What came of a message. */
export interface Reply {
  id: string;
  /** `assistant`: the answer. `system`: there is none, and the text says why. */
  role: "assistant" | "system" | "user";
  text: string;
  model: string | null;
  usage: Usage | null;
  citations: Array<Citation>;
  /** What people think of it, oldest first. */
  feedback: Array<Feedback>;
  /** What the agent wrote while it answered. */
  files: Array<File>;
  /** The revision of the agent that answered. */
  agent_revision: number | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** How long things are kept; null for as long as the server keeps them. */
export interface Retention {
  /** Conversations untouched for so long are deleted. */
  conversations_days?: number | null;
  /** In conversations untouched for so long the log's pieces of text become empty; replies stay. */
  text_days?: number | null;
  /** Files go, also from the messages that have them. */
  files_days?: number | null;
  /** 30 days at most, whatever this says. */
  webhook_deliveries_days?: number | null;
  /** Results kept for repeated requests: 24 to 48 hours. */
  idempotency_hours?: number | null;
}

/** One revision. It never changes, but for `deployed_at`. */
export interface Revision {
  /** From 1, without gaps. */
  number: number;
  content: AgentContent;
  note: string | null;
  /** What was changed, or is brought back; null of the first one. */
  based_on: number | null;
  /** Who made it; null when that is not known, or gone. */
  author: string | null;
  /** Whether it is the one that answers. */
  is_deployed: boolean;
  /** RFC 3339, UTC. */
  created_at: string;
  /** When it last began to answer; null: it never did. */
  deployed_at: string | null;
}

/** A part of the revisions, newest first. */
export interface Revisions {
  items: Array<Revision>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** Which revision to bring back. */
export interface RollBackBody {
  revision: number;
  /** Why. */
  note?: string | null;
}

/** How a secret is replaced. */
export interface RotateBody {
  /** How long the older secrets sign too: 24 hours if left out. */
  grace_hours?: number | null;
}

/** How a secret is replaced. */
export interface RotateKeyBody {
  /** How long the old secret is good too: none when left out, 7 days at most. */
  grace_seconds?: number;
}

/** A reply of the model that called tools. */
export interface Round {
  model_call: number;
  text: string;
  calls: Array<Call>;
}

/** What came of one tick, or of being asked to run. */
export interface Run {
  /** The tick, earlier than `fired_at` where no server ran; null when somebody asked for the run. */
  tick_at: string | null;
  /** RFC 3339, UTC. */
  fired_at: string;
  /** `skipped`: the message before was not answered yet; `refused`: it could not be sent. */
  outcome: "accepted" | "refused" | "skipped";
  /** A sentence, unless the message was accepted. */
  reason: string | null;
  conversation_id: string | null;
  /** The message that was sent. */
  message_id: string | null;
}

/** A part of a schedule's runs, newest first. */
export interface Runs {
  items: Array<Run>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** What one model call has said so far, without what is void. */
export interface Said {
  /** Which model call of the turn: 1, 2, 3 … */
  model_call: number;
  text: string;
  thinking: string;
}

/** What is to be changed; what is left out stays. */
export interface ScheduleBody {
  name?: string;
  /** The agent: its slug, or `agt_…`. */
  agent?: string;
  /**
   * Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, `@weekly`,
   * `@monthly`, `@yearly`.
   */
  cron?: string;
  /** The IANA name of a time zone. */
  timezone?: string;
  /** The message that is sent. */
  text?: string;
  mode?: "ask" | "execute";
  /**
   * `new`: each message begins a conversation; `one`: all go into one, and a tick is skipped while the message
   * before is not answered.
   */
  conversation?: "new" | "one";
}

/** A message that is sent at every tick, in the name of who made the schedule. */
export interface Schedule {
  id: string;
  name: string;
  /** The agent's slug. */
  agent: string;
  /** In whose name its messages are sent. */
  account_id: string;
  /**
   * Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, `@weekly`,
   * `@monthly`, `@yearly`.
   */
  cron: string;
  /** The IANA name of a time zone. */
  timezone: string;
  /** The message that is sent. */
  text: string;
  mode: "ask" | "execute";
  /**
   * `new`: each message begins a conversation; `one`: all go into one, and a tick is skipped while the message
   * before is not answered.
   */
  conversation: "new" | "one";
  /** The one that goes on, once there is one. */
  conversation_id: string | null;
  /**
   * null while it is active. `asked`: by a person; `agent_gone`: the agent was deleted or is closed to the account;
   * `account_inactive`; `no_more_ticks`.
   */
  paused_reason: "account_inactive" | "agent_gone" | "asked" | "no_more_ticks" | null;
  /** The next tick; null while it is paused. */
  next_at: string | null;
  /** The next five; only in a single schedule. */
  next_ticks?: Array<string>;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** A part of the schedules, newest first. */
export interface Schedules {
  items: Array<Schedule>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** What is looked for. */
export interface SearchBody {
  /** A question or keywords; what stands behind 2,000 characters is left out. */
  query: string;
  limit?: number | null;
  /** Whether each passage comes with the reasons of its rank. */
  explain?: boolean | null;
  filters?: SearchFilters | null;
}

/** Only passages of documents that fit all of it. */
export interface SearchFilters {
  kind?: "document" | "product" | null;
  address_prefix?: string | null;
  /** At most 100. */
  documents?: Array<string> | null;
}

/** The passages that fit best, best first. */
export interface Search {
  items: Array<Found>;
}

/** The value of a secret. It goes in and never comes out again, but to the model or tool that needs it. */
export interface SecretBody {
  /** At most 16,384 bytes. */
  value: string;
}

/** A secret, without its value. */
export interface Secret {
  name: string;
  /** The account that set it last; null when that is gone. */
  set_by: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** A part of the secrets, oldest first. */
export interface Secrets {
  items: Array<Secret>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** A message. */
export interface SendBody {
  text: string;
  /** Uploaded before. */
  files?: Array<string> | null;
  /** What becomes of it while another one is being answered; the agent's default if left out. */
  overlap?: "enqueue" | "interrupt" | "merge" | "reject" | "rollback" | "steer" | null;
  /**
   * To try a revision of the agent, a draft too: it answers this message, and what is deployed stays. For those who
   * may change the agent. The `overlap` then is `enqueue` if left out.
   */
  agent_revision?: number | null;
}

/** An MCP server of an agent at this moment. */
export interface Server {
  name: string;
  /** `stdio`: a program that the server starts. */
  transport: "http" | "stdio";
  state: "away" | "connected";
  /** Why it is away: a sentence. */
  problem: string | null;
  tools: Array<Tool>;
  /** How long it took to find out. */
  seconds: number;
}

/** The MCP servers of an agent, in their order. */
export interface Servers {
  items: Array<Server>;
}

/** Somebody who is signed in with a browser. */
export interface Session {
  /** `ses_…` */
  id: string;
  /** What the browser calls itself. */
  browser: string;
  /** Whether it is the one that asks. */
  is_current: boolean;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  last_used_at: string;
  /** When it ends, if it is not used until then. */
  expires_at: string;
}

/** One's own sessions, newest first: all of them, of which there are at most 50. */
export interface Sessions {
  items: Array<Session>;
  has_more: boolean;
  next_cursor: string | null;
}

/** `email` and `password`, or a one-time `code`. */
export interface SignInBody {
  email?: string;
  password?: string;
  /** From a link: `turnkeeper accounts link` prints one. */
  code?: string;
}

/** A conversation at one moment. */
export interface Snapshot {
  /** Follow the events after this number: nothing is missing or repeated. */
  last_event: number;
  conversation: Conversation;
  /** The newest, oldest first, each with its reply. */
  messages: Array<Message>;
  turn: LiveTurn | null;
  /** Those that wait, newest first. */
  approvals: Array<Approval>;
}

/** What was spent. */
export interface Spent {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  /** US dollars, as text, exact. */
  cost_usd: string | null;
  unpriced_calls: number;
}

/** How long something took, in milliseconds: half, 95 and 99 of a hundred were no slower. */
export interface Spread {
  p50: number;
  p95: number;
  p99: number;
}

/** The turns of an hour or a day. */
export interface Stretch {
  /** Those that are not done yet, too. */
  turns: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** From acceptance to the first start. */
  waited: Spread | null;
  /** From acceptance to the answer, of those that waited for nobody's decision. */
  answered: Spread | null;
  input_tokens: number;
  output_tokens: number;
  /** Null when no price is known. */
  cost_usd: number | null;
  /** When it begins. */
  at: string;
}

/** Something that a run could not read. */
export interface SyncError {
  address: string;
  /** A sentence that says why, and what to do. */
  detail: string;
}

/** A part of what a run could not read, in its order. */
export interface SyncErrors {
  items: Array<SyncError>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** Why a run failed. */
export interface SyncFailure {
  code: string;
  detail: string;
}

/** One run that brings a data set up to date. Readers see all of it, once it is completed, or nothing. */
export interface Sync {
  id: string;
  data_set_id: string;
  state: "cancelled" | "completed" | "failed" | "queued" | "running";
  /**
   * `merge`: what is not named stays; `replace`: the data set is made equal to what came; `remove`: what is named
   * goes.
   */
  mode: "merge" | "remove" | "replace";
  /** `upload`: by this API; `command`: by `turnkeeper data-sets import`. */
  origin: "command" | "upload";
  /** What it was given; an archive counts as one. */
  files: number;
  /** Sources: files, with those inside archives. */
  found: number;
  /** Files inside archives that are never worth reading, such as pictures and style sheets. */
  skipped: number;
  /** Sources that are new or changed; null until that is known. */
  to_read: number | null;
  /** How many of `to_read` were read so far. */
  read: number;
  /** New sources, with those of which nothing could be read. */
  added: number;
  changed: number;
  unchanged: number;
  /** Sources that are gone; of a `remove`, documents. */
  removed: number;
  /** Things that could not be read; `…/errors` has them. */
  unreadable: number;
  /** Documents that were read. */
  documents: number;
  /** Products that were read. */
  products: number;
  /** Passages that were made of them. */
  passages: number;
  /** Passages that are found by their words and not yet by their meaning; goes down to 0. */
  vectors_waiting: number;
  error: SyncFailure | null;
  requested_by: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

/** A part of the runs, newest first. */
export interface Syncs {
  items: Array<Sync>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** The queue of all organizations, with every kind of task. */
export interface Tasks {
  waiting: number;
  running: number;
  oldest_seconds: number;
}

/** What one word of the question adds to a passage's score by words. */
export interface Term {
  /** Its stem. */
  word: string;
  /** How many passages of the data set have it: the fewer, the more it weighs. */
  holding: number;
  weight: number;
  /** How often this passage has it; in a heading it counts twice. */
  frequency: number;
  /** weight · f / (f + a + b · length): BM25. */
  score: number;
}

/** A call to try. */
export interface TestToolBody {
  /** As a model would give them. */
  arguments?: Record<string, unknown>;
  /** Needed for a call that may change something: it really happens. */
  confirm?: boolean;
}

/** A document as a text. One of `text`, `markdown` and `html` is there. */
export interface TextBody {
  /** What it is called in the data set: a path or a URL. Needed, where the query has none. */
  address?: string;
  /** The first heading, or the address, when it is left out. */
  title?: string;
  text?: string;
  markdown?: string;
  html?: string;
}

/** The model wrote a piece of text: join the pieces of one model call as they are. */
export interface TextEvent {
  event: "text";
  text: string;
  /** Which model call of the turn: 1, 2, 3 … */
  model_call: number;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** The model thought aloud; pieces, like those of text, and no part of the answer. */
export interface ThinkingEvent {
  event: "thinking";
  text: string;
  /** Which model call of the turn: 1, 2, 3 … */
  model_call: number;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** When a schedule would send its message. */
export interface Ticks {
  /** The next five. */
  next_ticks: Array<string>;
}

/**
 * When it ran, in milliseconds after the `turn.started` before it, by the clock of the worker.
 *
 *     Events are written some together: `created_at` is when, and says less.
 */
export interface Timing {
  began_ms: number;
  /** When a model said the first thing; null for tools. */
  first_ms: number | null;
  ended_ms: number;
}

/** The model called a tool. The same `call_id` again means that the call is made again after a crash. */
export interface ToolCalledEvent {
  event: "tool.called";
  /** The model's name for the call. */
  call_id: string;
  tool: string;
  /** As the model wrote them. */
  arguments: Record<string, unknown>;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A tool answered. */
export interface ToolReturnedEvent {
  event: "tool.returned";
  /** The model's name for the call. */
  call_id: string;
  tool: string;
  outcome: "completed" | "error";
  /** What the model reads. */
  output: string;
  /** null in logs of before there were times. */
  timing: Timing | null;
  /** Of a search: what it found, best first. */
  passages: Array<FoundPassage>;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** A tool. */
export interface Tool {
  name: string;
  /** What a second call would do: nothing (`pure`), the same (`idempotent`, `keyed`), or more. */
  kind: "at_most_once" | "idempotent" | "keyed" | "pure";
  /** What a model is told of it. */
  description: string;
  /** JSON Schema of the arguments. */
  parameters: Record<string, unknown>;
  /**
   * `plugin`: another package brings it. `http`: agents have it by their rules for HTTP, and need not name it.
   * `mcp`: an MCP server of the agent has it.
   */
  source: "http" | "mcp" | "plugin" | "server";
}

/** The tools that agents may use here, by name. */
export interface Tools {
  items: Array<Tool>;
}

/** A conversation, whole. */
export interface Transcript {
  format: "turnkeeper.conversation";
  version: 1;
  conversation: Head;
  messages: Array<KeptMessage>;
  events: Array<KeptEvent>;
}

/** What came of a try. */
export interface Trial {
  tool: string;
  kind: "at_most_once" | "idempotent" | "keyed" | "pure";
  /** `unknown`: it may or may not have happened. */
  outcome: "completed" | "error" | "unknown";
  /** As a model would read it; at most 32,000 characters. */
  output: string;
  seconds: number;
}

/** A worker began to answer. It begins again after a crash, a retry or a decision of people. */
export interface TurnStartedEvent {
  event: "turn.started";
  /** 1, 2, 3 … */
  attempt: number;
  /**
   * The first model call that this attempt makes. Drop the text and the thoughts of this call and of later ones, as
   * far as they came before this event: they are void.
   */
  resumes_at: number;
  /** 1, 2, 3 … in its conversation, without gaps. */
  number: number;
  /** The message that it is about; null when it is gone by now. */
  message_id: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
}

/** What came of some turns, by when they were accepted. */
export interface TurnSums {
  /** Those that are not done yet, too. */
  turns: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** From acceptance to the first start. */
  waited: Spread | null;
  /** From acceptance to the answer, of those that waited for nobody's decision. */
  answered: Spread | null;
  input_tokens: number;
  output_tokens: number;
  /** Null when no price is known. */
  cost_usd: number | null;
}

/** A form with one file. */
export interface UploadBody {
  /** The bytes, with a file name. */
  file: string;
}

/** What was spent from one day to another, both included. */
export interface UsageReport {
  /** A day of UTC. */
  from: string;
  /** A day of UTC. */
  to: string;
  group_by: Array<"account" | "agent" | "day" | "model">;
  total: UsageSum;
  /** By day in order, else the costliest first; 10,000 at most. */
  items: Array<UsageSum>;
  /** Whether there are more sums than these; `total` is of all. */
  is_cut: boolean;
}

/** What an answer took, over all its model calls. */
export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  /** US dollars, over the calls whose price is known; null when none is. */
  cost_usd: number | null;
  /** Calls that `cost_usd` lacks: the real cost is higher. */
  unpriced_calls: number;
}

/** What was spent on something; it is named by what `group_by` has, and the total by nothing. */
export interface UsageSum {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  /** US dollars, over the calls whose price is known; null when none is. */
  cost_usd: number | null;
  /** Calls that `cost_usd` lacks: the real cost is higher. */
  unpriced_calls: number;
  /** Turns that ended and took any tokens, failed ones too. */
  turns: number;
  /** A day of UTC. */
  day?: string;
  /** The slug; `#12` when the agent is gone. */
  agent?: string;
  /** `agt_…`; null when the agent is gone. */
  agent_id?: string | null;
  model?: string;
  /** The e-mail address or name; `#12` when the account is gone. */
  account?: string;
  /** null when the account is gone. */
  account_id?: string | null;
}

/** What a walk through the log found. */
export interface Verified {
  holds: boolean;
  /** The last entry that holds, as it is noted. */
  head: string;
  /** How many hold. */
  entries: number;
  /** The number of the first entry that does not hold. */
  broken_at: number | null;
  /** What is wrong with it. */
  why: string | null;
}

/** What is to be changed; what is left out stays. */
export interface WebhookBody {
  /** Begins with https://. */
  url?: string;
  description?: string | null;
  types?: Array<"*" | "agent.*" | "agent.changed" | "approval.*" | "approval.asked" | "approval.decided" | "conversation.*" | "conversation.archived" | "conversation.created" | "conversation.deleted" | "conversation.updated" | "data_set.*" | "data_set.synced" | "message.*" | "message.absorbed" | "message.cancelled" | "message.completed" | "message.failed" | "message.queued" | "message.started" | "message.superseded" | "tool.*" | "tool.called" | "tool.returned" | "webhook.*" | "webhook.disabled">;
  /** Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same. */
  agents?: Array<string> | null;
  /** Switched on, it is sent what waits, but not what it missed. */
  enabled?: boolean;
}

/** An address that is told what happens in the organization. */
export interface Webhook {
  id: string;
  /** Begins with https://. */
  url: string;
  description: string | null;
  /** What it subscribes to. */
  types: Array<"*" | "agent.*" | "agent.changed" | "approval.*" | "approval.asked" | "approval.decided" | "conversation.*" | "conversation.archived" | "conversation.created" | "conversation.deleted" | "conversation.updated" | "data_set.*" | "data_set.synced" | "message.*" | "message.absorbed" | "message.cancelled" | "message.completed" | "message.failed" | "message.queued" | "message.started" | "message.superseded" | "tool.*" | "tool.called" | "tool.returned" | "webhook.*" | "webhook.disabled">;
  /** Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same. */
  agents: Array<string> | null;
  enabled: boolean;
  /** `asked`: by a person; `gone`: it answered 410; `failing`: it failed for five days. */
  disabled_reason: "asked" | "failing" | "gone" | null;
  /** The first failure after the last success. */
  failing_since: string | null;
  /** Deliveries that are not made yet. */
  waiting: number;
  /** Until when an older secret signs too. */
  old_secret_until: string | null;
  /** RFC 3339, UTC. */
  created_at: string;
  /** RFC 3339, UTC. */
  updated_at: string;
}

/** A part of the webhooks, newest first. */
export interface Webhooks {
  items: Array<Webhook>;
  has_more: boolean;
  /** Hand it back as `cursor`; null on the last page. */
  next_cursor: string | null;
}

/** What the words of the question say. */
export interface Words {
  /** BM25: the sum over `terms`. */
  score: number;
  /** Among the best 100 by words; null: found by meaning, and scored by words too. */
  rank: number | null;
  /** The score over that of the best. */
  scaled: number;
  terms: Array<Term>;
}

export type Event = MessageQueuedEvent | TurnStartedEvent | TextEvent | ThinkingEvent | ToolCalledEvent | ToolReturnedEvent | ModelReturnedEvent | ApprovalAskedEvent | ApprovalDecidedEvent | MessageCancelledEvent | MessageAbsorbedEvent | MessagesSupersededEvent | MessageCompletedEvent | MessageFailedEvent;
