import type { ServerResponse } from "node:http";
import { quickest, type HeaderPairs } from "../core/http.ts";
import type { HttpAnswer } from "../hosts/http/server-exchange.ts";

/** A response that is complete. */
export interface WholeAnswer extends HttpAnswer {
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/** Statuses that never have a body. */
const bodiless = new Set([204, 205, 304]);

/** What a function came to, for hono. */
export function responseOf({ head, body }: HttpAnswer): Response {
  const { status, headers } = head;
  const isEmpty = bodiless.has(status);
  if (isEmpty && body instanceof ReadableStream) void body.cancel();
  const sent = isEmpty ? null : typeof body === "string" && !mayBeText(headers) ? Buffer.from(body) : (body ?? "");
  return new Response(sent, { status, headers: recordOf(headers) });
}

/**
 * Whether a body can be handed on as text, which is quicker: without a type it would be given one, and Node would write
 * headers beyond ASCII as if they were part of it.
 */
function mayBeText(headers: HeaderPairs): boolean {
  return headers.some((text, index) => index % 2 === 0 && text === "content-type") && isAscii(headers);
}

const beyondAscii = /[\u0080-\uffff]/;

/** Headers as a record, which is the quickest way through; several of a name need more. */
function recordOf(pairs: HeaderPairs): Record<string, string> | Headers {
  const record: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) {
    const [name = "", value = ""] = [pairs[index], pairs[index + 1]];
    if (Object.hasOwn(record, name)) return headersOf(pairs);
    record[name] = value;
  }
  return record;
}

function headersOf(pairs: HeaderPairs): Headers {
  const headers = new Headers();
  for (let index = 0; index < pairs.length; index += 2) headers.append(pairs[index] ?? "", pairs[index + 1] ?? "");
  return headers;
}

/** Whether nothing of a response is still to come. */
export function isWhole(answer: HttpAnswer): answer is WholeAnswer {
  return !(answer.body instanceof ReadableStream);
}

/** Sends a whole response, straight through Node. */
export function send(outgoing: ServerResponse, { head: { status, headers }, body }: WholeAnswer): void {
  if (bodiless.has(status)) return void outgoing.writeHead(status, [...headers]).end();
  const sent = sendable(body, headers);
  const length = typeof sent === "string" ? Buffer.byteLength(sent) : sent.length;
  outgoing.writeHead(status, [...headers, "Content-Length", String(length)]).end(sent);
}

/** Head and body are one write when both are text; Node would write headers beyond ASCII as if they were part of it. */
function sendable(body: WholeAnswer["body"], headers: HeaderPairs): string | Uint8Array {
  if (body === null) return "";
  if (!isAscii(headers)) return typeof body === "string" ? Buffer.from(body) : body;
  return typeof body === "string" ? body : quickest(body);
}

function isAscii(headers: HeaderPairs): boolean {
  for (let index = 1; index < headers.length; index += 2) if (beyondAscii.test(headers[index] ?? "")) return false;
  return true;
}
