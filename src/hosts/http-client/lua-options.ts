import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { defaultTimeoutMs } from "./limits.ts";

type Table = Readonly<Record<string, Value>>;

/** How a TLS connection is made. */
export interface TlsOptions {
  readonly insecure: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/** What a program asks for: one request with everything that follows from it. */
export interface Wanted {
  readonly method: string;
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly timeoutMs: number;
  /** How many redirects are followed. */
  readonly redirects: number;
  readonly maxBodyBytes: number;
  readonly isStream: boolean;
  readonly socketPath: string | undefined;
  readonly tls: TlsOptions | undefined;
}

/** A body that a program asks for whole: held in memory, so bounded even where the program says nothing. */
const defaultBodyBytes = 64 << 20;

/** As many as browsers and Go follow before they call it a loop. */
const defaultRedirects = 10;

const known = new Set(
  "headers body timeout query cookies form files auth stream max_response_body unix_socket redirects tls".split(" "),
);

/**
 * What a program says of the connection or of its body's length is not heard: we say that, once. A second word on it would
 * make two requests of one for a server that believes the program.
 */
const ofConnection = new Set(
  "connection content-length expect keep-alive proxy-connection te trailer transfer-encoding upgrade".split(" "),
);

/** Reads the options of a request. @throws WeftError `INVALID_ARGUMENT`. */
export async function readOptions(method: string, address: string, options: Table): Promise<Wanted> {
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown !== undefined) throw invalid(`${unknown} is no option; known are ${[...known].join(", ")}`);
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(method)) throw invalid(`"${method}" is no method`);
  // A tunnel would be a socket without the rules of sockets.
  if (method.toUpperCase() === "CONNECT") throw invalid("CONNECT is no request: it would make a tunnel");
  const url = withQuery(readUrl(address), options["query"]);
  const content = await readContent(options);
  const headers: Record<string, string> = { "accept-encoding": "gzip, br", "user-agent": "weft" };
  if (content?.type !== undefined) headers["content-type"] = content.type;
  const cookies = cookieHeader(table(options, "cookies"));
  if (cookies !== "") headers["cookie"] = headerValue("cookie", cookies);
  const authorization = basicAuth(options["auth"], url);
  if (authorization !== undefined) headers["authorization"] = authorization;
  url.username = "";
  url.password = "";
  for (const [name, value] of pairs(table(options, "headers"), "headers")) {
    const key = headerName(name);
    if (!ofConnection.has(key)) headers[key] = headerValue(key, value);
  }
  return {
    method: method.toUpperCase(),
    url,
    headers,
    body: content?.bytes,
    timeoutMs: readTimeout(options["timeout"]),
    redirects: readRedirects(options["redirects"]),
    maxBodyBytes: count(options["max_response_body"], "max_response_body") || defaultBodyBytes,
    isStream: (options["stream"] ?? false) !== false,
    socketPath: text(options, "unix_socket"),
    tls: readTls(options["tls"]),
  };
}

/** The address of a request or of a redirect. @throws WeftError `INVALID_ARGUMENT`. */
export function readUrl(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href);
  if (url === null) throw invalid(`"${address}" is no URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(`requests go by http or https, not by ${url.protocol.slice(0, -1)}`);
  }
  return url;
}

function withQuery(url: URL, query: Value | undefined): URL {
  if (typeof query === "string") url.search = query;
  else for (const [name, value] of pairs(asTable(query, "query"), "query")) url.searchParams.append(name, value);
  return url;
}

interface Content {
  readonly bytes: Uint8Array;
  readonly type: string | undefined;
}

async function readContent(options: Table): Promise<Content | undefined> {
  const { body, form, files } = options;
  const given = [body, form ?? files].filter((each) => (each ?? null) !== null);
  if (given.length > 1) throw invalid("a request has a body, or a form and files, not both");
  if ((files ?? null) !== null) return await multipart(asTable(form, "form"), files ?? null);
  if ((form ?? null) !== null) {
    const fields = new URLSearchParams(pairs(asTable(form, "form"), "form"));
    return { bytes: Buffer.from(fields.toString()), type: "application/x-www-form-urlencoded" };
  }
  if (typeof body === "string") return { bytes: Buffer.from(body), type: undefined };
  if (body instanceof Uint8Array) return { bytes: body, type: undefined };
  if ((body ?? null) === null) return undefined;
  throw invalid("a body is a string: encode tables, for example with json.encode");
}

async function multipart(fields: Table, files: Value): Promise<Content> {
  const form = new FormData();
  for (const [name, value] of pairs(fields, "form")) form.append(name, value);
  for (const [name, file] of listed(files)) {
    const content = file["content"] ?? "";
    if (typeof content !== "string" && !(content instanceof Uint8Array)) throw invalid("a file's content is a string");
    const field = text(file, "name") ?? name;
    if (field === undefined) throw invalid("each of files has a name: the field it is sent as");
    const type = text(file, "content_type") ?? "application/octet-stream";
    form.append(field, new File([Buffer.from(content)], text(file, "filename") ?? field, { type }));
  }
  const encoded = new Response(form);
  return { bytes: await encoded.bytes(), type: encoded.headers.get("content-type") ?? undefined };
}

/** Files as a list, or by the names of their fields. */
function listed(files: Value): (readonly [string | undefined, Table])[] {
  if (Array.isArray(files)) return files.map((file: Value) => [undefined, asTable(file, "files")]);
  return Object.entries(asTable(files, "files")).map(([name, file]) => [name, asTable(file, "files")]);
}

function basicAuth(auth: Value | undefined, url: URL): string | undefined {
  const given = asTable(auth, "auth");
  const user = text(given, "user") ?? text(given, "username") ?? decodeURIComponent(url.username);
  const pass = text(given, "pass") ?? text(given, "password") ?? decodeURIComponent(url.password);
  if (user === "" && pass === "") return undefined;
  return `Basic ${Buffer.from(`${user}:${pass}`).toString("base64")}`;
}

function cookieHeader(cookies: Table): string {
  return pairs(cookies, "cookies")
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
}

function readTls(tls: Value | undefined): TlsOptions | undefined {
  if ((tls ?? null) === null) return undefined;
  const given = asTable(tls, "tls");
  const servername = text(given, "server_name");
  const insecure = given["insecure_skip_verify"] ?? given["insecure"] ?? false;
  const material = (["ca", "cert", "key"] as const).flatMap((name) => {
    const value = text(given, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { insecure: insecure === true, ...Object.fromEntries(material), ...(servername && { servername }) };
}

function readTimeout(timeout: Value | undefined): number {
  if ((timeout ?? null) === null) return defaultTimeoutMs;
  const ms =
    typeof timeout === "number" ? timeout * 1_000 : typeof timeout === "string" ? parseDurationMs(timeout) : undefined;
  if (ms === undefined || !Number.isFinite(ms) || ms < 0) {
    throw invalid("timeout is a number of seconds, or a duration such as 500ms");
  }
  return ms === 0 ? defaultTimeoutMs : ms;
}

function readRedirects(redirects: Value | undefined): number {
  if (redirects === false) return 0;
  return (redirects ?? true) === true ? defaultRedirects : count(redirects, "redirects");
}

function count(value: Value | undefined, name: string): number {
  if ((value ?? null) === null) return 0;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(`${name} is a whole number`);
}

function headerName(name: string): string {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw invalid(`"${name}" is no name of a header`);
  return name.toLowerCase();
}

function headerValue(name: string, value: string): string {
  // Anything else could end the header and begin another one.
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
    throw invalid(`the value of the header ${name} has control characters`);
  return value;
}

/** Names and texts; a list gives its name several times. */
function pairs(values: Table, what: string): [string, string][] {
  return Object.entries(values).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: Value): [string, string] => [name, scalar(each, what, name)]),
  );
}

function scalar(value: Value, what: string, name: string): string {
  if (typeof value === "object") throw invalid(`${what}.${name} is a string, a number, or a list of them`);
  return String(value);
}

function table(options: Table, name: string): Table {
  return asTable(options[name], name);
}

function asTable(value: Value | undefined, name: string): Table {
  if ((value ?? null) === null || (Array.isArray(value) && value.length === 0)) return {};
  if (typeof value === "object" && isTable(value)) return value;
  throw invalid(`${name} is a table with string keys`);
}

function isTable(value: object | null): value is Table {
  return !(Array.isArray(value) || value instanceof Map || value instanceof Uint8Array);
}

function text(from: Table, name: string): string | undefined {
  const value = from[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`${name} is a string`);
}

function invalid(message: string): WeftError {
  return new WeftError("INVALID_ARGUMENT", message);
}
