import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";

/** Folders from the top of the house to its ground: a file imports its own folder and those further down. */
const layers = [
  "cli",
  "boot",
  "kinds",
  "gateway",
  "cluster",
  "runtime",
  "registry",
  "hosts",
  "engine",
  "wit",
  "core",
] as const;

/** Files that may be longer than `maxFileLines`, and functions longer than `maxFunctionLines`, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {
  "engine/lua/vm/interpreter.seam.ts":
    "the interpreter's loop: one case an instruction, kept together so that V8 compiles it as one",
};
const longFunctions: Readonly<Record<string, string>> = {
  "engine/lua/state/fengari.seam.ts": "one object literal: the whole C API that the rest uses, a line each",
  "engine/lua/vm/interpreter.seam.ts": "the interpreter's loop",
};
const maxFileLines = 400;
const maxFunctionLines = 80;
const maxReadmeLines = 40;

/** What an isolate's thread must not load: it starts in milliseconds because it is light. */
const heavy = ["zod", "yaml", "ajv", "commander", "hono", "pino", "wabt", "piscina", "@bytecodealliance/"];

const src = fileURLToPath(new URL("../src/", import.meta.url));

interface Import {
  readonly specifier: string;
  /** Types only, or only once somebody asks for it. */
  readonly when: "always" | "types" | "later";
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly casts: readonly number[];
  readonly functions: readonly { readonly line: number; readonly lines: number }[];
}

const files = new Map(
  readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .map((path) => [path, read(path)] as const),
);

function read(path: string): SourceFile {
  const text = readFileSync(join(src, path), "utf8");
  const { program, module } = parseSync(path, text);
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const casts: number[] = [];
  const functions: { line: number; lines: number }[] = [];
  const inner: Import[] = [];
  walk(program, (node) => {
    const line = lineOf(node.start);
    const [, specifier] = /^import\(\s*["']([^"']+)["']/.exec(text.slice(node.start, node.end)) ?? [];
    if (specifier !== undefined && node.type === "ImportExpression") inner.push({ specifier, when: "later" });
    if (specifier !== undefined && node.type === "TSImportType") inner.push({ specifier, when: "types" });
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) {
      functions.push({ line, lines: lineOf(node.end) - line + 1 });
    }
    const isConst = text.slice(node.start, node.end).endsWith("as const");
    if (node.type === "TSNonNullExpression" || (node.type === "TSAsExpression" && !isConst)) casts.push(line);
  });
  const imports: readonly Import[] = [
    ...inner,
    ...module.staticImports.map((item): Import => {
      const isTypes = item.entries.length > 0 && item.entries.every((entry) => entry.isType);
      return { specifier: item.moduleRequest.value, when: isTypes ? "types" : "always" };
    }),
    ...module.staticExports.flatMap((item) =>
      item.entries.flatMap((entry): Import[] =>
        entry.moduleRequest === undefined || entry.moduleRequest === null
          ? []
          : [{ specifier: entry.moduleRequest.value, when: entry.isType ? "types" : "always" }],
      ),
    ),
  ];
  return { path, text, imports, casts, functions };
}

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function isNode(value: object): value is SyntaxNode {
  return "type" in value && typeof value.type === "string" && "start" in value && "end" in value;
}

/** Visits every node of a syntax tree. */
function walk(value: unknown, visit: (node: SyntaxNode) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (isNode(value)) visit(value);
  for (const child of Object.values(value)) walk(child, visit);
}

function targetOf(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith(".") ? relative(src, resolve(src, dirname(file.path), specifier)) : undefined;
}

function layerOf(path: string): number {
  const top = path.split("/")[0] ?? "";
  return layers.findIndex((layer) => layer === top);
}

describe("the house", () => {
  test("a file imports only its own folder and folders further down", () => {
    const wrong = [...files.values()].flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        const target = targetOf(file, specifier);
        if (target === undefined || !file.path.includes("/")) return [];
        return layerOf(target) < layerOf(file.path) ? [`${file.path} imports ${target}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("every folder of the house is in the list", () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((item) => item.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => layerOf(name) < 0)).toEqual([]);
  });

  test("every import between files leads to a file, and later imports keep the order too", () => {
    const all = [...files.values()].flatMap((file) =>
      file.imports.map(({ specifier, when }) => ({ target: targetOf(file, specifier), when, from: file.path })),
    );
    const missing = all.filter(({ target }) => target?.endsWith(".ts") === true && !existsSync(join(src, target)));
    expect(missing).toEqual([]);
    expect(new Set(all.map(({ when }) => when))).toEqual(new Set(["always", "types", "later"]));
  });

  test("hosts import no sibling but io", () => {
    const wrong = [...files.values()].flatMap((file) => {
      const [top, host, rest] = file.path.split("/");
      if (top !== "hosts" || rest === undefined) return [];
      return file.imports.flatMap(({ specifier }) => {
        const [targetTop, sibling, inside] = (targetOf(file, specifier) ?? "").split("/");
        const isSibling = targetTop === "hosts" && inside !== undefined && sibling !== host && sibling !== "io";
        return isSibling ? [`${file.path} imports ${specifier}`] : [];
      });
    });
    expect(wrong).toEqual([]);
  });

  test("no files import each other in a circle", () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
        return;
      }
      const file = files.get(path);
      if (file === undefined || done.has(path)) return;
      for (const { specifier, when } of file.imports) {
        const target = targetOf(file, specifier);
        if (target !== undefined && when === "always") visit(target, [...trail, path]);
      }
      done.add(path);
    };
    for (const path of files.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  test("an isolate's thread loads nothing heavy before it needs it", () => {
    const seen = new Set<string>();
    const loaded = new Set<string>();
    const visit = (path: string): void => {
      const file = files.get(path);
      if (file === undefined || seen.has(path)) return;
      seen.add(path);
      for (const { specifier, when } of file.imports) {
        if (when !== "always") continue;
        const target = targetOf(file, specifier);
        if (target === undefined) loaded.add(specifier);
        else visit(target);
      }
    };
    visit("runtime/isolate/main.ts");
    expect(seen.size).toBeGreaterThan(20);
    expect([...loaded].filter((name) => heavy.some((each) => name === each || name.startsWith(each)))).toEqual([]);
  });
});

describe("sizes", () => {
  test("files stay short", () => {
    const long = [...files.values()].filter(({ text }) => text.split("\n").length - 1 > maxFileLines);
    expect(long.map(({ path }) => path).toSorted()).toEqual(Object.keys(longFiles).toSorted());
  });

  test("functions stay short", () => {
    const long = [...files.values()].filter((file) => file.functions.some(({ lines }) => lines > maxFunctionLines));
    expect(long.map(({ path }) => path).toSorted()).toEqual(Object.keys(longFunctions).toSorted());
  });

  test("each room of the house has a guide, and guides are short", () => {
    const rooms = layers.filter((layer) => existsSync(join(src, layer)));
    expect(rooms.filter((room) => !existsSync(join(src, room, "README.md")))).toEqual([]);
    const guides = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
      (path) => basename(path) === "README.md",
    );
    const long = guides.filter(
      (path) => readFileSync(join(src, path), "utf8").trimEnd().split("\n").length > maxReadmeLines,
    );
    expect(long).toEqual([]);
  });
});

test("types are asserted only at the seams", () => {
  const wrong = [...files.values()]
    .filter(({ path }) => !path.endsWith(".seam.ts"))
    .flatMap(({ path, casts }) => casts.map((line) => `${path}:${line}`));
  expect(wrong).toEqual([]);
});

/** The tables: the files that list their members, and what stands in their folders without being one. */
const tables: Readonly<Record<string, { readonly lists: readonly string[]; readonly beside: readonly string[] }>> = {
  kinds: { lists: ["kinds/index.ts"], beside: ["shared"] },
  hosts: { lists: ["hosts/index.ts", "hosts/lua.ts", "hosts/preview1.ts"], beside: [] },
  "engine/lua/modules": { lists: ["engine/lua/modules/index.ts"], beside: ["coroutine.ts"] },
  "runtime/pools": { lists: ["runtime/pools/index.ts"], beside: ["pool.ts"] },
  "runtime/isolate/programs": {
    lists: ["runtime/isolate/programs/index.ts"],
    beside: [
      "command.ts",
      "fresh.ts",
      "handler-errors.ts",
      "handler.ts",
      "instances.ts",
      "kept.ts",
      "live-context.ts",
      "reset-cost.ts",
      "resource.seam.ts",
    ],
  },
  "cli/commands": { lists: ["cli/index.ts"], beside: [] },
};

test.each(Object.entries(tables))("the table of %s lists every member", (table, { lists, beside }) => {
  const named = lists.flatMap((path) => {
    const file = files.get(path);
    const imports = file?.imports.filter(({ when }) => when === "always") ?? [];
    return file === undefined ? [] : imports.map(({ specifier }) => targetOf(file, specifier) ?? "");
  });
  expect(named).not.toEqual([]);
  const inside = readdirSync(join(src, table), { withFileTypes: true });
  // Members of a table are its folders where it has any, else its files.
  const areFolders = inside.some((item) => item.isDirectory());
  const members = inside.filter((item) => (areFolders ? item.isDirectory() : /(?<!^index)\.ts$/.test(item.name)));
  const missing = members.filter(({ name }) => !named.some((path) => `${path}/`.startsWith(`${table}/${name}/`)));
  expect(missing.map(({ name }) => name).toSorted()).toEqual(beside.toSorted());
});
