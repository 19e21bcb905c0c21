// Run a conversation via the API: create, send, check the status, get the messages. Prints what the agent said.
const { SERVER, KEY, QUESTION } = process.env;
const headers = { Authorization: `Token ${KEY}`, "Content-Type": "application/json" };

const request = async (path, options) => {
  const response = await fetch(SERVER + path, { headers, ...options });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const get = (path) => request(path);
const post = (path, body) => request(path, { method: "POST", body: JSON.stringify(body) });

const { id } = await post("/api/conversations", { data_set_id: 1 });
const { task_id } = await post(`/api/conversations/${id}`, { question_message: QUESTION, data_set_id: 1 });

let state;
while (true) {
  ({ state } = await get(`/api/task_status/${task_id}`));
  if (state === "SUCCESS" || state === "FAILURE") break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const { history } = await get(`/api/conversations/${id}`);
console.log(JSON.stringify({ state, roles: history.map((each) => each.role), answer: history.at(-1).text }));
