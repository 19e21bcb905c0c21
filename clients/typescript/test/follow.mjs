// Streams one turn and prints each event as a line of JSON, and the text at the end: for a test that kills the server.
import { Turnkeeper } from "turnkeeper-client";

const { SERVER: address, KEY: key } = process.env;
const client = new Turnkeeper({ address, key, retries: { firstSeconds: 0.01, longestSeconds: 0.1, most: 1000 } });
const turn = await client.stream({ agent: "helper", text: "Count.", timeout: 90 });
for await (const event of turn) console.log(JSON.stringify(event));
console.log(JSON.stringify(turn.text));
