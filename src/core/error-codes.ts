/** The kinds of failure an application can tell apart; `spec/wasm.md` §4.5 is their source. */
export type ErrorKind =
  | "NotFound"
  | "AlreadyExists"
  | "Invalid"
  | "PermissionDenied"
  | "Unavailable"
  | "Internal"
  | "Canceled"
  | "Conflict"
  | "Timeout"
  | "RateLimited"
  | "Unknown";

interface CodeSpec {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  /** One sentence: what the reader can do about it. Shown by `weft explain CODE`. */
  readonly help: string;
}

/** Every code a `WeftError` can carry. A code fixes its kind and whether a retry makes sense. */
export const errorCodes = {
  INVALID_ID: { kind: "Invalid", retryable: false, help: "Write the target as namespace:name, both parts non-empty." },
  INVALID_ARGUMENT: {
    kind: "Invalid",
    retryable: false,
    help: "Compare the arguments with the callee's signature: `weft inspect ID` prints it.",
  },
  CONFIG_INVALID: {
    kind: "Invalid",
    retryable: false,
    help: "The sections of weft.yaml, which --set may name too, are in docs/configuration.md.",
  },
  INVALID_RESULT: {
    kind: "Internal",
    retryable: false,
    help: "The callee returned a value that cannot cross a call, such as a function or a table that contains itself.",
  },
  ENTRY_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "No entry has this id; `weft list` shows those that exist.",
  },
  ENTRY_FAILED: {
    kind: "Unavailable",
    retryable: false,
    help: "The entry did not load; `weft check` shows every problem with its position.",
  },
  CHANGESET_REJECTED: {
    kind: "Invalid",
    retryable: false,
    help: "Nothing was changed: mend what the diagnostics in the error's details name, and apply again.",
  },
  VERSION_CONFLICT: {
    kind: "Conflict",
    retryable: true,
    help: "The registry changed since the snapshot was taken: take a new one and make the changes again.",
  },
  VERSION_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "No such version of the registry is kept; `registry.versions()` lists those that are.",
  },
  NOT_CALLABLE: {
    kind: "Invalid",
    retryable: false,
    help: "Only functions and processes with a default host can be called; `weft list` shows each entry's kind.",
  },
  INVALID_HASH: { kind: "Invalid", retryable: false, help: "Write `hash` as sha256: and 64 hexadecimal digits." },
  HASH_MISMATCH: {
    kind: "Invalid",
    retryable: false,
    help: "The file is not the one that was pinned: restore it, or set `hash` to the value in the message.",
  },
  SIGNATURE_MISMATCH: {
    kind: "Invalid",
    retryable: false,
    help: "The `wit` signature must flatten to the export's WebAssembly type; the message shows both.",
  },
  METHOD_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "Set `method` to one of the exports that the message lists.",
  },
  PERMISSION_DENIED: {
    kind: "PermissionDenied",
    retryable: false,
    help: "The caller's scope must allow this action on this resource.",
  },
  IMPORT_DENIED: {
    kind: "PermissionDenied",
    retryable: false,
    help: "Add the line that the message shows to the entry's `imports`.",
  },
  POOL_FULL: {
    kind: "RateLimited",
    retryable: true,
    help: "Raise the pool's size or queue, or set `pool.on_full: wait`.",
  },
  POOL_CLOSED: {
    kind: "Unavailable",
    retryable: false,
    help: "The runtime or the entry is stopping; call again later.",
  },
  ISOLATE_LOST: {
    kind: "Unavailable",
    retryable: true,
    help: "The thread that ran this call ended because of another call; a retry runs on its replacement.",
  },
  CALL_TIMEOUT: {
    kind: "Timeout",
    retryable: true,
    help: "Raise `limits.max_execution_ms` or the caller's timeout, or make the work smaller.",
  },
  CALL_CANCELED: { kind: "Canceled", retryable: false, help: "The caller gave the call up." },
  CALL_DEPTH: {
    kind: "Invalid",
    retryable: false,
    help: "Calls nest deeper than the runtime allows: look for entries that call each other without end.",
  },
  MEMORY_EXCEEDED: {
    kind: "Unavailable",
    retryable: false,
    help: "The guest asked for more memory than its limit: raise `limits.max_memory_bytes` or give it less to do.",
  },
  MEMORY_UNAVAILABLE: {
    kind: "Unavailable",
    retryable: true,
    help: "Too many guests hold a memory at the same time: lower the sizes of pools, or how many calls are in flight.",
  },
  FUEL_EXHAUSTED: {
    kind: "Unavailable",
    retryable: false,
    help: "The guest ran more instructions than its limit: raise `limits.max_fuel` or give it less to do.",
  },
  STACK_OVERFLOW: {
    kind: "Internal",
    retryable: false,
    help: "The guest recursed too deeply: look for recursion without an end, or raise `limits.max_stack_bytes`.",
  },
  OUTPUT_EXCEEDED: {
    kind: "Unavailable",
    retryable: false,
    help: "The guest wrote more than its output limit: raise `limits.max_output_bytes`.",
  },
  HOST_CALLS_EXCEEDED: {
    kind: "Unavailable",
    retryable: false,
    help: "The guest called its hosts more often than its limit: raise `limits.max_host_calls`.",
  },
  TRAP_UNREACHABLE: {
    kind: "Internal",
    retryable: false,
    help: "The guest ran into an `unreachable` instruction, usually a panic or a failed assertion.",
  },
  TRAP_MEMORY_OUT_OF_BOUNDS: {
    kind: "Internal",
    retryable: false,
    help: "The guest read or wrote outside its memory: a bug of the guest.",
  },
  TRAP_TABLE_OUT_OF_BOUNDS: {
    kind: "Internal",
    retryable: false,
    help: "The guest used a table index that does not exist: a bug of the guest.",
  },
  TRAP_INDIRECT_CALL_TYPE: {
    kind: "Internal",
    retryable: false,
    help: "The guest called a function pointer of another type: a bug of the guest.",
  },
  TRAP_DIVIDE_BY_ZERO: { kind: "Internal", retryable: false, help: "The guest divided an integer by zero." },
  TRAP_INTEGER_OVERFLOW: { kind: "Internal", retryable: false, help: "An integer division of the guest overflowed." },
  TRAP_BAD_CONVERSION: {
    kind: "Internal",
    retryable: false,
    help: "The guest converted a float that does not fit an integer.",
  },
  TRAP_NULL_REFERENCE: { kind: "Internal", retryable: false, help: "The guest used a null reference." },
  TRAP_BAD_CAST: { kind: "Internal", retryable: false, help: "The guest cast a reference to a type it does not have." },
  TRAP_ARRAY_OUT_OF_BOUNDS: {
    kind: "Internal",
    retryable: false,
    help: "The guest used an array index that does not exist, or asked for too large an array.",
  },
  TRAP_UNALIGNED: { kind: "Internal", retryable: false, help: "The guest made an unaligned atomic access." },
  TRAP_GUEST_EXCEPTION: {
    kind: "Internal",
    retryable: false,
    help: "An exception of the guest's language reached the top of the call uncaught.",
  },
  TRAP_CANNOT_SUSPEND: {
    kind: "Internal",
    retryable: false,
    help: "The guest waited where its stack cannot be suspended, for example inside a start function.",
  },
  TRAP_INVALID_VALUE: {
    kind: "Internal",
    retryable: false,
    help: "The guest handed over a value that breaks the canonical ABI, such as a bad pointer, discriminant or UTF-8.",
  },
  TRAP_MISSING_IMPORT: {
    kind: "Internal",
    retryable: false,
    help: "The guest called an import that no host provides: build it without, or call only what does not need it.",
  },
  GUEST_EXIT: {
    kind: "Internal",
    retryable: false,
    help: "The guest ended itself with a non-zero exit status.",
  },
  GUEST_ERROR: { kind: "Unknown", retryable: false, help: "The called code raised this error itself." },
  FILE_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "Check the path; that of an entry is relative to the entry's filesystem.",
  },
  FILE_EXISTS: {
    kind: "AlreadyExists",
    retryable: false,
    help: "Choose another path, or open the file that is there.",
  },
  FILE_UNUSABLE: {
    kind: "Invalid",
    retryable: false,
    help: "The file cannot be used like this: its mode, its state or what sort of thing it is forbids it.",
  },
  PATH_DENIED: {
    kind: "PermissionDenied",
    retryable: false,
    help: "A path may not leave the directory that its filesystem entry names.",
  },
  VARIABLE_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "No env.variable entry gives this name a value: declare one, give it a default, or set it.",
  },
  VARIABLE_READ_ONLY: {
    kind: "PermissionDenied",
    retryable: false,
    help: "The env.variable entry, or the storage behind it, does not let its value be changed.",
  },
  QUEUE_FULL: {
    kind: "RateLimited",
    retryable: true,
    help: "Messages come faster than they are handled: raise the queue's max_length or the consumer's concurrency.",
  },
  BINDING_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "Name a contract.binding that implements the contract, and a method that the contract has.",
  },
  KEY_NOT_FOUND: { kind: "NotFound", retryable: false, help: "The store has no value under this key, or no longer." },
  STORE_FULL: {
    kind: "Unavailable",
    retryable: true,
    help: "Raise the store's `max_size`, delete what is not needed, or give values a time to live.",
  },
  TOKEN_INVALID: {
    kind: "PermissionDenied",
    retryable: false,
    help: "Ask for a new token: this one was never made here, was revoked, or its time is over.",
  },
  SQL_FAILED: {
    kind: "Invalid",
    retryable: false,
    help: "The database refused the statement: its message says why.",
  },
  SQL_CONSTRAINT: {
    kind: "Conflict",
    retryable: false,
    help: "The row would break a constraint, such as a UNIQUE or NOT NULL column: nothing was written.",
  },
  SQL_BUSY: {
    kind: "Unavailable",
    retryable: true,
    help: "Another transaction held the database for its `busy_timeout`: keep transactions short, and run their statements on `tx`, not on `db`.",
  },
  NAME_TAKEN: { kind: "AlreadyExists", retryable: false, help: "Choose another name, or let its holder give it back." },
  NAME_NOT_FOUND: { kind: "NotFound", retryable: false, help: "No running process has registered this name." },
  MAILBOX_FULL: {
    kind: "RateLimited",
    retryable: true,
    help: "The receiver does not read its letters as fast as they come: send less, or later.",
  },
  LINKED_PROCESS_FAILED: {
    kind: "Unavailable",
    retryable: false,
    help: "A linked process failed; a process that sets trap_links hears of it and goes on.",
  },
  PROCESS_NOT_FOUND: { kind: "NotFound", retryable: false, help: "No running process has this pid or name." },
  REQUEST_FAILED: {
    kind: "Unavailable",
    retryable: true,
    help: "No answer came whole: the message says why; look at the address, the name server and the other side.",
  },
  REQUEST_TIMEOUT: {
    kind: "Timeout",
    retryable: true,
    help: "Raise the request's `timeout`, or ask the other side for less.",
  },
  RESPONSE_TOO_LARGE: {
    kind: "Invalid",
    retryable: false,
    help: "Raise `max_response_body`, or read the response with `stream = true`.",
  },
  HOST_NOT_FOUND: {
    kind: "NotFound",
    retryable: false,
    help: "Name a process.host or terminal.host entry by its full id.",
  },
  HOST_BUSY: { kind: "Unavailable", retryable: true, help: "A terminal.host runs one process at a time." },
  LISTEN_FAILED: {
    kind: "Unavailable",
    retryable: true,
    help: "Another program may hold the port, or the address is not this machine's: change `addr`, or use :0 for any port.",
  },
  NO_REQUEST: {
    kind: "Internal",
    retryable: false,
    help: "Only the function that an http.endpoint names sees the request; pass on what other functions need of it.",
  },
  HEADERS_SENT: {
    kind: "Invalid",
    retryable: false,
    help: "Set the status and the headers before the first part of the body is sent.",
  },
  BODY_TOO_LARGE: {
    kind: "Invalid",
    retryable: false,
    help: "Raise `max_body` of `http.request()`, or `limits.body` of the http.service.",
  },
  UNSUPPORTED: { kind: "Invalid", retryable: false, help: "This build does not support what was asked for." },
  INTERNAL: { kind: "Internal", retryable: false, help: "A bug of Weft: please report it with the details shown." },
} as const satisfies Record<string, CodeSpec>;

/** A code of the table above. */
export type ErrorCode = keyof typeof errorCodes;

/** The table's row for a code that arrived as text, or undefined when there is none. */
export function describeCode(code: string): CodeSpec | undefined {
  return isErrorCode(code) ? errorCodes[code] : undefined;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
