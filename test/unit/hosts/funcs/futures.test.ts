import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import { WeftError } from "../../../../src/core/errors.ts";
import { funcsFace } from "../../../../src/hosts/funcs/p2.ts";
import { PendingCalls } from "../../../../src/hosts/funcs/pending.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import { errorOf } from "../support/descriptors.seam.ts";

const folder = new URL("../../../../wit/weft-runtime/", import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, folder), "utf8");

test("weft:runtime/futures has WIT text for what the host has", () => {
  const inside = (file: string): string => text(file).replace(/^package [^;]+;/m, "");
  const { interfaces } = parseWit(
    `package weft:runtime@0.1.0 { ${inside("runtime.wit")} ${inside("futures.wit")} }
    package wasi:io@0.2.0 { ${inside("deps/io/poll.wit")} }`,
  );
  const futures = interfaces.find(({ name }) => name === "weft:runtime/futures@0.1.0");
  expect(futures?.resources).toContain("pending-call");
  expect(futures?.functions.map(({ name }) => name).toSorted()).toEqual([
    "[method]pending-call.cancel",
    "[method]pending-call.get",
    "[method]pending-call.subscribe",
    "[method]pending-call.wait",
    "start-json",
    "start-string",
  ]);
  expect(funcsFace.interfaces["weft:runtime/futures"]).toEqual({
    version: "0.1.0",
    suspending: ["[method]pending-call.wait", "start-string", "start-json"],
  });
});

function started() {
  const call = rootContext({ root: 1 });
  return { call, calls: new PendingCalls({ call }) };
}

test("a pending call has a result when it has ended, and keeps it", async () => {
  const { calls } = started();
  const { promise, resolve } = Promise.withResolvers<string>();
  const pending = calls.start(() => promise);
  const pollable = pending.subscribe();
  expect([pending.get(), pollable.ready()]).toEqual([undefined, false]);
  const waiting = pending.wait();
  const blocking = pollable.block();
  resolve("done");
  expect(await waiting).toBe("done");
  expect(await blocking).toBeUndefined();
  expect([pending.get(), pending.get(), pollable.ready()]).toEqual([
    { tag: "ok", val: "done" },
    { tag: "ok", val: "done" },
    true,
  ]);
  expect(pending.wait()).toBe("done");
  pending.cancel();
  expect(pending.wait()).toBe("done");
});

test("what fails at the start is the result's error", async () => {
  const { calls } = started();
  const pending = calls.start(() => {
    throw new WeftError("ENTRY_NOT_FOUND", "there is no app:x", { details: { target: "app:x", big: 2n ** 70n } });
  });
  await Promise.resolve();
  expect(errorOf(() => pending.wait())).toEqual({
    code: "ENTRY_NOT_FOUND",
    kind: "NotFound",
    message: "there is no app:x",
    retryable: false,
    details: '{"target":"app:x","big":1180591620717411303424}',
  });
});

test("a call that is canceled, dropped or left behind ends its callee", async () => {
  const { calls } = started();
  const ended: unknown[] = [];
  const start = (name: string) =>
    calls.start(
      ({ cancellation }) =>
        new Promise<string>((_, reject) => {
          cancellation.onCancel((reason) => {
            ended.push(name);
            reject(reason);
          });
        }),
    );
  const canceled = start("canceled");
  canceled.cancel();
  start("dropped")[Symbol.dispose]();
  start("left");
  expect(ended).toEqual(["canceled", "dropped"]);
  calls[Symbol.dispose]();
  expect(ended).toEqual(["canceled", "dropped", "left"]);
  await Promise.resolve();
  expect(canceled.get()).toMatchObject({ tag: "err", val: { code: "CALL_CANCELED", kind: "Canceled" } });
});

test("a guest may have a thousand calls under way", async () => {
  const { calls } = started();
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = Array.from({ length: 1_000 }, () => calls.start(() => promise));
  const more = calls.start(() => "never");
  await Promise.resolve();
  expect(more.get()).toMatchObject({ tag: "err", val: { code: "POOL_FULL", kind: "RateLimited" } });
  resolve("done");
  for (const call of first) expect(await call.wait()).toBe("done");
  const again = calls.start(() => "again");
  expect(await again.wait()).toBe("again");
});
