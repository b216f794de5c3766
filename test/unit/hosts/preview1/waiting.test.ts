import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { inspectCore } from "../../../../src/engine/wasm/inspect/core.ts";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { bindPreview1 } from "../../../../src/hosts/preview1.ts";
import { folder } from "../support/folder.ts";
import { instance, recordedStdio } from "../support/instance.ts";
import { Preview1Guest, resultAt } from "../support/preview1.seam.ts";
import { dataAt, mountFd, readRight, started } from "../support/started-preview1.ts";

// Error numbers of preview 1.
const [success, badf, fault, inval, isdir] = [0, 8, 21, 28, 31];

describe("poll_oneoff", () => {
  function subscribeClock(guest: Preview1Guest, at: number, userdata: bigint, timeout: bigint, id = 1): void {
    guest.bytes(at, 48).fill(0);
    guest.view.setBigUint64(at, userdata, true);
    guest.view.setUint32(at + 16, id, true);
    guest.view.setBigUint64(at + 24, timeout, true);
  }

  function subscribeFd(guest: Preview1Guest, at: number, userdata: bigint, type: number, fd: number): void {
    guest.bytes(at, 48).fill(0);
    guest.view.setBigUint64(at, userdata, true);
    guest.view.setUint8(at + 8, type);
    guest.view.setUint32(at + 16, fd, true);
  }

  function events(guest: Preview1Guest): { userdata: bigint; errno: number; type: number }[] {
    return Array.from({ length: guest.u32() }, (_, index) => {
      const at = dataAt + index * 32;
      return {
        userdata: guest.u64(at),
        errno: guest.view.getUint16(at + 8, true),
        type: guest.bytes(at + 10, 1)[0] ?? -1,
      };
    });
  }

  test("wakes for the first of several timers", async () => {
    const { guest } = await started();
    subscribeClock(guest, 0, 1n, 60_000_000_000n);
    subscribeClock(guest, 48, 2n, 2_000_000n);
    expect(await guest.wait("poll_oneoff", 0, dataAt, 2, resultAt)).toBe(success);
    expect(events(guest)).toEqual([{ userdata: 2n, errno: success, type: 0 }]);
  });

  test("wakes for input that comes before the timer", async () => {
    const { guest, read } = await started({}, { stdio: recordedStdio(["typed"]).stdio });
    subscribeClock(guest, 0, 1n, 60_000_000_000n);
    subscribeFd(guest, 48, 2n, 1, 0);
    expect(await guest.wait("poll_oneoff", 0, dataAt, 2, resultAt)).toBe(success);
    expect(events(guest)).toEqual([{ userdata: 2n, errno: success, type: 1 }]);
    expect(await read(0)).toBe("typed");
  });

  test("answers at once for what is ready or wrong", async () => {
    const { guest, open } = await started({ a: "" });
    subscribeFd(guest, 0, 1n, 1, open("a"));
    subscribeFd(guest, 48, 2n, 2, 1);
    subscribeFd(guest, 96, 3n, 1, 99);
    subscribeClock(guest, 144, 4n, 0n, 9);
    subscribeClock(guest, 192, 5n, 60_000_000_000n);
    await guest.wait("poll_oneoff", 0, dataAt, 5, resultAt);
    expect(events(guest).map(({ userdata, errno }) => [userdata, errno])).toEqual([
      [1n, success],
      [2n, success],
      [3n, badf],
      [4n, inval],
    ]);
  });

  test("refuses nothing to wait for, and subscriptions outside of memory", async () => {
    const { guest } = await started();
    expect(await guest.wait("poll_oneoff", 0, dataAt, 0, resultAt)).toBe(inval);
    expect(await guest.wait("poll_oneoff", 131_000, dataAt, 10, resultAt)).toBe(fault);
    expect(await guest.wait("poll_oneoff", 0, dataAt, -1, resultAt)).toBe(fault);
  });

  test("ends with the reason when the call is over", async () => {
    const cancellation = new Cancellation();
    const { guest } = await started({}, { call: rootContext({ root: 1, cancellation }) });
    subscribeClock(guest, 0, 1n, 60_000_000_000n);
    const waiting = guest.wait("poll_oneoff", 0, dataAt, 1, resultAt);
    const reason = canceled();
    cancellation.cancel(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe("a module", () => {
  test("suspends only if it imports something that may wait, and there is something to wait for", async () => {
    const { stdio } = recordedStdio();
    const suspends = async (names: readonly string[], given: Partial<InstanceContext> = {}) =>
      (await Preview1Guest.start(instance(given), names)).suspending;
    expect(await suspends(["fd_write", "proc_exit", "clock_time_get"], { stdio })).toBe(false);
    expect(await suspends(["fd_read"])).toBe(false);
    expect(await suspends(["fd_read"], { stdio })).toBe(true);
    expect(await suspends(["poll_oneoff"])).toBe(true);
  });

  test("that does not suspend is called plainly", async () => {
    const { path } = folder({ a: "" });
    const names = ["fd_read", "fd_close", "fd_prestat_get"];
    const guest = await Preview1Guest.start(instance({ mounts: [{ guest: "/", path, readOnly: true }] }), names);
    expect(guest.call("fd_read", 0, ...guest.vector(dataAt, 5), resultAt)).toBe(success);
    expect(guest.call("fd_read", mountFd, ...guest.vector(dataAt, 5), resultAt)).toBe(isdir);
  });

  test("is given nothing for what preview 1 does not have, or has with another type", async () => {
    const text = `(module
      (import "wasi_snapshot_preview1" "fd_dance" (func (result i32)))
      (import "wasi_snapshot_preview1" "fd_sync" (func (param i64) (result i32)))
      (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result f64)))
      (import "wasi_snapshot_preview1" "proc_exit" (func (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_datasync" (func (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_tell" (memory 1))
      (import "wasi_unstable" "fd_sync" (func (param i32) (result i32)))
      (import "env" "fd_read" (func (result i32))))`;
    using bound = bindPreview1(instance(), inspectCore(await assemble(text, "odd.wat")).imports);
    const names = Object.entries(bound.imports).map(([module, functions]) => [module, Object.keys(functions)]);
    expect(names).toEqual([
      ["wasi_snapshot_preview1", ["fd_datasync"]],
      ["wasi_unstable", ["fd_sync"]],
    ]);
  });

  test("leaves no file open when its instance ends", async () => {
    const openFiles = () => readdirSync("/proc/self/fd").length;
    const { path } = folder({ a: "" });
    const before = openFiles();
    {
      using guest = await Preview1Guest.start(instance({ mounts: [{ guest: "/", path, readOnly: false }] }));
      guest.call("path_open", mountFd, 0, ...guest.put("a"), 0, readRight, 0n, 0, resultAt);
      expect(openFiles()).toBe(before + 2);
    }
    expect(openFiles()).toBe(before);
  });
});
