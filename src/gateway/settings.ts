import { WeftError } from "../core/errors.ts";

/** Where a server listens and what it is held to. */
export interface ServerSettings {
  readonly address: Address;
  readonly timeouts: ServerTimeouts;
  readonly limits: ServerLimits;
  /** PEM texts; without, the server speaks plain HTTP. */
  readonly tls: TlsSettings | undefined;
}

export interface Address {
  /** Undefined is every address of the machine. */
  readonly host: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ServerTimeouts {
  /** All headers of a request must have come by then. */
  readonly headersMs: number;
  /** A whole request must have come by then, its body included. */
  readonly readMs: number;
  /** A client that takes nothing of its response for so long is cut off. */
  readonly writeMs: number;
  /** A connection without a request is closed after this long. */
  readonly idleMs: number;
}

export interface ServerLimits {
  /** All headers of one request together. */
  readonly headerBytes: number;
  /** The body of one request. */
  readonly bodyBytes: number;
  /** Connections open at once; one more is closed as soon as it is made. */
  readonly connections: number;
}

export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Authorities of client certificates. */
  readonly ca?: string | undefined;
  /** Whether clients are asked for a certificate, and refused without. */
  readonly clientAuth: "none" | "request" | "require";
}

/** What holds where nothing is said. */
export const serverDefaults: Omit<ServerSettings, "address" | "tls"> = {
  timeouts: {
    // A client that means well sends its headers at once; slow ones hold a connection each.
    headersMs: 10_000,
    // Room for a large upload over a slow line.
    readMs: 300_000,
    writeMs: 60_000,
    idleMs: 60_000,
  },
  limits: {
    headerBytes: 16_384,
    // As much as Lua's `http.request()` takes by default.
    bodyBytes: 120 * 1024 * 1024,
    // Each costs a file descriptor and some 20 KB.
    connections: 8_192,
  },
};

/** Settings of a server, the defaults where nothing is said. */
export function serverSettings(
  address: Address,
  {
    timeouts = {},
    limits = {},
    tls,
  }: {
    readonly timeouts?: Partial<ServerTimeouts>;
    readonly limits?: Partial<ServerLimits>;
    readonly tls?: TlsSettings | undefined;
  } = {},
): ServerSettings {
  return {
    address,
    timeouts: { ...serverDefaults.timeouts, ...timeouts },
    limits: { ...serverDefaults.limits, ...limits },
    tls,
  };
}

/** Reads `:8085`, `host:8085`, `[::1]:8085` or a bare port; undefined when it is none of them. */
export function readAddress(text: string): Address | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.%]+\]|[^:[\]\s/]*):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) return undefined;
  const host = match[1]?.replace(/^\[|\]$/g, "");
  return { host: host === undefined || host === "" ? undefined : host, port };
}

/** As `readAddress`. @throws WeftError `INVALID_ARGUMENT`. */
export function parseAddress(text: string): Address {
  const address = readAddress(text);
  if (address !== undefined) return address;
  throw new WeftError("INVALID_ARGUMENT", `"${text}" is no address: write :PORT, HOST:PORT or [IPV6]:PORT`);
}
