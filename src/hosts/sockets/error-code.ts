import { IoError } from "../io/io-error.ts";
import { ResultError } from "../io/result-error.ts";
import { systemErrorName } from "../io/system-errors.ts";

/** The enum `error-code` of `wasi:sockets/network`. */
export type SocketCode =
  | "unknown"
  | "access-denied"
  | "not-supported"
  | "invalid-argument"
  | "out-of-memory"
  | "timeout"
  | "concurrency-conflict"
  | "not-in-progress"
  | "would-block"
  | "invalid-state"
  | "new-socket-limit"
  | "address-not-bindable"
  | "address-in-use"
  | "remote-unreachable"
  | "connection-refused"
  | "connection-reset"
  | "connection-aborted"
  | "datagram-too-large"
  | "name-unresolvable"
  | "temporary-resolver-failure"
  | "permanent-resolver-failure";

const codeByName: Readonly<Record<string, SocketCode>> = {
  EACCES: "access-denied",
  EADDRINUSE: "address-in-use",
  EADDRNOTAVAIL: "address-not-bindable",
  EAFNOSUPPORT: "not-supported",
  ECONNABORTED: "connection-aborted",
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-reset",
  EHOSTDOWN: "remote-unreachable",
  EHOSTUNREACH: "remote-unreachable",
  EINVAL: "invalid-argument",
  EMFILE: "new-socket-limit",
  EMSGSIZE: "datagram-too-large",
  ENETDOWN: "remote-unreachable",
  ENETUNREACH: "remote-unreachable",
  ENFILE: "new-socket-limit",
  ENOBUFS: "out-of-memory",
  ENOMEM: "out-of-memory",
  ENOTSUP: "not-supported",
  EOPNOTSUPP: "not-supported",
  EPERM: "access-denied",
  EPIPE: "connection-reset",
  ETIMEDOUT: "timeout",
  // Of name lookups.
  EAI_AGAIN: "temporary-resolver-failure",
  EAI_FAIL: "permanent-resolver-failure",
  EAI_MEMORY: "out-of-memory",
  EAI_NODATA: "name-unresolvable",
  EAI_NONAME: "name-unresolvable",
  ENOTFOUND: "name-unresolvable",
};

/** The code for an error of Node's. */
export function socketCode(error: unknown): SocketCode {
  return codeByName[systemErrorName(error) ?? ""] ?? "unknown";
}

/** A function's `err(code)`. */
export function socketError(code: SocketCode): ResultError<SocketCode> {
  return new ResultError(code);
}

/** Why a connection's stream failed; `network-error-code` gives its code. */
export class ConnectionError extends IoError {
  readonly code: SocketCode;

  constructor(cause: Error) {
    super(cause.message);
    this.name = "ConnectionError";
    this.code = socketCode(cause);
  }
}
