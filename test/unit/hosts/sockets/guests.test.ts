import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createRuntime, type Runtime } from "../../../../src/index.ts";

const guest = join(import.meta.dirname, "../../../guests/rust/net/net.wasm");
const hash = createHash("sha256").update(readFileSync(guest)).digest("hex");
const path = mkdtempSync(join(tmpdir(), "weft-net-"));
const methods = ["tcp-ask", "tcp-bulk", "tcp-echo", "tcp-leave-open", "tcp-wait", "udp-ask", "udp-echo", "look-up"];
const grants = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:poll", "wasi:random"];
let runtime: Runtime;

interface GuestEntry {
  readonly imports?: readonly string[];
  readonly wasi?: object;
  readonly limits?: object;
  readonly engine?: string;
}

function entry(name: string, method: string, { imports = [...grants, "wasi:sockets"], ...more }: GuestEntry): string {
  const program = { fs: "guests", path: "net.wasm", hash: `sha256:${hash}` };
  return `  - ${JSON.stringify({ name, kind: "function.wasm", ...program, method, imports, ...more })}\n`;
}

describe.each(["direct", "jco"])("guests on Rust's sockets, by the engine %s", (engine) => {
  beforeAll(async () => {
    const app = join(path, engine);
    mkdirSync(join(app, "registry", "guests"), { recursive: true });
    copyFileSync(guest, join(app, "registry", "guests", "net.wasm"));
    const entries = [
      ...methods.map((method) => entry(method, method, { engine })),
      entry("ungranted", "tcp-ask", { imports: grants }),
      entry("confined", "tcp-ask", { wasi: { network: { allow: ["127.0.0.2"] } } }),
      entry("nameless", "look-up", { wasi: { network: { allow: ["127.0.0.2"] } } }),
      entry("brief", "tcp-wait", { limits: { max_execution_ms: 300 } }),
    ];
    const folder = "  - { name: guests, kind: fs.directory, directory: registry/guests }\n";
    writeFileSync(join(app, "registry", "_index.yaml"), `namespace: a\nentries:\n${folder}${entries.join("")}`);
    runtime = await createRuntime({ app, isolates: 1 });
    expect(runtime.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
  });

  const wait = { timeout: 30_000 };

  test("two of them talk by TCP, one after the other and at once", wait, async () => {
    using board = await announcements();
    const server = runtime.call("a:tcp-echo", board.address, 3);
    const address = await board.next();
    expect(await runtime.call("a:tcp-ask", address, "hello")).toEqual({ ok: "hello" });
    const asked = ["one", "zwei ö"].map((word) => runtime.call("a:tcp-ask", address, word));
    expect(await Promise.all(asked)).toEqual([{ ok: "one" }, { ok: "zwei ö" }]);
    expect(await server).toEqual({ ok: 15 });
  });

  test("one carries more than any buffer holds, both ways at once", wait, async () => {
    using board = await announcements();
    const server = runtime.call("a:tcp-echo", board.address, 1);
    const size = 3_000_000;
    const sent = runtime.call("a:tcp-bulk", await board.next(), size);
    expect(await sent).toEqual({ ok: size });
    expect(await server).toEqual({ ok: size });
  });

  test("two of them talk by UDP", wait, async () => {
    using board = await announcements();
    const server = runtime.call("a:udp-echo", board.address, 2);
    const address = await board.next();
    expect(await runtime.call("a:udp-ask", address, "ping")).toEqual({ ok: ["ping", address] });
    expect(await runtime.call("a:udp-ask", address, "")).toEqual({ ok: ["", address] });
    expect(await server).toEqual({ ok: true });
  });

  test("one hears why it cannot connect", wait, async () => {
    const gone = await announcements();
    gone[Symbol.dispose]();
    const refused = { err: expect.stringContaining("ConnectionRefused") };
    expect(await runtime.call("a:tcp-ask", gone.address, "x")).toEqual(refused);
  });

  test("one looks names up", wait, async () => {
    const found = z.object({ ok: z.array(z.string()) }).parse(await runtime.call("a:look-up", "localhost"));
    expect(["127.0.0.1", "::1"]).toContain(found.ok[0]);
    expect(await runtime.call("a:look-up", "does-not-exist.invalid")).toEqual({ err: expect.any(String) });
  });

  test("what one leaves open is closed when its call ends", wait, async () => {
    const { ok: port } = z.object({ ok: z.number() }).parse(await runtime.call("a:tcp-leave-open"));
    expect(await outcomeAt(port)).toBe("ECONNREFUSED");
  });

  test("one that waits for ever is ended by its limit, and holds nothing then", wait, async () => {
    using board = await announcements();
    const waiting = runtime.call("a:brief", board.address);
    const address = board.next();
    await expect(waiting).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    expect(await outcomeAt(Number((await address).split(":")[1]))).toBe("ECONNREFUSED");
  });

  test("one without the grant, or whose entry allows other addresses, gets nowhere", wait, async () => {
    using board = await announcements();
    await expect(runtime.call("a:ungranted", board.address, "x")).rejects.toMatchObject({
      code: "IMPORT_DENIED",
      message: expect.stringContaining('add "wasi:sockets" to its imports'),
    });
    const denied = { err: expect.stringContaining("PermissionDenied") };
    expect(await runtime.call("a:confined", board.address, "x")).toEqual(denied);
    expect(await runtime.call("a:nameless", "localhost")).toEqual({ err: expect.any(String) });
  });
});

afterAll(() => rmSync(path, { recursive: true, force: true }));

/** A TCP server to which guests tell their addresses. */
async function announcements(): Promise<{ address: string; next(): Promise<string> } & Disposable> {
  const told: string[] = [];
  let wake = (): void => {};
  const server: Server = createServer((socket) => {
    socket.on("data", (data) => {
      told.push(data.toString().trim());
      wake();
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const local = server.address();
  const port = typeof local === "object" && local !== null ? local.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    async next() {
      for (;;) {
        const first = told.shift();
        if (first !== undefined) return first;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    [Symbol.dispose]: () => void server.close(),
  };
}

/** How connecting from outside ends. */
function outcomeAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
  });
}
