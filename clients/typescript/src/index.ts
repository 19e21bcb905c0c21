/** A client of Turnkeeper servers, for Node and browsers. */

export { Turn, TurnStream, Turnkeeper, etagOf } from "./client.js";
export type { Decision, FollowOptions, Question, Settings } from "./client.js";
export {
  AnswerError,
  ConnectionLostError,
  DeadlineError,
  StreamEndedError,
  TurnFailedError,
  TurnkeeperError,
} from "./errors.js";
export type { Options, Retries, Upload } from "./request.js";
export type * as shapes from "./shapes.js";
export { FrameReader } from "./stream.js";
export { VERSION } from "./version.js";
