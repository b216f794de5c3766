import { IoError } from "../io/io-error.ts";
import { ResultError } from "../io/result-error.ts";
import { systemErrorName } from "../io/system-errors.ts";

interface FieldSize {
  readonly fieldName?: string;
  readonly fieldSize?: number;
}

type Plain =
  | "DNS-timeout"
  | "destination-not-found"
  | "destination-unavailable"
  | "destination-IP-prohibited"
  | "destination-IP-unroutable"
  | "connection-refused"
  | "connection-terminated"
  | "connection-timeout"
  | "connection-read-timeout"
  | "connection-write-timeout"
  | "connection-limit-reached"
  | "TLS-protocol-error"
  | "TLS-certificate-error"
  | "HTTP-request-denied"
  | "HTTP-request-length-required"
  | "HTTP-request-method-invalid"
  | "HTTP-request-URI-invalid"
  | "HTTP-request-URI-too-long"
  | "HTTP-response-incomplete"
  | "HTTP-response-timeout"
  | "HTTP-upgrade-failed"
  | "HTTP-protocol-error"
  | "loop-detected"
  | "configuration-error";

/** The variant `error-code` of wasi:http. */
export type ErrorCode =
  | { readonly tag: Plain }
  | { readonly tag: "DNS-error"; readonly val: { readonly rcode?: string; readonly infoCode?: number } }
  | { readonly tag: "TLS-alert-received"; readonly val: { readonly alertId?: number; readonly alertMessage?: string } }
  | { readonly tag: "HTTP-request-body-size" | "HTTP-response-body-size"; readonly val?: bigint }
  | {
      readonly tag:
        | "HTTP-request-header-section-size"
        | "HTTP-request-trailer-section-size"
        | "HTTP-response-header-section-size"
        | "HTTP-response-trailer-section-size";
      readonly val?: number;
    }
  | { readonly tag: "HTTP-request-header-size"; readonly val?: FieldSize }
  | {
      readonly tag: "HTTP-request-trailer-size" | "HTTP-response-header-size" | "HTTP-response-trailer-size";
      readonly val: FieldSize;
    }
  | {
      readonly tag: "HTTP-response-transfer-coding" | "HTTP-response-content-coding" | "internal-error";
      readonly val?: string;
    };

/** A request, response or body failed. On a stream it is the resource `error`; `http-error-code` gives its code. */
export class HttpError extends IoError {
  readonly errorCode: ErrorCode;

  constructor(errorCode: ErrorCode, message: string = errorCode.tag) {
    super(message);
    this.name = "HttpError";
    this.errorCode = errorCode;
  }
}

/** A function's `err(error-code)`. */
export function httpErr(errorCode: ErrorCode): ResultError<ErrorCode> {
  return new ResultError(errorCode);
}

/** Where a failure was noticed, which decides what a lost connection means. */
export type Phase = "request" | "response";

/** What Node's errors mean; the text comes along where a code has room for it. */
export function toHttpError(thrown: unknown, phase: Phase): HttpError {
  if (thrown instanceof HttpError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HttpError(codeOf(thrown, message, phase), message);
}

const codeByName: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: { tag: "DNS-error", val: { rcode: "NXDOMAIN" } },
  ENODATA: { tag: "DNS-error", val: { rcode: "NODATA" } },
  EAI_AGAIN: { tag: "DNS-error", val: { rcode: "SERVFAIL" } },
  ETIMEOUT: { tag: "DNS-timeout" },
  ECONNREFUSED: { tag: "connection-refused" },
  ETIMEDOUT: { tag: "connection-timeout" },
  EHOSTUNREACH: { tag: "destination-IP-unroutable" },
  ENETUNREACH: { tag: "destination-IP-unroutable" },
  EADDRNOTAVAIL: { tag: "destination-IP-unroutable" },
  EACCES: { tag: "HTTP-request-denied" },
  EPERM: { tag: "HTTP-request-denied" },
  EMFILE: { tag: "connection-limit-reached" },
  ENFILE: { tag: "connection-limit-reached" },
  EPROTO: { tag: "TLS-protocol-error" },
  HPE_HEADER_OVERFLOW: { tag: "HTTP-response-header-section-size" },
  HPE_INVALID_TRANSFER_ENCODING: { tag: "HTTP-response-transfer-coding" },
};

const lostConnection = new Set(["ECONNRESET", "ECONNABORTED", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);

/** Names that OpenSSL gives to what is wrong with a certificate. */
const certificateName =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH)/;

function codeOf(thrown: unknown, message: string, phase: Phase): ErrorCode {
  const name = systemErrorName(thrown) ?? firstOfSeveral(thrown) ?? "";
  if (lostConnection.has(name)) {
    return { tag: phase === "request" ? "connection-terminated" : "HTTP-response-incomplete" };
  }
  const alert = /alert ([a-z ]+).*SSL alert number (\d+)/i.exec(message);
  if (alert !== null) {
    return { tag: "TLS-alert-received", val: { alertId: Number(alert[2]), alertMessage: (alert[1] ?? "").trim() } };
  }
  const known = codeByName[name];
  if (known !== undefined) return known;
  if (certificateName.test(name)) return { tag: "TLS-certificate-error" };
  if (/^ERR_(SSL|TLS)_/.test(name)) return { tag: "TLS-protocol-error" };
  if (name.startsWith("HPE_")) return { tag: "HTTP-protocol-error" };
  return { tag: "internal-error", val: message };
}

/** When a name has several addresses and none answers, Node gives an error that holds theirs. */
function firstOfSeveral(thrown: unknown): string | undefined {
  return thrown instanceof AggregateError ? systemErrorName(thrown.errors[0]) : undefined;
}
