import { ResultError } from "../io/result-error.ts";
import { contentLength } from "./framing.ts";
import type { Fields } from "./fields.ts";
import { OutgoingBody, OutgoingContent } from "./outgoing-body.ts";

const methodNames = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"] as const;

/** The variant `method`. */
export type Method = { readonly tag: (typeof methodNames)[number] } | { readonly tag: "other"; readonly val: string };

/** The variant `scheme`. */
export type Scheme = { readonly tag: "HTTP" | "HTTPS" } | { readonly tag: "other"; readonly val: string };

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const schemeText = /^[A-Za-z][A-Za-z0-9+\-.]*$/;
const authorityText = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]+)(:\d{1,5})?$/;
// Visible characters but those that end a URI's query.
const pathText = /^(\*|([/?][!"$-~]*)?)$/;

/** The method as it stands in a request. */
export function methodText(method: Method): string {
  return method.tag === "other" ? method.val : method.tag.toUpperCase();
}

/** The method that a request has. */
export function methodOf(text: string): Method {
  const known = methodNames.find((name) => name.toUpperCase() === text);
  return known === undefined ? { tag: "other", val: text } : { tag: known };
}

/** The resource `outgoing-request`. Its headers are immutable from the start. */
export class OutgoingRequest implements Disposable {
  readonly fields: Fields;
  #method: Method = { tag: "get" };
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;
  #content: OutgoingContent | undefined;

  constructor(fields: Fields) {
    fields.freeze();
    this.fields = fields;
  }

  /** The body that was asked for; undefined without. */
  get content(): OutgoingContent | undefined {
    return this.#content;
  }

  /** Once; whoever never asks sends no body. */
  body(): OutgoingBody {
    if (this.#content !== undefined) throw new ResultError(undefined);
    this.#content = new OutgoingContent("HTTP-request-body-size", contentLength(this.fields) ?? undefined);
    return new OutgoingBody(this.#content, this.fields.scope);
  }

  method(): Method {
    return this.#method;
  }

  setMethod(method: Method): void {
    check(method.tag !== "other" || token.test(method.val));
    this.#method = method;
  }

  pathWithQuery(): string | undefined {
    return this.#path;
  }

  setPathWithQuery(path: string | undefined): void {
    check(path === undefined || pathText.test(path));
    this.#path = path;
  }

  scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): void {
    check(scheme?.tag !== "other" || schemeText.test(scheme.val));
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    const port = Number(/:(\d+)$/.exec(authority ?? "")?.[1] ?? 0);
    check(authority === undefined || (authorityText.test(authority) && port <= 65_535));
    this.#authority = authority;
  }

  headers(): Fields {
    return this.fields.view();
  }

  [Symbol.dispose](): void {
    this.fields[Symbol.dispose]();
  }
}

/** The resource `request-options`: timeouts in nanoseconds, all of them supported. */
export class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }
}

function check(isValid: boolean): void {
  if (!isValid) throw new ResultError(undefined);
}
