import { interpreterModules } from "../src/engine/lua/modules/index.ts";
import type { LuaModule, ModuleTable } from "../src/engine/lua/module.ts";
import { luaModules } from "../src/hosts/lua.ts";
import { exampleFile } from "./example-file.ts";
import { notice } from "./notice.ts";

/** The example of a module: what its page says, a program, and what the program returns. */
export interface ModuleExample {
  readonly text: string;
  readonly source: string;
  readonly result: unknown;
}

/** A Lua module, for docs. */
export interface DocumentedModule {
  readonly name: string;
  readonly always: boolean;
  /** Names of all functions and methods, as its page must have them: `store.get(`, `:set(`. */
  readonly functions: readonly string[];
  /** Names of all constants, `time.SECOND`. */
  readonly constants: readonly string[];
}

/** Every module that programs may require. */
export const documentedModules: readonly DocumentedModule[] = [...interpreterModules(), ...luaModules.values()]
  .filter(({ name }) => !name.startsWith("__"))
  .toSorted((a, b) => a.name.localeCompare(b.name))
  .map(describeModule);

function describeModule<Host>({ name, always, table, classes = [] }: LuaModule<Host>): DocumentedModule {
  const members = [membersOf(table, `${name}.`), ...classes.map(({ methods }) => membersOf(methods, ":"))].flat();
  return {
    name,
    always,
    functions: members.filter(({ isFunction }) => isFunction).map((member) => `${member.name}(`),
    constants: members.filter(({ isFunction }) => !isFunction).map((member) => member.name),
  };
}

function membersOf<Host>(
  table: ModuleTable<Host>,
  prefix: string,
): { readonly name: string; readonly isFunction: boolean }[] {
  return Object.entries(table).flatMap(([key, item]) => {
    if (isTable(item)) return membersOf(item, `${prefix}${key}.`);
    const isFunction = typeof item === "function" || typeof item === "object";
    return [{ name: `${prefix}${key}`, isFunction }];
  });
}

function isTable<Host>(item: ModuleTable<Host>[string]): item is ModuleTable<Host> {
  return typeof item === "object" && Object.getPrototypeOf(item) === Object.prototype;
}

/** Reads `scripts/examples/lua/NAME.lua`: text behind `---`, a program, and `-->` with what it returns, as JSON. */
export function readModuleExample(name: string): ModuleExample {
  const lines = exampleFile(`lua/${name}.lua`).trimEnd().split("\n");
  const text = lines.filter((line) => line.startsWith("---")).map((line) => line.slice(3).trim());
  const source = lines.filter((line) => !/^--[->]/.test(line)).join("\n");
  const result = lines.at(-1)?.replace(/^-->/, "") ?? "";
  return { text: text.join("\n"), source: `${source.trim()}\n`, result: JSON.parse(result) };
}

/** The pages of the modules, by their paths, and the page that lists them. */
export function luaPages(): Readonly<Record<string, string>> {
  return {
    "docs/lua-modules.md": listPage(),
    ...Object.fromEntries(documentedModules.map((module) => [`docs/lua/${module.name}.md`, modulePage(module)])),
  };
}

function listPage(): string {
  const rows = documentedModules.map(({ name, always }) => {
    const [summary = ""] = readModuleExample(name).text.split("\n");
    return `| [\`${name}\`](lua/${name}.md) | ${always ? "yes" : ""} | ${summary} |`;
  });
  return `# Lua modules

${notice}
Name a module under \`modules:\` of the entry and \`require\` it; those that are always there need no line. How they behave:
[lua.md](lua.md).

| module | always there | |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function modulePage({ name, always, constants }: DocumentedModule): string {
  const { text, source, result } = readModuleExample(name);
  const [summary = "", ...items] = text.split("\n");
  const declared = always ? "It is there without being declared." : `Declare it: \`modules: [${name}]\`.`;
  const list = constants.map((constant) => `\`${constant}\``).join(", ");
  return `# \`${name}\`

${notice}
${summary} ${declared}

${items.join("\n")}
${constants.length === 0 ? "" : `\nConstants: ${list}.\n`}
\`\`\`lua
${source}\`\`\`

It returns \`${JSON.stringify(result)}\`. All modules: [lua-modules.md](../lua-modules.md).
`;
}
