// Drive a conversation: start, poll, read the reply, send a follow-up. Prints what the assistant said.
const BASE = `${process.env.SERVER}/api/public/v1`;
const HEADERS = { Authorization: `Bearer ${process.env.KEY}`, "Content-Type": "application/json" };

const request = async (path, options) => {
  const response = await fetch(`${BASE}${path}`, { headers: HEADERS, ...options });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const getJson = (path) => request(path);
const post = (path, body) => request(path, { method: "POST", body: JSON.stringify(body) });
const poll = async (messageId) => {
  while (true) {
    const msg = await getJson(`/messages/${messageId}`);
    if (msg.status === "completed" || msg.status === "failed") return msg.status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
const visible = async (jobId) =>
  (await getJson(`/conversations/${jobId}/messages`)).messages.filter((m) => m.role !== "progress");

const [agent] = await getJson("/agents");
const { job_id: jobId, message_id: messageId } = await post("/conversations/start", {
  agent_id: agent.agent_id,
  prompt: process.env.QUESTION,
  ask_mode: false,
});
const state = await poll(messageId);
const answer = (await visible(jobId)).at(-1).content;

const continued = await post(`/conversations/${jobId}/continue`, { prompt: "What does FiberUP Business Duplex cost?" });
await poll(continued.message_id);
const rows = await visible(jobId);
console.log(
  JSON.stringify({ state, roles: rows.map((row) => row.role), answer, follow_up: rows.at(-1).content }),
);
