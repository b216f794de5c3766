import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { endpoint, indexOf, router, serveApp } from "./support/app.ts";

const get = (path: string, body: string): string => endpoint("GET", path, body);

test("routes change while the app runs: on the same socket, and requests in flight end as they began", async () => {
  await using app = await serveApp(
    router() + get("/slow", `require("time").sleep("300ms") return "old"`) + get("/gone", "return 1"),
  );
  const inFlight = app.fetch("/slow");
  while (app.runtime.loads.every((load) => load === 0)) await sleep(2);
  expect((await app.fetch("/new")).status).toBe(404);
  writeFileSync(
    join(app.folder, "registry/_index.yaml"),
    indexOf(router() + get("/slow", `return "new"`) + get("/new", `return "here"`)),
  );
  await app.runtime.registry.reload();
  expect(await (await app.fetch("/new")).json()).toBe("here");
  expect((await app.fetch("/gone")).status).toBe(404);
  expect(await (await app.fetch("/slow")).json()).toBe("new");
  expect(await (await inFlight).json()).toBe("old");
});

test("a router that changes takes its endpoints along, and a server that changes is opened again", async () => {
  await using app = await serveApp(router() + get("/a", "return 1"));
  writeFileSync(
    join(app.folder, "registry/_index.yaml"),
    indexOf(router().replace("prefix: /", "prefix: /v2") + get("/a", "return 2")),
  );
  await app.runtime.registry.reload();
  expect((await app.fetch("/a")).status).toBe(404);
  expect(await (await app.fetch("/v2/a")).json()).toBe(2);
});

test("the root of a router is reached with and without a slash at its end", async () => {
  await using app = await serveApp(router().replace("prefix: /", "prefix: /v2") + get("/", "return 1"));
  for (const path of ["/v2", "/v2/"]) {
    expect(await (await app.fetch(path)).json()).toBe(1);
    expect((await app.fetch(path, { method: "POST" })).status).toBe(405);
    expect((await app.fetch(path, { method: "OPTIONS" })).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  }
  expect((await app.fetch("/")).status).toBe(404);
});

test("a change with a route that conflicts is refused, and everything stays", async () => {
  await using app = await serveApp(router() + get("/a", "return 1"));
  const more = router() + get("/a", "return 2") + endpoint("GET", "/a", "return 3", "other");
  writeFileSync(join(app.folder, "registry/_index.yaml"), indexOf(more));
  await expect(app.runtime.registry.reload()).rejects.toMatchObject({
    code: "CHANGESET_REJECTED",
    message: expect.stringContaining("api:eGET_a") as unknown,
  });
  expect(await (await app.fetch("/a")).json()).toBe(1);
});

test("an app that stops lets its requests end", async () => {
  const app = await serveApp(router() + get("/slow", `require("time").sleep("200ms") return "done"`));
  const answer = app.fetch("/slow").then(async (response) => await response.json());
  while (app.runtime.loads.every((load) => load === 0)) await sleep(2);
  await app[Symbol.asyncDispose]();
  expect(await answer).toBe("done");
  await expect(app.fetch("/slow")).rejects.toThrow("fetch failed");
});

test("an app that stops cuts off requests that do not end in the time that its server has", async () => {
  const app = await serveApp(router() + get("/slow", `require("time").sleep("1m")`), {
    service: "",
    stopTimeout: "50ms",
  });
  const answer = app.fetch("/slow");
  answer.catch(() => undefined);
  while (app.runtime.loads.every((load) => load === 0)) await sleep(2);
  await app[Symbol.asyncDispose]();
  await expect(answer).rejects.toThrow("fetch failed");
});

test("what is written goes when it is flushed, and the rest when it comes", async () => {
  const steps = `
res:set_transfer("chunked")
res:write("one")
require("time").sleep("100ms")
res:write("two")
res:write("three")`;
  await using app = await serveApp(router() + get("/steps", steps));
  const { body } = await app.fetch("/steps");
  if (body === null) throw new Error("no body");
  const parts: string[] = [];
  for await (const part of body.pipeThrough(new TextDecoderStream())) parts.push(part);
  expect(parts[0]).toBe("one");
  expect(parts.join("")).toBe("onetwothree");
});

test("a program that fails after it began to answer breaks the connection", async () => {
  await using app = await serveApp(router() + get("/half", `res:write("half") res:flush() error("it broke")`));
  const response = await app.fetch("/half");
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow("terminated");
});

test("many requests at once, over several isolates, get their own answers", async () => {
  await using app = await serveApp(
    router() + endpoint("POST", "/echo", `require("time").sleep("1ms") return req:body()`),
    {
      isolates: 2,
    },
  );
  const ask = async (body: string): Promise<unknown> =>
    await (await app.fetch("/echo", { method: "POST", body })).json();
  const bodies = Array.from({ length: 200 }, (_, i) => `${i}-`.repeat(i % 50 === 0 ? 50_000 : 10));
  expect(await Promise.all(bodies.map(ask))).toEqual(bodies);
});

test("a function in the calling thread answers as well", async () => {
  await using app = await serveApp(router() + get("/here", `res:write_json({ here = true })`), { isolates: 0 });
  expect(await (await app.fetch("/here")).json()).toEqual({ here: true });
});

test("a port that is taken keeps the app from starting", async () => {
  await using app = await serveApp(router() + get("/a", "return 1"));
  await expect(serveApp("", { addr: `127.0.0.1:${app.port}` })).rejects.toMatchObject({ code: "LISTEN_FAILED" });
});

test("a function that takes longer than it may is a 504", async () => {
  await using app = await serveApp(
    router() +
      endpoint("GET", "/late", `require("time").sleep("1m")`, "late").replace(
        "modules: [http",
        "limits: { max_execution_ms: 30 }\n    modules: [http",
      ),
  );
  const late = await app.fetch("/late");
  expect(late.status).toBe(504);
  expect(await late.text()).toContain("api:late_f");
});
