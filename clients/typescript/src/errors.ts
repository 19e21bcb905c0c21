/** What can go wrong. */

import type { Fault, Message, Problem } from "./shapes.js";

/** Whatever this client throws by itself. */
export class TurnkeeperError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** The server refused (RFC 9457). `code` is stable, `errors` says what to mend, `requestId` finds it in the server's log. */
export class AnswerError extends TurnkeeperError {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly Fault[];
  readonly requestId: string | undefined;
  /** Seconds after which to try again, if the server said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | undefined) {
    super(problem.detail ?? `The server answered with status ${status}.`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id;
    this.retryAfter = retryAfter;
  }
}

/** The server could not be reached, or the connection broke, more often than is tried again. */
export class ConnectionLostError extends TurnkeeperError {}

/** Your own deadline passed. The turn goes on: wait for it, or follow it, again. */
export class DeadlineError extends TurnkeeperError {}

/** The server ended a stream that had more to tell. `reason`: `access_ended` or `deleted`. */
export class StreamEndedError extends TurnkeeperError {
  readonly reason: string;

  constructor(reason: string) {
    super(`The stream ended: ${reason}.`);
    this.reason = reason;
  }
}

/** The turn ended without an answer; `sent` is the message with its reply, which says why. */
export class TurnFailedError extends TurnkeeperError {
  readonly sent: Message;
  readonly code: string;

  constructor(sent: Message) {
    super(sent.reply?.text ?? `The turn failed: ${sent.error ?? "unknown"}.`);
    this.sent = sent;
    this.code = sent.error ?? "unknown";
  }
}
