import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../../../src/core/log.ts";
import { serverSettings } from "../../../../src/gateway/settings.ts";
import { serveFolder, type ServedFolder } from "../../../../src/gateway/serve/server.ts";
import { Folder, settings, shown } from "./support.ts";

const folder = new Folder({
  "web.wasm": "guest:rust/web/web.wasm",
  "deep/er/web two.wasm": "guest:rust/web/web.wasm",
  "add.wat": `(module (func (export "add") (result i32) (i32.const 1)))`,
});
let served: ServedFolder;
beforeAll(async () => {
  served = await serveFolder({
    directory: folder.path,
    server: serverSettings({ host: "127.0.0.1", port: 0 }, { limits: { bodyBytes: 500_000 } }),
    modules: settings({ limits: { executionMs: 1_000, memoryBytes: 16 << 20 } }),
    isolates: 1,
    log: silentLog,
  });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const ask = async (path: string, init?: RequestInit): Promise<Response> => await fetch(`${served.url}${path}`, init);

test("a component that exports wasi:http/incoming-handler answers what comes below its path", async () => {
  for (const file of ["web.wasm", "web", "deep/er/web%20two.wasm", "deep/er/web%20two", "deep%2Fer/web%20two.wasm"]) {
    const response = await ask(`/handle/${file}/web/hello`);
    expect([file, response.status, await response.text()]).toEqual([file, 200, "hello from Rust\n"]);
  }
});

test("it sees what follows its file as path and query, and the method", async () => {
  const seen = async (path: string): Promise<readonly string[]> =>
    (await (await ask(path, { method: "PATCH" })).text()).split("\n").slice(0, 2);
  expect(await seen("/handle/web.wasm/web/head?a=%20b&c")).toEqual([`Method::Patch`, "/web/head?a=%20b&c"]);
  for (const path of ["/handle/web.wasm", "/handle/web.wasm/", "/handle/web.wasm?x=1", "/handle/web.wasm/%2e%2e%2fadd"])
    expect(await shown(await ask(path))).toEqual([404, "nothing here\n"]);
});

test("a body streams through it, and one beyond the limit is 413", async () => {
  const body = "x".repeat(400_000);
  const response = await ask("/handle/web.wasm/web/echo", { method: "POST", body });
  expect([response.status, await response.text()]).toEqual([200, body]);
  const tooMuch = await ask("/handle/web.wasm/web/count", { method: "POST", body: body + body });
  expect(await shown(tooMuch)).toEqual([413, expect.objectContaining({ code: "BODY_TOO_LARGE" })]);
});

test.each([
  ["web.wasm/web/trap", 500, "TRAP_UNREACHABLE"],
  ["web.wasm/web/spin", 504, "CALL_TIMEOUT"],
  ["nope.wasm/x", 404, "ENTRY_NOT_FOUND"],
  ["", 404, "ENTRY_NOT_FOUND"],
  ["..%2f..%2fetc%2fpasswd", 404, "ENTRY_NOT_FOUND"],
  ["%ff/x", 404, "ENTRY_NOT_FOUND"],
  ["add.wat/x", 404, "METHOD_NOT_FOUND"],
])("%s is %s, %s", async (path, status, code) => {
  expect(await shown(await ask(`/handle/${path}`))).toEqual([status, expect.objectContaining({ code })]);
});

test("the door itself has no file", async () => {
  const detail = "there is no file ";
  expect(await shown(await ask("/handle"))).toEqual([404, expect.objectContaining({ detail })]);
});

test("neither of the other doors leads to it, and both say which does", async () => {
  for (const path of ["/call/web/handle", "/execute/web.wasm"]) {
    const detail = expect.stringContaining("send them to /handle/web.wasm/");
    expect(await shown(await ask(path, { method: "POST" }))).toEqual([404, expect.objectContaining({ detail })]);
  }
});

test("the list and the document have it", async () => {
  expect(await (await ask("/functions")).json()).toMatchObject({
    modules: [
      { file: "add.wat" },
      { functions: [{ style: "requests", handle: "/handle/deep/er/web%20two.wasm/" }] },
      { functions: [{ style: "requests", handle: "/handle/web.wasm/" }] },
    ],
  });
  expect(await (await ask("/openapi.json")).json()).toMatchObject({
    paths: { "/handle/web.wasm/{rest}": { get: { operationId: "get web.wasm" }, post: {} } },
  });
});
