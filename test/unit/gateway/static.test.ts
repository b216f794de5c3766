import { symlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    `
  - { name: files, kind: fs.directory, directory: public }
  - { name: assets, kind: http.static, meta: { server: server }, path: /assets, fs: files, static_options: { cache: "max-age=60" } }
  - { name: page, kind: http.static, meta: { server: server }, path: /, fs: files, static_options: { spa: true } }
` +
      router() +
      endpoint("GET", "/api/hello", "return 1"),
    {
      files: {
        "public/index.html": "<h1>page</h1>",
        "public/a.txt": "0123456789",
        "public/with space.txt": "space",
        "public/deep/index.html": "deep",
        "public/.secret": "secret",
        "secret.txt": "outside",
      },
    },
  );
  symlinkSync(join(app.folder, "secret.txt"), join(app.folder, "public/link.txt"));
});
afterAll(async () => await app[Symbol.asyncDispose]());

/** Asks for a path as it stands: `fetch` would put it in order first. */
async function raw(path: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  request({ port: app.port, host: "127.0.0.1", path }, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
  })
    .on("error", reject)
    .end();
  return await promise;
}

test("files are sent with their type, folders as their index, endpoints before both", async () => {
  const file = await app.fetch("/assets/a.txt");
  expect([file.status, file.headers.get("content-type"), file.headers.get("cache-control")]).toEqual([
    200,
    "text/plain; charset=utf-8",
    "max-age=60",
  ]);
  expect(await file.text()).toBe("0123456789");
  expect(await (await app.fetch("/assets/with%20space.txt")).text()).toBe("space");
  expect(await (await app.fetch("/assets/deep/")).text()).toBe("deep");
  expect(await (await app.fetch("/api/hello")).text()).toBe("1");
  expect((await app.fetch("/assets/a.txt", { method: "HEAD" })).headers.get("content-length")).toBe("10");
});

test("parts of a file, and a file that did not change", async () => {
  const part = await app.fetch("/assets/a.txt", { headers: { range: "bytes=2-4" } });
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "234", "bytes 2-4/10"]);
  const beyond = await app.fetch("/assets/a.txt", { headers: { range: "bytes=20-" } });
  expect(beyond.status).toBe(416);
  for (const range of ["bytes=0-1,3-4", "lines=1"]) {
    const whole = await app.fetch("/assets/a.txt", { headers: { range } });
    expect([whole.status, await whole.text(), whole.headers.get("content-range")]).toEqual([200, "0123456789", null]);
  }
  const modified = (await app.fetch("/assets/a.txt")).headers.get("last-modified") ?? "";
  expect((await app.fetch("/assets/a.txt", { headers: { "if-modified-since": modified } })).status).toBe(304);
});

test("a page that routes by itself gets its index; what is missing is missing", async () => {
  expect(await (await app.fetch("/some/route")).text()).toBe("<h1>page</h1>");
  expect((await app.fetch("/missing.js")).status).toBe(404);
  expect((await app.fetch("/assets/missing")).status).toBe(404);
});

test.each([
  "/assets/../../secret.txt",
  "/assets/%2e%2e/%2e%2e/secret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/assets/..%5c..%5csecret.txt",
  "/assets//../../secret.txt",
  "/assets/a.txt%00.html",
  "/assets/link.txt",
  "/assets/.secret",
  "/assets/%2esecret",
  "/assets/%ff",
])("%s does not lead out", async (path) => {
  const { status, body } = await raw(path);
  expect(body).not.toContain("outside");
  expect(body).not.toContain("secret");
  expect([400, 404]).toContain(status);
});
