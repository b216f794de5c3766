import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import { GuestExit } from "../../../../src/core/exit.ts";
import { WeftError } from "../../../../src/core/errors.ts";
import { folder } from "../support/folder.ts";
import { instance, recordedStdio } from "../support/instance.ts";
import { Preview1Guest, preview1Signatures } from "../support/preview1.seam.ts";
import { dataAt, mountFd, readRight, started, writeRight } from "../support/started-preview1.ts";

const memoryBytes = 131_072;
/** Numbers of errors in preview 1. */
const lastErrno = 76;

// What functions choke on: edges of the memory and of numbers, descriptors that are there, places with real content.
const interesting = [0, 1, 2, 3, 4, 5, 6, 8, 16, 24, 64, 512, 1024, 1025, dataAt, 4096, memoryBytes - 8, memoryBytes];
const word = fc.oneof(
  fc.constantFrom(...interesting, memoryBytes - 1, memoryBytes + 1, 2 ** 31, -1, -8, 0x7fffffff, 99),
  fc.integer({ min: 0, max: 12 }),
  fc.integer(),
);
const long = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, readRight, writeRight, 66n),
  fc.bigInt({ min: 0n, max: 10_000n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

const call = fc.constantFrom(...Object.keys(preview1Signatures)).chain((name) => {
  const params = (preview1Signatures[name] ?? "").split("");
  return fc.tuple(fc.constant(name), fc.tuple(...params.map((type) => (type === "i" ? word : long))));
});
const bytes = fc.uint8Array({ minLength: 0, maxLength: 300 });
const paths = ["a", "sub", "sub/b", "link", "..", "../secret", "/etc/passwd", "new", "out/secret", "."];

/** Fills a guest's memory with paths, vectors and subscriptions that point at them, and noise. */
function fill(guest: Preview1Guest, noise: Uint8Array, path: string): void {
  guest.bytes(0, memoryBytes).fill(0);
  guest.bytes(dataAt, noise.length).set(noise);
  guest.put(path, 1024);
  for (const [at, value] of [1024, path.length, dataAt, 100, 0, 16, memoryBytes - 4, 8].entries())
    guest.view.setUint32(512 + at * 4, value, true);
}

/** Calls a function, for a moment only if it waits; gives what came of it. */
async function outcome(guest: Preview1Guest, cancellation: Cancellation, name: string, args: (number | bigint)[]) {
  const waiting = guest.wait(name, ...args).then(
    (errno) => errno,
    (error: unknown) => error,
  );
  const turn = new Promise<"waits">((resolve) => setImmediate(() => setImmediate(() => resolve("waits"))));
  const first = await Promise.race([waiting, turn]);
  if (first !== "waits") return first;
  cancellation.cancel(canceled());
  return waiting;
}

describe.each(["wasi_snapshot_preview1", "wasi_unstable"])("any function of %s", (module) => {
  test("given any numbers and any memory answers with an error number or a typed error, and changes nothing outside", async () => {
    const { path, at } = folder({ secret: "secret", "mount/a": "first", "mount/sub/b": "second" });
    symlinkSync("../..", at("mount/out"));
    symlinkSync("a", at("mount/link"));
    const before = readdirSync("/proc/self/fd").length;
    const seen = new Set<unknown>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(call, bytes, fc.constantFrom(...paths)), { minLength: 1, maxLength: 20 }),
        async (calls) => {
          const cancellation = new Cancellation();
          const { stdio } = recordedStdio(["typed"]);
          using guest = await Preview1Guest.start(
            instance({
              stdio,
              args: ["one"],
              env: { A: "1" },
              mounts: [{ guest: "/", path: at("mount"), readOnly: false }],
              call: rootContext({ root: 1, cancellation }),
              limits: { outputBytes: 10_000 },
            }),
            Object.keys(preview1Signatures),
            module,
          );
          guest.call("path_open", mountFd, 1, ...guest.put("a"), 0, readRight | writeRight, 0n, 0, 4096);
          for (const [[name, args], noise, file] of calls) {
            fill(guest, noise, file);
            const result = await outcome(guest, cancellation, name, args);
            seen.add(result);
            if (typeof result === "number") expect([name, result <= lastErrno]).toEqual([name, true]);
            else if (!(result instanceof WeftError || result instanceof GuestExit)) throw result;
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(seen.size).toBeGreaterThan(15);
    expect(readFileSync(at("secret"), "utf8")).toBe("secret");
    expect(readdirSync(path).toSorted()).toEqual(["mount", "secret"]);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  test("does not touch a neighbour's memory or files", async () => {
    const one = await started({ a: "mine" });
    const other = await started({ a: "yours" });
    const fd = other.open("a");
    const before = Uint8Array.from(other.guest.bytes(0, memoryBytes));
    await fc.assert(
      fc.asyncProperty(call, bytes, async ([name, args], noise) => {
        fill(one.guest, noise, "a");
        if (/^(proc|poll|sched)/.test(name)) return;
        await one.guest.wait(name, ...args);
      }),
      { numRuns: 1_000 },
    );
    expect(Buffer.compare(other.guest.bytes(0, memoryBytes), before)).toBe(0);
    expect(await other.read(fd)).toBe("yours");
  });
});
