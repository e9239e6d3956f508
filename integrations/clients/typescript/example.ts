// A ruleset published, an account stored, its next action asked for and recorded, with types made from OpenAPI:
//   npx openapi-typescript schemas/openapi.json --default-non-nullable=false -o schema.d.ts

import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Account = components["schemas"]["Account"];

const { DUNNING_URL, DUNNING_TOKEN, DUNNING_RULESET } = process.env as Record<string, string>;
const client = createClient<paths>({ baseUrl: DUNNING_URL, headers: { Authorization: `Bearer ${DUNNING_TOKEN}` } });
const asOf = "2026-11-06T09:00:00+01:00";
const asTheyAre = { bodySerializer: (body: unknown) => body as string };

const published = await client.POST("/v1/rulesets", {
  body: readFileSync(DUNNING_RULESET, "utf-8"),
  headers: { "Content-Type": "application/yaml" },
  ...asTheyAre,
});
if (!published.data) throw new Error(published.error.detail);

const account: Account & { country: string; channels: string[] } = {
  id: "T-1",
  currency: "EUR",
  country: "NL", // facts are keys of the account like any other
  channels: ["email"],
  invoices: [{ id: "I-1", due_on: "2026-11-01", open: "49.95" }],
};
const stored = await client.PUT("/v1/accounts/{account_id}", { params: { path: { account_id: "T-1" } }, body: account });
if (!stored.data) throw new Error(stored.error.detail);

const path = { account_id: "T-1" };
const asked = await client.GET("/v1/accounts/{account_id}/next-action", { params: { path, query: { as_of: asOf } } });
if (!asked.data) throw new Error(asked.error.detail);
console.log("rule:", asked.data.rule?.id);

const recorded = await client.POST("/v1/accounts/{account_id}/history", {
  params: { path },
  body: { decision_id: asked.data.decision_id, at: asOf },
});
if (!recorded.data) throw new Error(recorded.error.detail);
console.log("episode:", recorded.data.episode);

const refused = await client.POST("/v1/next-action", { body: { account, as_of: "soon" } });
console.log("refused:", refused.error?.type);

const imported = await client.POST("/v1/accounts:import", {
  body: '{"id": "T-2", "currency": "EUR"}\n{"id": "T-3"}\n',
  headers: { "Content-Type": "application/x-ndjson" },
  ...asTheyAre,
});
if (!imported.data) throw new Error(imported.error.detail);
console.log("imported:", imported.data.new_count, "refused:", imported.data.refused_count);
