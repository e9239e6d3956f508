// Verifying what a webhook brought: Standard Webhooks, signed with Ed25519 (v1a) or HMAC (v1).

import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import type { components } from "./schema.js";

const TOLERANCE_SECONDS = 300;

/** A request is not what the service sent, or not now. */
export class WebhookInvalid extends Error {}

/**
 * Return the event that a request brings; throws WebhookInvalid unless one of the keys signed it just now.
 *
 * `body` is what came, byte for byte. A key is a `public_key` (`whpk_…`) or a `secret` (`whsec_…`); in a rotation give
 * both. Handle an event once: another request of the same `id` brings the same.
 */
export function verifyWebhook(
  body: Uint8Array | string,
  headers: Record<string, string | string[] | undefined>,
  keys: readonly string[],
  now: Date = new Date(),
): components["schemas"]["CloudEvent"] {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value ?? "")]));
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => given.get(name));
  if (!id || !timestamp || !signatures || !/^[0-9]+$/.test(timestamp)) {
    throw new WebhookInvalid("the headers of Standard Webhooks are missing, or are none");
  }
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new WebhookInvalid("it was not sent just now: it may be a repetition by somebody else, or a clock is wrong");
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  const found = signatures.split(" ").map((each) => each.split(",", 2) as [string, string | undefined]);
  if (!keys.some((key) => found.some(([kind, text]) => isSigned(signed, kind, Buffer.from(text ?? "", "base64"), key)))) {
    throw new WebhookInvalid("none of its signatures is by one of the keys");
  }
  return JSON.parse(Buffer.from(body).toString("utf-8"));
}

function isSigned(signed: Buffer, kind: string, signature: Buffer, key: string): boolean {
  if (key.startsWith("whsec_")) {
    const expected = createHmac("sha256", Buffer.from(key.slice(6), "base64")).update(signed).digest();
    return kind === "v1" && signature.length === expected.length && timingSafeEqual(signature, expected);
  }
  if (!key.startsWith("whpk_")) throw new TypeError("a key begins with whsec_ or whpk_");
  const x = Buffer.from(key.slice(5), "base64").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return kind === "v1a" && verify(null, signed, publicKey, signature);
}
