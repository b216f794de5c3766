/** Codes of `wasi:filesystem/types` and the preview-1 error numbers that say the same. */
const errnoByCode = {
  access: 2,
  "would-block": 6,
  already: 7,
  "bad-descriptor": 8,
  busy: 10,
  deadlock: 16,
  quota: 19,
  exist: 20,
  "file-too-large": 22,
  "illegal-byte-sequence": 25,
  "in-progress": 26,
  interrupted: 27,
  invalid: 28,
  io: 29,
  "is-directory": 31,
  loop: 32,
  "too-many-links": 34,
  "message-size": 35,
  "name-too-long": 37,
  "no-device": 43,
  "no-entry": 44,
  "no-lock": 46,
  "insufficient-memory": 48,
  "insufficient-space": 51,
  "not-directory": 54,
  "not-empty": 55,
  "not-recoverable": 56,
  unsupported: 58,
  "no-tty": 59,
  "no-such-device": 60,
  overflow: 61,
  "not-permitted": 63,
  pipe: 64,
  "read-only": 69,
  "invalid-seek": 70,
  "text-file-busy": 74,
  "cross-device": 75,
} as const;

/** A code of the enum `error-code`. */
export type FsCode = keyof typeof errnoByCode;

/** Codes by the names that the operating system gives its errors. A process without free descriptors is at its quota. */
const codeByName: Readonly<Record<string, FsCode>> = {
  EACCES: "access",
  EAGAIN: "would-block",
  EALREADY: "already",
  EBADF: "bad-descriptor",
  EBUSY: "busy",
  EDEADLK: "deadlock",
  EDQUOT: "quota",
  EEXIST: "exist",
  EFBIG: "file-too-large",
  EILSEQ: "illegal-byte-sequence",
  EINPROGRESS: "in-progress",
  EINTR: "interrupted",
  EINVAL: "invalid",
  EIO: "io",
  EISDIR: "is-directory",
  ELOOP: "loop",
  EMFILE: "quota",
  EMLINK: "too-many-links",
  EMSGSIZE: "message-size",
  ENAMETOOLONG: "name-too-long",
  ENFILE: "quota",
  ENODEV: "no-device",
  ENOENT: "no-entry",
  ENOLCK: "no-lock",
  ENOMEM: "insufficient-memory",
  ENOSPC: "insufficient-space",
  ENOTDIR: "not-directory",
  ENOTEMPTY: "not-empty",
  ENOTRECOVERABLE: "not-recoverable",
  ENOTSUP: "unsupported",
  ENOTTY: "no-tty",
  ENXIO: "no-such-device",
  EOPNOTSUPP: "unsupported",
  EOVERFLOW: "overflow",
  EPERM: "not-permitted",
  EPIPE: "pipe",
  EROFS: "read-only",
  ESPIPE: "invalid-seek",
  ETXTBSY: "text-file-busy",
  EXDEV: "cross-device",
};

/** A filesystem operation failed in a way that the guest is told. */
export class FsError extends Error {
  readonly code: FsCode;
  /** The number of preview 1, where it has one that says more than the code. */
  readonly errno: number;

  constructor(code: FsCode, errno: number = errnoByCode[code]) {
    super(code);
    this.name = "FsError";
    this.code = code;
    this.errno = errno;
  }
}

/** Too many files are open. */
export function tooManyFiles(): FsError {
  return new FsError("quota", errnoByName["EMFILE"]);
}

/** The filesystem code of whatever was thrown; undefined for what is not a failure of the filesystem. */
export function fsCode(thrown: unknown): FsCode | undefined {
  if (thrown instanceof FsError) return thrown.code;
  const name = systemErrorName(thrown);
  return name === undefined ? undefined : codeByName[name];
}

/** The operating system's name of an error, such as `ENOENT`. */
export function systemErrorName(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** Preview 1 tells apart who has too many files open, for which 0.2 has one code. */
const errnoByName: Readonly<Record<string, number>> = { EMFILE: 33, ENFILE: 41 };

/** The preview-1 error number of whatever was thrown; undefined for what is not a failure of the filesystem. */
export function errnoOf(thrown: unknown): number | undefined {
  if (thrown instanceof FsError) return thrown.errno;
  const code = fsCode(thrown);
  return errnoByName[systemErrorName(thrown) ?? ""] ?? (code && errnoByCode[code]);
}
