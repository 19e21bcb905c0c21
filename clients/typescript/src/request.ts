/** One request as a value, and when it is sent again. */

import { AnswerError } from "./errors.js";
import type { Problem } from "./shapes.js";

/** A file to upload. */
export interface Upload {
  name: string;
  content: Blob;
}

export type QueryValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>> | undefined;

export interface Request {
  method: string;
  path: string;
  query?: Readonly<Record<string, QueryValue>>;
  body?: unknown;
  files?: Upload | readonly Upload[];
  formField?: string;
  /** Whether it takes an Idempotency-Key. */
  changes?: boolean;
  gives?: string;
}

/** What every operation takes beside its own parameters. */
export interface Options {
  /** Your name for a request that changes something; one is made if left out. */
  idempotencyKey?: string | undefined;
  /** Only if this is still the version, see `etagOf`. */
  ifMatch?: string | undefined;
  /** Seconds, at most 60, to wait for the end of what is begun or asked about, where the server knows `Prefer`. */
  wait?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** How often, and after how long, what failed is tried again. Times in seconds. */
export interface Retries {
  most: number;
  firstSeconds: number;
  longestSeconds: number;
  /** A `Retry-After` beyond this is not waited for. */
  patienceSeconds: number;
}

export const RETRIES: Retries = { most: 8, firstSeconds: 0.25, longestSeconds: 10, patienceSeconds: 60 };

/** Statuses after which nothing was done, or the Idempotency-Key sees to it that nothing is done twice. */
export const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Seconds to wait after so many attempts failed; nothing when it is given up. */
export function pauseAfter(attempt: number, retries: Retries, retryAfter?: number): number | undefined {
  if (attempt > retries.most) return undefined;
  if (retryAfter !== undefined) return retryAfter <= retries.patienceSeconds ? retryAfter : undefined;
  const longest = Math.min(retries.firstSeconds * 2 ** (attempt - 1), retries.longestSeconds);
  return longest * (0.5 + Math.random() / 2);
}

/** Seconds, from either form of `Retry-After`. */
export function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get("Retry-After")?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max((moment - Date.now()) / 1000, 0);
}

/** The error that a refusal becomes. */
export async function answerError(response: Response): Promise<AnswerError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem> | null;
  return new AnswerError(response.status, problem ?? {}, retryAfterOf(response.headers));
}

/** The path with the values in it, each encoded; a part that is empty or only dots would name something else. */
export function pathOf(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name] ?? "");
    if (value === "" || value === "." || value === "..") {
      throw new TypeError(`A part of the path ${template} is empty or only dots: ${name}.`);
    }
    return encodeURIComponent(value);
  });
}

/** A JSON body, or files: whichever it is. */
export function uploadOr(body: object, formField: string): Pick<Request, "body" | "files" | "formField"> {
  return Array.isArray(body) ? { files: body as Upload[], formField } : { body };
}

/** The query string with its question mark; what is undefined is left out. */
export function queryOf(query: Readonly<Record<string, QueryValue>> = {}): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value !== "object") found.append(name, String(value));
    else if (isList(value)) value.forEach((each) => found.append(name, each));
    else Object.entries(value).forEach(([key, each]) => found.append(`${name}[${key}]`, each));
  }
  const text = found.toString();
  return text && `?${text}`;
}

/** What is sent as the body. */
export function bodyOf(request: Request): FormData | string | undefined {
  if (request.files !== undefined) {
    const form = new FormData();
    const files = "content" in request.files ? [request.files] : request.files;
    files.forEach((file) => form.append(request.formField ?? "file", file.content, file.name));
    return form;
  }
  return request.body === undefined ? undefined : JSON.stringify(request.body);
}

/** Ends a connection when nothing came for so long, or when the caller's signal says so. */
export class Silence {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #seconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(seconds: number, outer: AbortSignal | undefined) {
    this.#seconds = seconds;
    this.#outer = outer;
    outer?.addEventListener("abort", this.#stop);
    if (outer?.aborted) this.#stop();
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#stop, this.#seconds * 1000);
  }

  /** Stop counting; the connection stays. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#stop);
  }

  /** Close the connection, if it is still open. */
  end(): void {
    this.rest();
    this.#stop();
  }

  readonly #stop = (): void => this.#controller.abort();
}

/** Wait; ends early, with the signal's reason, when that is aborted. */
export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

function isList(value: readonly string[] | Readonly<Record<string, string>>): value is readonly string[] {
  return Array.isArray(value);
}
