/**
 * Thrown by a host function to return `err(payload)` of its WIT `result`. Engines read `payload`; an error without one
 * passes through the guest and ends its call.
 */
export class ResultError<Payload = unknown> extends Error {
  readonly payload: Payload;

  constructor(payload: Payload) {
    super("a host function returned err");
    this.name = "ResultError";
    this.payload = payload;
  }
}
