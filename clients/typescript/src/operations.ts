// Written by `make generate` from schemas/openapi.json; not edited by hand.

/** What takes an Idempotency-Key. */
export const once: readonly string[] = [
  "POST /v1/accounts/{account_id}/history",
  "POST /v1/accounts/{account_id}/merge",
  "POST /v1/accounts/{account_id}/outcomes",
  "POST /v1/decisions/{decision_id}/confirm",
  "POST /v1/next-action",
  "POST /v1/next-actions",
  "POST /v1/rulesets",
  "POST /v1/rulesets/{ruleset_id}/shadow",
  "POST /v1/rulesets/{ruleset_id}/versions/{number}/activate",
  "POST /v1/rulesets/{ruleset_id}/versions/{number}/approve",
  "POST /v1/rulesets/{ruleset_id}/versions/{number}/retire",
  "POST /v1/runs",
  "POST /v1/runs/{run_id}/approve",
  "POST /v1/runs/{run_id}/cancel",
  "POST /v1/runs/{run_id}/exclude",
  "POST /v1/runs/{run_id}/hold",
  "POST /v1/runs/{run_id}/release",
  "POST /v1/webhooks",
  "POST /v1/webhooks/{webhook_id}/rotate",
  "POST /v1/worklist/take",
  "POST /v1/worklist/{decision_id}/approve",
  "POST /v1/worklist/{decision_id}/assign",
  "POST /v1/worklist/{decision_id}/refuse",
  "POST /v1/worklist/{decision_id}/snooze",
];
