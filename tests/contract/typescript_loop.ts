// The whole way with clients/typescript: stored, asked, carried out, told, verified; and repetitions of what passes.

import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { answer, connect, Problem, turnPages, verifyWebhook, WebhookInvalid, type Records } from "./index.js";

const { DUNNING_URL = "", DUNNING_TOKEN = "" } = process.env;
const pauses: number[] = [];
let refusals = 0;
const keys: (string | null)[] = [];
const client = connect({
  url: DUNNING_URL,
  token: DUNNING_TOKEN,
  sleep: async (milliseconds) => pauses.push(milliseconds),
  fetch: async (request) => {
    if (request.method === "POST" && request.url.endsWith("/history")) keys.push(request.headers.get("Idempotency-Key"));
    return refusals-- > 0 ? new Response("{}", { status: 503, headers: { "Retry-After": "3" } }) : fetch(request);
  },
});
const path = { account_id: "TS-1" };
const account: Records["Account"] & { country: string; channels: string[] } = {
  id: "TS-1",
  currency: "EUR",
  country: "NL",
  channels: ["email"],
  invoices: [{ id: "I-1", due_on: "2026-11-01", open: "49.95" }],
};

const received: { body: Buffer; headers: Record<string, string | string[] | undefined> }[] = [];
const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  received.push({ body: Buffer.concat(parts), headers: request.headers });
  response.writeHead(204).end();
  server.emit("received");
}).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const hooks = await Promise.all(
  (["v1a", "v1"] as const).map((signature) =>
    answer(client.POST("/v1/webhooks", { body: { url, signature, allow_private: true, types: ["action.executed"] } })),
  ),
);

await answer(client.PUT("/v1/accounts/{account_id}", { params: { path }, body: account }));
const asked = { path, query: { as_of: "2026-11-06T09:00:00+01:00" } };
const decision = await answer(client.GET("/v1/accounts/{account_id}/next-action", { params: asked }));
console.log("outcome:", decision.outcome);
refusals = 2;
const body = { decision_id: decision.decision_id, at: "2026-11-06T09:00:00+01:00" };
const entry = await answer(client.POST("/v1/accounts/{account_id}/history", { params: { path }, body }));
console.log("recorded:", entry.rule, "after", pauses, "under", new Set(keys).size, "key");

try {
  await answer(client.GET("/v1/accounts/{account_id}/next-action", { params: { path: { account_id: "nobody" } } }));
} catch (error) {
  console.log("refused:", error instanceof Problem && error.type);
}

const events = turnPages(
  (after) => answer(client.GET("/v1/events", { params: { query: { after, limit: 1 } } })),
  (page) => ({ items: page.events, next: page.next_after }),
);
const told: string[] = [];
for await (const event of events) if (event.subject === "accounts/TS-1" && event.type === "action.executed") told.push(event.id);
console.log("told:", told.length);

while (received.length < 2) await once(server, "received");
const signed = received.map(({ body, headers }) => {
  const secrets = hooks.map((hook) => hook.secret ?? hook.public_key ?? "");
  try {
    verifyWebhook(Buffer.concat([body, Buffer.from(" ")]), headers, secrets);
  } catch (error) {
    if (!(error instanceof WebhookInvalid)) throw error;
    return verifyWebhook(body, headers, secrets).id;
  }
  return "changed, and verified";
});
console.log("verified:", signed.every((id) => id === told[0]));
for (const hook of hooks) {
  await answer(client.DELETE("/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: hook.id } } }));
}
server.close();
