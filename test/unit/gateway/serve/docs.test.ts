import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { served, shown } from "./support.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/serve.md"), "utf8");
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);

const files = Object.fromEntries(
  blocks("wat").map((text) => [/^;; file: (\S+)/.exec(text)?.[1] ?? "unnamed.wat", text] as const),
);

let app: Awaited<ReturnType<typeof served>>;
beforeAll(async () => (app = await served(files)));
afterAll(async () => await app[Symbol.asyncDispose]());

test("docs/serve.md has examples", () => {
  expect(blocks("http").length).toBeGreaterThan(3);
});

test.each(blocks("http"))("docs/serve.md is right about %s", async (text) => {
  const [request = "", answer = ""] = text.split("→ ");
  const [, path = "", body = ""] = /^POST (\S+)\n*(.*?)\s*$/s.exec(request) ?? [];
  const [, status, code, wanted = ""] = /^(\d+) ?(\S*)\n?(.*?)\s*$/s.exec(answer) ?? [];
  const [gotStatus, got] = await shown(await app.post(path, body));
  expect(gotStatus).toBe(Number(status));
  if (code !== "") expect(got).toMatchObject({ code });
  else expect(String(got)).toBe(wanted);
});
