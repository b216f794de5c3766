import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { generatedPages } from "../scripts/pages.ts";
import { checkLua } from "../src/engine/lua/check.ts";
import { kinds } from "../src/kinds/index.ts";
import { loadRegistry } from "../src/registry/load.ts";
import { indexSchema } from "../src/registry/schema.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = globSync(["*.md", "docs/**/*.md", "examples/**/*.md", "src/**/*.md", "test/guests/*.md"], {
  cwd: root,
}).toSorted();

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language = "", body = ""], index, all) => ({
    page,
    language,
    text: body,
    line: text.slice(0, all[index]?.index ?? 0).split("\n").length,
  }));
});

function blocksOf(language: string): (readonly [string, Block])[] {
  return blocks.filter((block) => block.language === language).map((block) => [`${block.page}:${block.line}`, block]);
}

test("there are pages and examples to check", () => {
  expect(pages.length).toBeGreaterThan(20);
  expect(blocksOf("yaml").length).toBeGreaterThan(1);
  expect(blocksOf("lua").length).toBeGreaterThan(1);
});

test.each(Object.entries(generatedPages()))("%s is what `npm run docs` writes", (path, text) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(text);
});

test("the shipped schema is what `weft schema` prints, and every shipped index names it", () => {
  const schema: unknown = JSON.parse(readFileSync(join(root, "registry/index.schema.json"), "utf8"));
  expect(schema).toEqual(JSON.parse(JSON.stringify(indexSchema(kinds))));
  for (const index of globSync(["registry/**/_index.yaml", "examples/**/_index.yaml"], { cwd: root })) {
    const named = /^# yaml-language-server: \$schema=(.+)$/m.exec(readFileSync(join(root, index), "utf8"))?.[1];
    expect(named, index).toBeDefined();
    expect(existsSync(join(root, dirname(index), named ?? "")), index).toBe(true);
  }
});

test.each(pages)("links of %s lead somewhere", (page) => {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/^```.*?^```/gms, "");
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
  const dead = links.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(page), target)));
  expect(dead).toEqual([]);
});

describe("fenced examples", () => {
  test.each(blocksOf("lua"))("Lua at %s parses", (place, { text }) => {
    const program = {
      type: "lua",
      name: place,
      source: text,
      file: place,
      firstLine: 1,
      method: undefined,
      modules: [],
      imports: {},
    } as const;
    expect(checkLua(program).filter(({ message }) => !message.includes("require"))).toEqual([]);
  });

  test.each(blocksOf("yaml").filter(([, { text }]) => /^namespace:/m.test(text)))(
    "the registry at %s has the right fields",
    async (_place, { text }) => {
      const app = mkdtempSync(join(tmpdir(), "weft-docs-"));
      try {
        mkdirSync(join(app, "modules"));
        writeFileSync(join(app, "_index.yaml"), text);
        // What an example leaves out is there, but empty.
        for (const [, name = ""] of text.matchAll(/file:\/\/(\S+)/g)) writeFileSync(join(app, name), "return {}");
        const registry = await loadRegistry({ root: app, source: app, kinds, compat: "weft" });
        expect(registry.diagnostics).toEqual([]);
        expect(registry.entries.length).toBeGreaterThan(0);
      } finally {
        rmSync(app, { recursive: true, force: true });
      }
    },
  );
});
