import { isIP } from "node:net";
import { HttpError, type ErrorCode } from "./error-code.ts";
import type { Fields } from "./fields.ts";
import { contentLength } from "./framing.ts";
import { headerSectionBytes, uriBytes } from "./limits.ts";
import { methodText, type OutgoingRequest } from "./request.ts";

/** Where a request goes and what its first line says. */
export interface Target {
  readonly isSecure: boolean;
  readonly method: string;
  readonly path: string;
  /** As the guest wrote it, for the field `Host`. */
  readonly authority: string;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Checks a request before it is sent.
 * @throws HttpError what is wrong with it.
 */
export function targetOf(request: OutgoingRequest): Target {
  const scheme = request.scheme()?.tag ?? "HTTPS";
  const authority = request.authority();
  const method = methodText(request.method());
  if (scheme === "other") fail({ tag: "HTTP-protocol-error" }, "the scheme is neither HTTP nor HTTPS");
  if (authority === undefined) return fail({ tag: "HTTP-request-URI-invalid" }, "the request has no authority");
  // A tunnel would be a socket without the rules of sockets.
  if (method === "CONNECT") fail({ tag: "HTTP-request-method-invalid" }, "the method CONNECT is not served");
  const path = pathOf(request.pathWithQuery() ?? "");
  if (path.length > uriBytes) fail({ tag: "HTTP-request-URI-too-long" });
  checkFields(request.fields);
  const isSecure = scheme === "HTTPS";
  const { host, port } = splitAuthority(authority, isSecure ? 443 : 80);
  return { isSecure, method, path, authority, host, port };
}

function pathOf(path: string): string {
  return path.startsWith("/") || path === "*" ? path : `/${path}`;
}

function splitAuthority(authority: string, standardPort: number): { readonly host: string; readonly port: number } {
  const [, bracketed, plain = "", port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(authority) ?? [];
  if (bracketed !== undefined && isIP(bracketed) !== 6) {
    fail({ tag: "HTTP-request-URI-invalid" }, "the authority is no address");
  }
  return { host: bracketed ?? plain, port: port === undefined ? standardPort : Number(port) };
}

function checkFields(fields: Fields): void {
  const { sectionBytes } = fields;
  if (sectionBytes > headerSectionBytes) fail({ tag: "HTTP-request-header-section-size", val: sectionBytes });
  if (contentLength(fields) === null) fail({ tag: "HTTP-protocol-error" }, "Content-Length is not one number");
}

function fail(code: ErrorCode, message?: string): never {
  throw new HttpError(code, message);
}
