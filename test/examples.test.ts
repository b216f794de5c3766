import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs the CLI as a reader of an example would. */
function weft(words: readonly string[], input = ""): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("node", ["src/cli/weft.js", ...words], {
    cwd: root,
    input,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

/** Runs an app that serves, as a reader would, until it is told to stop; `stop` gives its exit code. */
async function serving(words: readonly string[]): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const server = spawn("node", ["src/cli/weft.js", "run", "--log-format", "json", ...words], { cwd: root });
  const closed = new Promise((resolve) => server.once("close", resolve));
  const url = await new Promise<string>((resolve) => {
    let told = "";
    server.stderr.on("data", (part) => {
      told += String(part);
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(told) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    url,
    stop() {
      server.kill("SIGTERM");
      return closed;
    },
  };
}

const apps = ["arithmetic", "user-pipeline", "linked-users", "order-desk", "word-tool", "tally", "tenants"];

test.each(["registry", ...apps.map((app) => `examples/${app}`)])("%s has no mistakes, and its tests pass", (app) => {
  const directory = app === "registry" ? "." : app;
  expect(weft(["check", "--app", directory])).toMatchObject({ status: 0 });
  expect(weft(["test", "--app", directory])).toMatchObject({ status: 0 });
});

test("the embedded app shows one call of every sort", () => {
  const { status, stdout } = weft(["run"]);
  expect(status).toBe(0);
  for (const expected of ["tour:answer", "42", "shuttle", "display-name", "division by zero"]) {
    expect(stdout).toContain(expected);
  }
});

test("arithmetic: functions of a file and of the YAML, and the Lua on top", () => {
  const app = ["--app", "examples/arithmetic"];
  expect(weft(["call", "math:gcd", "21", "42", ...app]).stdout).toBe("21\n");
  expect(JSON.parse(weft(["call", "math:reduce", '{"num": 21, "den": 42}', "--json", ...app]).stdout)).toEqual({
    num: 1,
    den: 2,
  });
});

test("word-tool: words, stdin, a mounted file and the exit code are the program's", () => {
  const app = ["--app", "examples/word-tool"];
  expect(weft(["run", "list", ...app]).stdout).toContain("words");
  expect(weft(["run", "words", ...app, "echo", "hello", "from", "rust"]).stdout).toContain("hello from rust");
  expect(weft(["run", "words", ...app, "upper"], "quiet\n").stdout).toBe("QUIET\n");
  expect(weft(["run", "words", ...app, "cat", "/data/note.txt"]).stdout).toContain("may read");
  expect(weft(["run", "words", ...app, "exit", "7"]).status).toBe(7);
});

test("order-desk: an application in Wippy's format, with its command", () => {
  const app = ["--app", "examples/order-desk"];
  expect(weft(["run", "list", ...app]).stdout).toContain("Print what was paid");
  expect(weft(["run", "ledger", ...app])).toMatchObject({ status: 0, stdout: "paid\t0\tEUR\t0\n" });
});

test("http-api: notes, sums, events and a page, until it is told to stop", async () => {
  const app = ["--app", "examples/http-api"];
  const addr = ["-o", "notes:server:addr=127.0.0.1:0"];
  expect(weft(["check", ...app])).toMatchObject({ status: 0 });
  expect(weft(["test", ...app, ...addr])).toMatchObject({ status: 0 });
  const { url, stop } = await serving([...app, ...addr]);
  const ask = async (path: string, init?: RequestInit): Promise<string> => await (await fetch(url + path, init)).text();
  const added = await fetch(`${url}/api/notes`, { method: "POST", body: '{"text":"buy milk"}' });
  expect(added.status).toBe(201);
  expect(JSON.parse(await ask("/api/notes"))).toMatchObject([{ text: "buy milk" }]);
  expect(await ask(added.headers.get("location") ?? "")).toContain("buy milk");
  expect((await fetch(`${url}/api/notes`, { method: "POST", body: "[]" })).status).toBe(422);
  expect((await fetch(`${url}/api/notes/none`)).status).toBe(404);
  expect(await ask("/api/sum/20/22")).toBe('{"sum":42}');
  expect(await ask("/api/ticks")).toContain('event: tick\ndata: {"number":3}\n\n');
  expect(await ask("/")).toContain("<h1>Notes</h1>");
  expect((await fetch(`${url}/notes.js`)).headers.get("content-type")).toContain("javascript");
  expect(await stop()).toBe(0);
});

test("chat: who is in the room hears who comes, who says what, and who leaves", async () => {
  const app = ["--app", "examples/chat"];
  expect(weft(["check", ...app])).toMatchObject({ status: 0 });
  const { url, stop } = await serving([...app, "-o", "chat:server:addr=127.0.0.1:0"]);
  const heard: string[] = [];
  const join = async (name: string): Promise<WebSocket> => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/room/?name=${encodeURIComponent(name)}`);
    socket.on("message", (data: Buffer) => heard.push(`${name}: ${data.toString()}`));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return socket;
  };
  const until = async (line: string): Promise<void> => {
    while (!heard.includes(line)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  // The service runs before its process has taken its name: until then a relay to it is refused.
  const early = async (name: string): Promise<WebSocket> => await join(name).catch(() => early(name));
  const ann = await early("Ann");
  await until('Ann: {"topic":"joined","data":{"name":"Ann"}}');
  const joe = await join("Jörg");
  await until('Ann: {"topic":"joined","data":{"name":"Jörg"}}');
  joe.send("good day");
  await until('Ann: {"topic":"said","data":{"name":"Jörg","text":"good day"}}');
  await until('Jörg: {"topic":"said","data":{"name":"Jörg","text":"good day"}}');
  joe.close();
  await until('Ann: {"topic":"left","data":{"name":"Jörg"}}');
  expect((await fetch(`${url}/room/`)).status).toBe(400);
  expect(await (await fetch(`${url}/chat.js`)).text()).toContain("/room/");
  const closed = new Promise((resolve) => ann.on("close", resolve));
  expect(await stop()).toBe(0);
  expect(await closed).toBe(1001);
});

test("tally: a service counts, breaks, and counts again", () => {
  const { status, stdout } = weft(["run", "--app", "examples/tally"]);
  expect(status).toBe(0);
  expect(stdout).toBe("a: 2\nchuck: 2\nwood: 2\nit breaks: Internal\nit counts again: 5 words\nrestarts: 1\n");
});

test("tenants: with a token a tenant reaches what is its own, and nothing else", () => {
  const app = ["--app", "examples/tenants", "--json"];
  const told = weft(["call", "gate:walk", "red", "blue", ...app]);
  const outcomes: unknown = JSON.parse(told.stdout);
  expect(new Set(Object.values(z.record(z.string(), z.string()).parse(outcomes)))).toEqual(
    new Set(["PermissionDenied"]),
  );
  expect(Object.keys(z.record(z.string(), z.string()).parse(outcomes)).length).toBeGreaterThan(30);
  expect(told.stderr).toMatch(/denied .*action=funcs.call .*resource=blue:secret .*actor=red:user/);
  const own = z
    .record(z.string(), z.string())
    .parse(JSON.parse(weft(["call", "gate:walk", "red", "red", ...app]).stdout));
  expect(new Set(Object.values(own))).toEqual(new Set(["reached"]));
});

test("embed: a TypeScript program calls entries and meets their errors", () => {
  const { status, stdout } = spawnSync("node", ["examples/embed/main.ts"], { cwd: root, encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout).toContain("display-name");
  expect(stdout).toContain("INVALID_ARGUMENT (Invalid)");
});
