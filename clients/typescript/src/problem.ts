// Every refusal of the service as an exception: problem details (RFC 9457).

import type { components } from "./schema.js";

type Details = Partial<components["schemas"]["ProblemDetails"]>;

/** What a request was refused with; `type` stays, whatever becomes of the words, so compare that. */
export class Problem extends Error {
  readonly details: Details;

  constructor(
    readonly status: number,
    details: unknown,
  ) {
    const told: Details = typeof details === "object" && details !== null ? details : {};
    super(`${status}: ${told.detail ?? "no problem details were answered"}`);
    this.name = "Problem";
    this.details = told;
  }

  get type(): string {
    return this.details.type ?? "about:blank";
  }
}
