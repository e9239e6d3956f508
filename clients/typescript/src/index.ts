// A client of the dunning service: openapi-fetch with the types of its OpenAPI document, a token, and repetitions.

import createClient, { type Client } from "openapi-fetch";
import { once } from "./operations.js";
import { Problem } from "./problem.js";
import type { components, paths } from "./schema.js";

export { Problem } from "./problem.js";
export { verifyWebhook, WebhookInvalid } from "./webhooks.js";
export type { components, paths } from "./schema.js";
export type Records = components["schemas"];

export interface Options {
  url: string;
  token: string;
  /** How often a request is sent at most. */
  attempts?: number;
  /** Waits for so many milliseconds. */
  sleep?: (milliseconds: number) => Promise<unknown>;
  fetch?: (request: Request) => Promise<Response>;
}

const REPEATABLE = new Set(["GET", "PUT", "DELETE"]);
const LONGEST_PAUSE_SECONDS = 60;
const ANSWER_PENDING = "urn:dunning:problem:answer-pending";
const KEYED = once.map((operation) => {
  const [method, path] = operation.split(" ") as [string, string];
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+");
  return { method, path: new RegExp(`${escaped}$`) };
});

/** Make a client; each operation of the service is `client.METHOD(path, …)`, typed to the last field. */
export function connect(options: Options): Client<paths> {
  const { attempts = 5, sleep = pause, fetch = globalThis.fetch } = options;
  return createClient<paths>({
    baseUrl: options.url,
    headers: { Authorization: `Bearer ${options.token}` },
    fetch: (request) => send(request, attempts, sleep, fetch),
  });
}

/** Await an answer, and return what it brings; a refusal is thrown as a Problem. */
export async function answer<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new Problem(response.status, error);
  return data as T;
}

/** Give every item of every page: `ask` asks for the page behind a cursor, and `read` says what is on it. */
export async function* turnPages<Page, Item>(
  ask: (cursor: string | undefined) => Promise<Page>,
  read: (page: Page) => { items: readonly Item[]; next: string | null | undefined },
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  for (;;) {
    const { items, next } = read(await ask(cursor));
    yield* items;
    if (items.length === 0 || next === null || next === undefined) return;
    cursor = next;
  }
}

async function send(
  request: Request,
  attempts: number,
  sleep: (milliseconds: number) => Promise<unknown>,
  fetch: (request: Request) => Promise<Response>,
): Promise<Response> {
  const path = new URL(request.url).pathname;
  const isOnce = KEYED.some((operation) => operation.method === request.method && operation.path.test(path));
  if (isOnce && !request.headers.has("Idempotency-Key")) {
    request.headers.set("Idempotency-Key", crypto.randomUUID());
  }
  const isRepeatable = isOnce || REPEATABLE.has(request.method);
  for (let attempt = 1; ; attempt += 1) {
    const backoff = Math.min(2 ** attempt, LONGEST_PAUSE_SECONDS) * (0.5 + Math.random() / 2);
    let seconds: number;
    try {
      const response = await fetch(request.clone());
      if (attempt >= attempts || !(await mayPass(response, isRepeatable))) return response;
      const asked = Number(response.headers.get("Retry-After") ?? "");
      seconds = asked > 0 ? Math.min(asked, LONGEST_PAUSE_SECONDS) : backoff;
    } catch (error) {
      if (attempt >= attempts || !isRepeatable) throw error;
      seconds = backoff;
    }
    await sleep(seconds * 1000);
  }
}

/** Whether the same request may be answered otherwise in a moment, and may safely be sent again. */
async function mayPass(response: Response, isRepeatable: boolean): Promise<boolean> {
  if (response.status === 503) return isRepeatable; // it may have been carried out
  if (response.status === 409) return new Problem(409, await response.clone().json().catch(() => null)).type === ANSWER_PENDING;
  return response.status === 429;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
