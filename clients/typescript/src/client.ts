/** The client: every operation, conversations that wait or stream, and retries. */

import { ConnectionLostError, DeadlineError, TurnFailedError } from "./errors.js";
import { Operations } from "./operations.js";
import {
  AGAIN,
  RETRIES,
  Silence,
  answerError,
  bodyOf,
  pathOf,
  pause,
  pauseAfter,
  queryOf,
  retryAfterOf,
  type Options,
  type Request,
  type Retries,
  type Upload,
} from "./request.js";
import type { Approval, Event, Message, SendBody } from "./shapes.js";
import { follow } from "./stream.js";
import { USER_AGENT } from "./version.js";

const LONGEST_WAIT_SECONDS = 10;
const READ_SECONDS = 30;
const UPLOAD_SECONDS = 600;
const versions = new WeakMap<object, string>();

/** The version of what an operation gave, for `ifMatch`; nothing when it has none. */
export function etagOf(received: object): string | undefined {
  return versions.get(received);
}

export interface Settings {
  /** As `http://127.0.0.1:8000`. */
  address: string;
  key: string;
  retries?: Partial<Retries>;
  /** In place of the global one: for proxies, certificates and tests. */
  fetch?: typeof fetch;
}

export interface Question {
  text: string;
  /** Begins a conversation with this agent… */
  agent?: string;
  /** …or goes on with this one. */
  conversation?: string;
  /** Ids of files, or files, which are uploaded first. */
  files?: readonly (string | Upload)[];
  overlap?: NonNullable<SendBody["overlap"]>;
  dataSet?: string;
  idempotencyKey?: string;
  /** Seconds; 600 if left out. The turn goes on when they passed. */
  timeout?: number;
  signal?: AbortSignal;
  /** Decides what the turn asks people; undefined leaves it open. */
  onApproval?: (approval: Approval) => Promise<Decision | undefined> | Decision | undefined;
}

export type Decision = "approve" | "deny";

/** A message and what came of it so far. */
export class Turn {
  constructor(readonly message: Message) {}

  get messageId(): string {
    return this.message.id;
  }

  get conversationId(): string {
    return this.message.conversation_id;
  }

  get status(): Message["status"] {
    return this.message.status;
  }

  /** The answer; of a cancelled message, what was said; empty while there is none. */
  get text(): string {
    return this.message.reply?.text ?? "";
  }

  /** The approvals that people have to decide first. */
  get waitsFor(): readonly string[] {
    return this.message.waits_for;
  }
}

/** One turn as it happens. Leaving it early closes the stream and not the turn. */
export class TurnStream implements AsyncIterable<Event> {
  #texts = new Map<number, string>();

  constructor(
    readonly message: Message,
    private readonly events: AsyncGenerator<Event, void, undefined>,
    private readonly ask: (id: string) => Promise<Message>,
  ) {}

  get conversationId(): string {
    return this.message.conversation_id;
  }

  get messageId(): string {
    return this.message.id;
  }

  /** The answer so far, without what attempts that were cut had said. */
  get text(): string {
    return this.#texts.get(Math.max(...this.#texts.keys())) ?? "";
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for await (const event of this.events) {
      if (event.event === "text") {
        this.#texts.set(event.model_call, (this.#texts.get(event.model_call) ?? "") + event.text);
      } else if (event.event === "turn.started") {
        for (const call of [...this.#texts.keys()]) if (call >= event.resumes_at) this.#texts.delete(call);
      }
      yield event;
    }
  }

  /** How the turn stands now; throws `TurnFailedError` when it ended without an answer. */
  async result(): Promise<Turn> {
    return turnOf(await this.ask(this.messageId));
  }
}

/** A server, with one key. */
export class Turnkeeper extends Operations {
  readonly #address: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #retries: Retries;
  readonly #fetch: typeof fetch;

  constructor(settings: Settings) {
    super();
    this.#address = settings.address.replace(/\/+$/, "");
    // Browsers keep their own name, in pages and in workers, and some ask the server whether another is allowed.
    const isBrowser = "document" in globalThis || "WorkerGlobalScope" in globalThis;
    const name: Record<string, string> = isBrowser ? {} : { "User-Agent": USER_AGENT };
    this.#headers = { ...name, Authorization: `Bearer ${settings.key}` };
    this.#retries = { ...RETRIES, ...settings.retries };
    this.#fetch = settings.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Say something, and wait for the answer. A turn that stops for people comes back with `waitsFor`. */
  async converse(question: Question): Promise<Turn> {
    const deadline = new Deadline(question.timeout);
    return this.#finish(await this.#ask(question, 1), deadline, question);
  }

  /** Say something, and follow the turn as it happens. */
  async stream(question: Omit<Question, "onApproval">): Promise<TurnStream> {
    const message = await this.#ask(question);
    const signal = question.signal;
    const events = this.followMessage(message.id, { signal, timeout: question.timeout ?? 600 });
    return new TurnStream(message, events, (id) => this.getMessage(id, { signal }));
  }

  /** Wait for the end of a turn, as `converse` does. */
  async wait(messageId: string, how: Pick<Question, "timeout" | "signal" | "onApproval"> = {}): Promise<Turn> {
    const deadline = new Deadline(how.timeout);
    return this.#finish(await this.getMessage(messageId, { wait: 1, signal: how.signal }), deadline, how);
  }

  /** The events of one turn after this number, until it ends. */
  followMessage(messageId: string, how: FollowOptions = {}): AsyncGenerator<Event, void, undefined> {
    return this.#follow(pathOf("/v1/messages/{id}/events", { id: messageId }), how);
  }

  /** The events of a conversation after this number: for ever, or until every message is finished. */
  followConversation(
    conversationId: string,
    how: FollowOptions & { untilIdle?: boolean } = {},
  ): AsyncGenerator<Event, void, undefined> {
    const query = queryOf({ until: how.untilIdle ? "idle" : undefined });
    return this.#follow(pathOf("/v1/conversations/{id}/events", { id: conversationId }) + query, how);
  }

  /** Let the call be made. To decide the same way twice is no error. */
  approve(approvalId: string, note?: string): Promise<Approval> {
    return this.decideApproval(approvalId, { decision: "approve", note: note ?? null });
  }

  /** Forbid the call; the model reads the note. */
  deny(approvalId: string, note?: string): Promise<Approval> {
    return this.decideApproval(approvalId, { decision: "deny", note: note ?? null });
  }

  /** Send a request; again, with the same Idempotency-Key, when the connection breaks or the server asks for it. */
  override async send<T>(request: Request, options: Options): Promise<T> {
    const headers = this.#headersOf(request, options);
    const address = this.#address + request.path + queryOf(request.query);
    for (let attempt = 1; ; attempt += 1) {
      const body = bodyOf(request) ?? null;
      const silence = new Silence(secondsFor(request, options), options.signal);
      let seconds: number | undefined;
      try {
        const response = await this.#fetch(address, { method: request.method, headers, body, signal: silence.signal });
        if (response.ok) return await read<T>(request, response);
        if (AGAIN.has(response.status)) seconds = pauseAfter(attempt, this.#retries, retryAfterOf(response.headers));
        if (seconds === undefined) throw new Refusal(await answerError(response));
      } catch (error) {
        if (error instanceof Refusal) throw error.error;
        if (options.signal?.aborted) throw options.signal.reason;
        seconds = pauseAfter(attempt, this.#retries);
        if (seconds === undefined) {
          throw new ConnectionLostError(`${this.#address} could not be asked.`, { cause: error });
        }
      } finally {
        silence.rest();
      }
      await pause(seconds, options.signal);
    }
  }

  #headersOf(request: Request, options: Options): Record<string, string> {
    const headers: Record<string, string> = { ...this.#headers };
    if (request.body !== undefined) headers["Content-Type"] = "application/json";
    if (request.changes) headers["Idempotency-Key"] = options.idempotencyKey ?? newKey();
    if (options.ifMatch !== undefined) headers["If-Match"] = options.ifMatch;
    if (options.wait !== undefined) headers["Prefer"] = `wait=${options.wait}`;
    return headers;
  }

  async #ask(question: Question, wait?: number): Promise<Message> {
    if ((question.agent === undefined) === (question.conversation === undefined)) {
      throw new TypeError("Name either an agent, to begin a conversation, or a conversation, to go on with it.");
    }
    const { idempotencyKey, signal } = question;
    const body: SendBody = { text: question.text };
    if (question.overlap !== undefined) body.overlap = question.overlap;
    if (question.files?.length) body.files = await this.#uploaded(question);
    if (question.conversation !== undefined) {
      return this.sendMessage(question.conversation, body, { idempotencyKey, wait, signal });
    }
    const begun = await this.createConversation(
      { agent: question.agent ?? "", data_set: question.dataSet ?? null, message: body },
      { idempotencyKey, wait, signal },
    );
    if (!("message" in begun)) throw new TypeError("The server began a conversation without its message.");
    return begun.message;
  }

  async #uploaded(question: Question): Promise<string[]> {
    const ids: string[] = [];
    for (const [place, file] of (question.files ?? []).entries()) {
      const idempotencyKey = question.idempotencyKey && `${question.idempotencyKey}-file-${place}`;
      if (typeof file === "string") ids.push(file);
      else ids.push((await this.uploadFile(file, { idempotencyKey, signal: question.signal })).id);
    }
    return ids;
  }

  async #finish(
    message: Message,
    deadline: Deadline,
    how: Pick<Question, "signal" | "onApproval">,
  ): Promise<Turn> {
    for (let length = 1; !isFinished(message); length = Math.min(length * 2, LONGEST_WAIT_SECONDS)) {
      if (message.waits_for.length > 0 && !(await this.#decide(message, how.onApproval))) return new Turn(message);
      const wait = Math.max(1, Math.floor(Math.min(length, deadline.left())));
      const began = Date.now();
      message = await this.getMessage(message.id, { wait, signal: how.signal });
      if (Date.now() - began < 250 && !isFinished(message)) await pause(0.25, how.signal);
    }
    return turnOf(message);
  }

  /** Whether all that the turn waits for is decided now. */
  async #decide(message: Message, onApproval: Question["onApproval"]): Promise<boolean> {
    if (onApproval === undefined) return false;
    for (const id of message.waits_for) {
      const decision = await onApproval(await this.getApproval(id));
      if (decision === undefined) return false;
      await this.decideApproval(id, { decision });
    }
    return true;
  }

  async *#follow(path: string, how: FollowOptions): AsyncGenerator<Event, void, undefined> {
    const controller = new AbortController();
    const stop = (): void => controller.abort(how.signal?.reason);
    how.signal?.addEventListener("abort", stop);
    if (how.signal?.aborted) stop();
    const late = new DeadlineError(`It was not finished within ${how.timeout} seconds; the turn goes on.`);
    const timer = how.timeout === undefined ? undefined : setTimeout(() => controller.abort(late), how.timeout * 1000);
    try {
      yield* follow({
        fetch: this.#fetch,
        address: this.#address + path,
        headers: this.#headers,
        after: how.after ?? 0,
        retries: this.#retries,
        signal: controller.signal,
      });
    } finally {
      clearTimeout(timer);
      how.signal?.removeEventListener("abort", stop);
    }
  }
}

export interface FollowOptions {
  /** The number of the last event that you have. */
  after?: number | undefined;
  /** Seconds over all of it; no end if left out. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

class Deadline {
  readonly #endsAt: number;

  constructor(private readonly seconds = 600) {
    this.#endsAt = Date.now() + seconds * 1000;
  }

  left(): number {
    const left = (this.#endsAt - Date.now()) / 1000;
    if (left <= 0) throw new DeadlineError(`It was not finished within ${this.seconds} seconds; the turn goes on.`);
    return left;
  }
}

/** An answer that is final. */
class Refusal {
  constructor(readonly error: Error) {}
}

/** How long an answer may take; files go up as fast as the line is. */
function secondsFor(request: Request, options: Options): number {
  return request.files === undefined ? READ_SECONDS + (options.wait ?? 0) : UPLOAD_SECONDS;
}

async function read<T>(request: Request, response: Response): Promise<T> {
  if (request.gives === "nothing") return undefined as T;
  if (request.gives === "text") return (await response.text()) as T;
  if (request.gives === "bytes") return (await response.blob()) as T;
  const value = (await response.json()) as T;
  const version = response.headers.get("ETag");
  if (version !== null && typeof value === "object" && value !== null) versions.set(value, version);
  return value;
}

function newKey(): string {
  // `randomUUID` is on secure pages only, and Node 18 has no `crypto` among its globals. It need not be secret.
  const source: Crypto | undefined = globalThis.crypto;
  const bytes = new Uint8Array(16).map(() => Math.floor(Math.random() * 256));
  source?.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isFinished(message: Message): boolean {
  return message.status === "completed" || message.status === "failed" || message.status === "cancelled";
}

function turnOf(message: Message): Turn {
  if (message.status === "failed") throw new TurnFailedError(message);
  return new Turn(message);
}
