import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { cliFace } from "../../../../src/hosts/cli/p2.ts";
import { clocksFace } from "../../../../src/hosts/clocks/p2.ts";
import type { ByteSource } from "../../../../src/hosts/io/byte-reader.ts";
import { InputStream, readLimitBytes } from "../../../../src/hosts/io/input-stream.ts";
import { IoError } from "../../../../src/hosts/io/io-error.ts";
import { OutputStream, writePermitBytes } from "../../../../src/hosts/io/output-stream.ts";
import { ioFace, pollFace } from "../../../../src/hosts/io/p2.ts";
import { alwaysReady, Pollable, type Readiness } from "../../../../src/hosts/io/pollable.ts";
import { randomFace } from "../../../../src/hosts/random/p2.ts";
import { requestBytes } from "../../../../src/hosts/random/random.ts";
import { imported } from "../support/imports.seam.ts";
import { instance, recordedStdio } from "../support/instance.ts";

const faces = [cliFace, clocksFace, randomFace, ioFace, pollFace];
const most = 2n ** 64n - 1n;
const closed = { payload: { tag: "closed" } };
const failed = { payload: { tag: "last-operation-failed" } };
const overPermit = { code: "TRAP_INVALID_VALUE" };

/** A function of an instance's interface, by both names. */
function serve(given: Partial<InstanceContext> = {}) {
  const context = instance(given);
  const imports = Object.assign({}, ...faces.map((face) => face.bind(context).imports));
  return (name: string, func: string) => imported(imports, name, func);
}

/** What an operation throws, at once or later. */
async function thrown(operation: () => unknown): Promise<unknown> {
  try {
    await operation();
  } catch (error) {
    return error;
  }
  return "nothing was thrown";
}

const waiter = { call: { cancellation: new Cancellation() } };
const source = (content: string): ByteSource => {
  let left = Buffer.from(content);
  return {
    waits: false,
    read(limit) {
      const part = left.subarray(0, limit);
      left = left.subarray(part.length);
      return part.length === 0 ? undefined : part;
    },
  };
};
const input = (content = "hello"): InputStream => new InputStream(source(content), waiter);
const broken = (): never => {
  throw new IoError("broken");
};
const brokenInput = (): InputStream => new InputStream({ waits: false, read: broken }, waiter);
const brokenOutput = (): OutputStream => new OutputStream({ write: broken }, waiter);
const closedOutput = (): OutputStream => new OutputStream(undefined, waiter);

function output() {
  const taken: Buffer[] = [];
  const stream = new OutputStream({ write: (bytes) => void taken.push(Buffer.from(bytes)) }, waiter);
  return { stream, text: () => Buffer.concat(taken).toString(), size: () => Buffer.concat(taken).length };
}

/** Never ready: waiting for it ends with the call. */
const never: Readiness = { isReady: () => false, onReady: () => ({ [Symbol.dispose]() {} }) };

/** Someone whose call is over already. */
function canceledWaiter() {
  const cancellation = new Cancellation();
  const reason = canceled();
  cancellation.cancel(reason);
  return { reason, waiter: { call: { cancellation } } };
}

type Case = () => void | Promise<void>;

/** What a function does when all is well, when it cannot, and at the edge of what it takes. `none` where it cannot fail. */
interface Cases {
  readonly success: Case;
  readonly error: Case | "none";
  readonly limit: Case | "none";
}

const inputStream: Readonly<Record<string, Cases>> = {
  "wasi:io/streams InputStream.read": {
    success: () => expect(Buffer.from(input().read(2n)).toString()).toBe("he"),
    error: async () => expect(await thrown(() => brokenInput().read(1n))).toMatchObject(failed),
    limit: () => expect(input("x".repeat(readLimitBytes + 1)).read(most).length).toBe(readLimitBytes),
  },
  "wasi:io/streams InputStream.blockingRead": {
    success: async () => expect(Buffer.from(await input().blockingRead(9n)).toString()).toBe("hello"),
    error: async () => expect(await thrown(() => input("").blockingRead(1n))).toMatchObject(closed),
    limit: async () => expect(await input("").blockingRead(0n)).toEqual(new Uint8Array(0)),
  },
  "wasi:io/streams InputStream.skip": {
    success: () => expect(input().skip(2n)).toBe(2n),
    error: async () => expect(await thrown(() => brokenInput().skip(1n))).toMatchObject(failed),
    limit: () => expect(input().skip(most)).toBe(5n),
  },
  "wasi:io/streams InputStream.blockingSkip": {
    success: async () => expect(await input().blockingSkip(4n)).toBe(4n),
    error: async () => expect(await thrown(() => input("").blockingSkip(1n))).toMatchObject(closed),
    limit: async () => expect(await input().blockingSkip(0n)).toBe(0n),
  },
  "wasi:io/streams InputStream.subscribe": {
    success: () => expect(input().subscribe().ready()).toBe(true),
    // A stream that failed is ready: reading it says so.
    error: () => expect(brokenInput().subscribe().ready()).toBe(true),
    limit: () => expect(input("").subscribe().ready()).toBe(true),
  },
};

const outputStream: Readonly<Record<string, Cases>> = {
  "wasi:io/streams OutputStream.checkWrite": {
    success: () => expect(output().stream.checkWrite()).toBe(BigInt(writePermitBytes)),
    error: async () => expect(await thrown(() => closedOutput().checkWrite())).toMatchObject(closed),
    limit: "none",
  },
  "wasi:io/streams OutputStream.write": {
    success() {
      const { stream, text } = output();
      stream.write(Buffer.from("hi"));
      expect(text()).toBe("hi");
    },
    error: async () => expect(await thrown(() => brokenOutput().write(new Uint8Array(1)))).toMatchObject(failed),
    async limit() {
      const { stream, size } = output();
      stream.write(new Uint8Array(writePermitBytes));
      expect(await thrown(() => stream.write(new Uint8Array(writePermitBytes + 1)))).toMatchObject(overPermit);
      expect(size()).toBe(writePermitBytes);
    },
  },
  "wasi:io/streams OutputStream.blockingWriteAndFlush": {
    async success() {
      const { stream, text } = output();
      await stream.blockingWriteAndFlush(Buffer.from("hi"));
      expect(text()).toBe("hi");
    },
    error: async () =>
      expect(await thrown(() => closedOutput().blockingWriteAndFlush(new Uint8Array(1)))).toMatchObject(closed),
    limit: async () =>
      expect(
        await thrown(() => output().stream.blockingWriteAndFlush(new Uint8Array(writePermitBytes + 1))),
      ).toMatchObject(overPermit),
  },
  "wasi:io/streams OutputStream.flush": {
    success: () => expect(output().stream.flush()).toBeUndefined(),
    error: async () => expect(await thrown(() => closedOutput().flush())).toMatchObject(closed),
    limit: "none",
  },
  "wasi:io/streams OutputStream.blockingFlush": {
    success: async () => expect(await output().stream.blockingFlush()).toBeUndefined(),
    error: async () => expect(await thrown(() => closedOutput().blockingFlush())).toMatchObject(closed),
    limit: "none",
  },
  "wasi:io/streams OutputStream.subscribe": {
    success: () => expect(output().stream.subscribe().ready()).toBe(true),
    error: () => expect(closedOutput().subscribe().ready()).toBe(true),
    limit: "none",
  },
  "wasi:io/streams OutputStream.writeZeroes": {
    success() {
      const { stream, text } = output();
      stream.writeZeroes(2n);
      expect(text()).toBe("\0\0");
    },
    error: async () => expect(await thrown(() => brokenOutput().writeZeroes(1n))).toMatchObject(failed),
    limit: async () => expect(await thrown(() => output().stream.writeZeroes(most))).toMatchObject(overPermit),
  },
  "wasi:io/streams OutputStream.blockingWriteZeroesAndFlush": {
    async success() {
      const { stream, text } = output();
      await stream.blockingWriteZeroesAndFlush(1n);
      expect(text()).toBe("\0");
    },
    error: async () => expect(await thrown(() => closedOutput().blockingWriteZeroesAndFlush(1n))).toMatchObject(closed),
    limit: async () =>
      expect(await thrown(() => output().stream.blockingWriteZeroesAndFlush(most))).toMatchObject(overPermit),
  },
  "wasi:io/streams OutputStream.splice": {
    success() {
      const { stream, text } = output();
      expect(stream.splice(input(), 4n)).toBe(4n);
      expect(text()).toBe("hell");
    },
    error: async () => expect(await thrown(() => output().stream.splice(brokenInput(), 1n))).toMatchObject(failed),
    limit: () => expect(output().stream.splice(input(), most)).toBe(5n),
  },
  "wasi:io/streams OutputStream.blockingSplice": {
    async success() {
      const { stream, text } = output();
      expect(await stream.blockingSplice(input(), 2n)).toBe(2n);
      expect(text()).toBe("he");
    },
    error: async () => expect(await thrown(() => closedOutput().blockingSplice(input(), 1n))).toMatchObject(closed),
    limit: async () => expect(await output().stream.blockingSplice(input(), 0n)).toBe(0n),
  },
};

const poll: Readonly<Record<string, Cases>> = {
  "wasi:io/poll Pollable.ready": {
    success: () => expect(new Pollable(alwaysReady, waiter).ready()).toBe(true),
    error: "none",
    limit: () => expect(new Pollable(never, waiter).ready()).toBe(false),
  },
  "wasi:io/poll Pollable.block": {
    success: async () => expect(await new Pollable(alwaysReady, waiter).block()).toBeUndefined(),
    async error() {
      const over = canceledWaiter();
      expect(await thrown(() => new Pollable(never, over.waiter).block())).toBe(over.reason);
    },
    limit: "none",
  },
  "wasi:io/poll poll": {
    async success() {
      const pollables = [never, alwaysReady].map((thing) => new Pollable(thing, waiter));
      expect(await serve()("wasi:io/poll", "poll")(pollables)).toEqual(Uint32Array.of(1));
    },
    error: async () => expect(await thrown(() => serve()("wasi:io/poll", "poll")([]))).toMatchObject(overPermit),
    async limit() {
      const pollables = Array.from({ length: 10_000 }, () => new Pollable(alwaysReady, waiter));
      expect((await serve()("wasi:io/poll", "poll")(pollables)).length).toBe(10_000);
    },
  },
  "wasi:io/error Error.toDebugString": {
    success: () => expect(new IoError("why").toDebugString()).toBe("why"),
    error: "none",
    limit: () => expect(new IoError("").toDebugString()).toBe(""),
  },
};

/** A wait as long as there is must neither wake at once nor overflow. */
function notYet(func: string): Case {
  return () => expect(serve()("wasi:clocks/monotonic-clock", func)(most).ready()).toBe(false);
}

const clocks: Readonly<Record<string, Cases>> = {
  "wasi:clocks/wall-clock now": {
    success: () => expect(serve()("wasi:clocks/wall-clock", "now")().seconds).toBeGreaterThan(1_700_000_000n),
    error: "none",
    limit: () => expect(serve()("wasi:clocks/wall-clock", "now")().nanoseconds).toBeLessThan(1_000_000_000),
  },
  "wasi:clocks/wall-clock resolution": {
    success: () => expect(serve()("wasi:clocks/wall-clock", "resolution")().nanoseconds).toBeGreaterThan(0),
    error: "none",
    limit: "none",
  },
  "wasi:clocks/monotonic-clock now": {
    success: () => expect(serve()("wasi:clocks/monotonic-clock", "now")()).toBeGreaterThan(0n),
    error: "none",
    limit: () => expect(serve()("wasi:clocks/monotonic-clock", "now")()).toBeLessThanOrEqual(most),
  },
  "wasi:clocks/monotonic-clock resolution": {
    success: () => expect(serve()("wasi:clocks/monotonic-clock", "resolution")()).toBeGreaterThan(0n),
    error: "none",
    limit: "none",
  },
  "wasi:clocks/monotonic-clock subscribeInstant": {
    success: () => expect(serve()("wasi:clocks/monotonic-clock", "subscribeInstant")(0n).ready()).toBe(true),
    error: "none",
    limit: notYet("subscribeInstant"),
  },
  "wasi:clocks/monotonic-clock subscribeDuration": {
    success: () => expect(serve()("wasi:clocks/monotonic-clock", "subscribeDuration")(0n).ready()).toBe(true),
    async error() {
      const cancellation = new Cancellation();
      const given = { call: rootContext({ root: 1, cancellation }) };
      const waiting = serve(given)("wasi:clocks/monotonic-clock", "subscribeDuration")(most).block();
      const reason = canceled();
      cancellation.cancel(reason);
      expect(await thrown(() => waiting)).toBe(reason);
    },
    limit: notYet("subscribeDuration"),
  },
};

function randomCases(name: string, func: string): Cases {
  return {
    success: () => expect(serve()(name, func)(5n)).toHaveLength(5),
    error: async () => expect(await thrown(() => serve()(name, func)(most))).toMatchObject(overPermit),
    async limit() {
      expect(serve()(name, func)(0n)).toHaveLength(0);
      expect(serve()(name, func)(BigInt(requestBytes))).toHaveLength(requestBytes);
      expect(await thrown(() => serve()(name, func)(BigInt(requestBytes) + 1n))).toMatchObject(overPermit);
    },
  };
}

function numberCases(name: string, func: string): Cases {
  const draw = (): bigint[] => [serve()(name, func)()].flat();
  return {
    success: () => expect(draw()).not.toEqual(draw()),
    error: "none",
    limit: () => expect(draw().every((number) => number >= 0n && number <= most)).toBe(true),
  };
}

const random: Readonly<Record<string, Cases>> = {
  "wasi:random/random getRandomBytes": randomCases("wasi:random/random", "getRandomBytes"),
  "wasi:random/random getRandomU64": numberCases("wasi:random/random", "getRandomU64"),
  "wasi:random/insecure getInsecureRandomBytes": randomCases("wasi:random/insecure", "getInsecureRandomBytes"),
  "wasi:random/insecure getInsecureRandomU64": numberCases("wasi:random/insecure", "getInsecureRandomU64"),
  "wasi:random/insecure-seed insecureSeed": numberCases("wasi:random/insecure-seed", "insecureSeed"),
};

const environment = "wasi:cli/environment";
const many = Array.from({ length: 10_000 }, (_, index) => `${index}`);

const program: Readonly<Record<string, Cases>> = {
  [`${environment} getEnvironment`]: {
    success: () => expect(serve({ env: { A: "=ü" } })(environment, "getEnvironment")()).toEqual([["A", "=ü"]]),
    error: "none",
    limit: () => expect(serve()(environment, "getEnvironment")()).toEqual([]),
  },
  [`${environment} getArguments`]: {
    success: () => expect(serve({ args: ["", "日本"] })(environment, "getArguments")()).toEqual(["", "日本"]),
    error: "none",
    limit: () => expect(serve({ args: many })(environment, "getArguments")()).toEqual(many),
  },
  [`${environment} initialCwd`]: {
    success: () => expect(serve({ cwd: "/work" })(environment, "initialCwd")()).toBe("/work"),
    error: "none",
    limit: () => expect(serve()(environment, "initialCwd")()).toBe("/"),
  },
  "wasi:cli/exit exit": {
    success: async () =>
      expect(await thrown(() => serve()("wasi:cli/exit", "exit")({ tag: "ok" }))).toMatchObject({ status: 0 }),
    error: async () =>
      expect(await thrown(() => serve()("wasi:cli/exit", "exit")({ tag: "err" }))).toMatchObject({ status: 1 }),
    limit: "none",
  },
  "wasi:cli/exit exitWithCode": {
    success: async () =>
      expect(await thrown(() => serve()("wasi:cli/exit", "exitWithCode")(0))).toMatchObject({ status: 0 }),
    error: async () =>
      expect(await thrown(() => serve()("wasi:cli/exit", "exitWithCode")(7))).toMatchObject({ status: 7 }),
    limit: async () =>
      expect(await thrown(() => serve()("wasi:cli/exit", "exitWithCode")(255))).toMatchObject({ status: 255 }),
  },
};

function outputCases(name: "stdout" | "stderr", func: string): Cases {
  const write = (given: Partial<InstanceContext>, text: string) =>
    thrown(() => serve(given)(`wasi:cli/${name}`, func)().write(Buffer.from(text)));
  return {
    async success() {
      const { stdio, written } = recordedStdio();
      await write({ stdio }, "out");
      expect(written[name]).toBe("out");
    },
    error: async () => expect(await write({}, "x")).toMatchObject(closed),
    async limit() {
      const { stdio, written } = recordedStdio();
      expect(await write({ stdio, limits: { outputBytes: 2 } }, "abc")).toMatchObject({ code: "OUTPUT_EXCEEDED" });
      expect(written[name]).toBe("ab");
    },
  };
}

function terminalCases(stream: string): Cases {
  const get = (given: Partial<InstanceContext>) =>
    serve(given)(`wasi:cli/terminal-${stream.toLowerCase()}`, `getTerminal${stream}`)();
  return {
    success: () => expect(get({ stdio: recordedStdio([], true).stdio })).toBeDefined(),
    error: () => expect(get({ stdio: recordedStdio().stdio })).toBeUndefined(),
    limit: () => expect(get({})).toBeUndefined(),
  };
}

const streams: Readonly<Record<string, Cases>> = {
  "wasi:cli/stdin getStdin": {
    async success() {
      const { stdio } = recordedStdio(["typed"]);
      const bytes = await serve({ stdio })("wasi:cli/stdin", "getStdin")().blockingRead(9n);
      expect(Buffer.from(bytes).toString()).toBe("typed");
    },
    error: async () =>
      expect(await thrown(() => serve()("wasi:cli/stdin", "getStdin")().read(1n))).toMatchObject(closed),
    async limit() {
      const stdin = serve({ stdio: recordedStdio(["abc"]).stdio });
      const [first, second] = [1, 2].map(() => stdin("wasi:cli/stdin", "getStdin")());
      expect(Buffer.from(await first.blockingRead(1n)).toString()).toBe("a");
      expect(Buffer.from(await second.blockingRead(9n)).toString()).toBe("bc");
    },
  },
  "wasi:cli/stdout getStdout": outputCases("stdout", "getStdout"),
  "wasi:cli/stderr getStderr": outputCases("stderr", "getStderr"),
  "wasi:cli/terminal-stdin getTerminalStdin": terminalCases("Stdin"),
  "wasi:cli/terminal-stdout getTerminalStdout": terminalCases("Stdout"),
  "wasi:cli/terminal-stderr getTerminalStderr": terminalCases("Stderr"),
};

const table = { ...inputStream, ...outputStream, ...poll, ...clocks, ...random, ...program, ...streams };

describe.each(Object.entries(table))("%s", (_name, { success, error, limit }) => {
  test("does what it says", async () => await success());
  if (error !== "none") test("fails as it says", async () => await error());
  if (limit !== "none") test("holds at its limits", async () => await limit());
});

/** The functions of an interface: plain ones, and the methods of its resources. */
function functionsOf(name: string, members: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(members).flatMap(([member, value]) => {
    const own = Object.entries(Object.getOwnPropertyDescriptors(Object(value).prototype ?? {}));
    const methods = own.filter(([each, { value: method }]) => typeof method === "function" && each !== "constructor");
    const isResource = /^[A-Z]/.test(member);
    return isResource ? methods.map(([each]) => `${name} ${member}.${each}`) : [`${name} ${member}`];
  });
}

test("every function of wasi:cli, clocks, random and io is in the table", () => {
  const bound = faces.flatMap((face) => Object.entries(face.bind(instance()).imports));
  const functions = bound.flatMap(([name, members]) => functionsOf(name, members));
  expect(Object.keys(table).toSorted()).toEqual(functions.toSorted());
});
