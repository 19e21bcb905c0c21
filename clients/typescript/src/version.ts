/** The version of the client, which servers are told where that is allowed (browsers keep their own name). */
export const VERSION = "0.1.0";
export const USER_AGENT = `turnkeeper-client/${VERSION}`;
