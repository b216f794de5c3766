import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

const digits = "0123456789".repeat(300);

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    "  - { name: files, kind: fs.directory, directory: files }" +
      router(`middleware: [compress, sendfile]\noptions: { sendfile.fs: files }`) +
      endpoint("GET", "/file", `res:set_header("X-Sendfile", req:query("path"))`) +
      endpoint("POST", "/file", `res:set_header("X-Sendfile", req:query("path"))`) +
      endpoint(
        "GET",
        "/named",
        `
res:set_header("X-Sendfile", "report.txt")
res:set_header("X-File-Name", 'a "b" grüße.txt')
res:set_content_type("application/x-report")
res:set_header("Cache-Control", "private")
res:add_header("Set-Cookie", "a=1")
res:add_header("Set-Cookie", "b=2")
res:write("not this")`,
      ) +
      endpoint("GET", "/gone", `res:set_status(410) res:set_header("X-Sendfile", "report.txt")`) +
      endpoint("GET", "/plain", `return "plain"`),
    {
      files: {
        "files/report.txt": digits,
        "files/deep/a.txt": "deep",
        "files/.secret": "secret",
        "outside.txt": "out",
      },
    },
  );
  symlinkSync(join(app.folder, "outside.txt"), join(app.folder, "files/link.txt"));
});
afterAll(async () => await app[Symbol.asyncDispose]());

const plain = { "accept-encoding": "identity" };

test("a response that names a file is the file, whatever the method", async () => {
  for (const method of ["GET", "POST"]) {
    const response = await app.fetch("/file?path=report.txt", { method, headers: plain });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    expect(response.headers.get("x-sendfile")).toBeNull();
    expect(response.headers.get("content-length")).toBe("3000");
    expect(await response.text()).toBe(digits);
  }
  expect(await (await app.fetch("/file?path=/deep/a.txt")).text()).toBe("deep");
  const head = await app.fetch("/file?path=report.txt", { method: "HEAD", headers: plain });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "3000"]);
});

test("what the program says of the file holds: type, name, cache, cookies", async () => {
  const { headers, body } = await app.fetch("/named", { headers: plain });
  await body?.cancel();
  expect(headers.get("content-type")).toBe("application/x-report");
  expect(headers.get("cache-control")).toBe("private");
  expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(headers.get("content-disposition")).toBe(
    `attachment; filename="a _b_ gr__e.txt"; filename*=UTF-8''a%20%22b%22%20gr%C3%BC%C3%9Fe.txt`,
  );
  expect(headers.get("x-file-name")).toBeNull();
});

test("ranges are those of http.static, and are not compressed; the whole is", async () => {
  const ask = async (headers: Record<string, string>): Promise<Response> =>
    await app.fetch("/file?path=report.txt", { headers });
  const part = await ask({ range: "bytes=2-2004", "accept-encoding": "gzip" });
  expect([part.status, part.headers.get("content-encoding"), part.headers.get("content-range")]).toEqual([
    206,
    null,
    "bytes 2-2004/3000",
  ]);
  expect(await part.text()).toBe(digits.slice(2, 2005));
  const whole = await ask({ "accept-encoding": "gzip" });
  expect([whole.status, whole.headers.get("content-encoding"), await whole.text()]).toEqual([200, "gzip", digits]);
  expect((await ask({ range: "bytes=3000-" })).status).toBe(416);
  const modified = whole.headers.get("last-modified") ?? "";
  expect((await ask({ "if-modified-since": modified })).status).toBe(304);
  expect((await ask({ range: "bytes=0-1", "if-range": modified })).status).toBe(206);
  expect((await ask({ range: "bytes=0-1", "if-range": new Date(0).toUTCString() })).status).toBe(200);
});

test("a page of an error keeps its status and is whole", async () => {
  const response = await app.fetch("/gone", { headers: { range: "bytes=0-1", ...plain } });
  expect([response.status, await response.text()]).toEqual([410, digits]);
});

test.each(["missing", "../outside.txt", "link.txt", ".secret", "deep", "", "/", "a%00b", "..%2foutside.txt"])(
  "%j is no file to send",
  async (path) => {
    const response = await app.fetch(`/file?path=${encodeURIComponent(path)}`);
    expect([response.status, await response.text()]).toEqual([404, "404 file not found\n"]);
  },
);

test("other responses pass", async () => {
  expect(await (await app.fetch("/plain")).json()).toBe("plain");
});

test("without a filesystem the app says so where it is written", async () => {
  await expect(serveApp(router(`middleware: [sendfile]`))).rejects.toThrow(/sendfile\.fs/);
});
