import { z } from "zod";
import { parseId } from "../../core/ids.ts";
import { didYouMean } from "../../core/nearest.ts";
import { hosts, resolveGrant } from "../../hosts/index.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import { problem } from "../../registry/problem.ts";
import { idSchema, idText } from "./ids.ts";

const text = z
  .string()
  .refine((id) => parseId(id).name.trim() !== "", "a capability needs a name, such as funcs or wasi:clocks");

/** What can stand in the mapping of one item: an id in parts, or a link. Which of them go together, `importProblems` says. */
const mapping = z.strictObject({
  ns: z.string().optional().describe("Namespace of a capability, written in parts."),
  name: z.string().min(1).optional().describe("Name of a capability, written in parts."),
  interface: z
    .string()
    .min(1)
    .optional()
    .describe(
      "An interface that the component imports, such as `acme:users/store@1.0.0`, and that another entry serves.",
    ),
  function: z
    .string()
    .min(1)
    .optional()
    .describe("A function that the guest imports outside of any interface, and that another entry serves."),
  module: z.string().min(1).optional().describe("For core modules: the module that `function` is imported from."),
  wit: z
    .string()
    .min(1)
    .optional()
    .describe(
      "For core modules: the signature of `function`, such as `lookup: func(key: string) -> string;`. The module is called by the canonical ABI then. By default that of the entry that serves it, if it has one that fits.",
    ),
  from: idSchema("Id of the entry that serves the function, or each function of the interface.").optional(),
  functions: z
    .record(z.string().min(1), idSchema("Id of the entry that serves the function."))
    .optional()
    .describe("For an interface: the entry that serves each of its functions."),
});

/** One item under `imports`, as the author wrote it. */
export type ImportItem = z.infer<typeof text> | z.infer<typeof mapping>;

/** The `imports` field of WebAssembly entries: capabilities, and what other entries serve. */
export const importsSchema = z
  .array(z.union([text, mapping]).describe("A capability, such as wasi:clocks or funcs, or a link to another entry."))
  .optional()
  .describe("What the guest may import: capabilities, and interfaces or functions that other entries serve.");

/** The capability that an item grants, or undefined for a link. */
export function capabilityOf(item: ImportItem): string | undefined {
  if (typeof item === "string") return item;
  return item.name === undefined ? undefined : idText({ ns: item.ns, name: item.name });
}

/** Whether an item binds an import to another entry. */
export function isLink(item: ImportItem): item is z.infer<typeof mapping> {
  return typeof item !== "string" && capabilityOf(item) === undefined;
}

/** What is wrong with the items under `imports`, whatever else is wrong with the entry. */
export function importProblems(entry: Entry): Diagnostic[] {
  const items = z.array(z.unknown()).safeParse(entry.data["imports"]);
  return (items.data ?? []).flatMap((written, index): Diagnostic[] => {
    const item = z.union([text, mapping]).safeParse(written).data;
    if (item === undefined) return [];
    const mistake = typeof item === "string" ? undefined : mappingProblem(item);
    if (mistake !== undefined) {
      const message = `imports[${index}]: ${mistake}`;
      return [problem(entry, ["imports", index], { code: "invalid-field", message, hint: linkForms })];
    }
    const capability = capabilityOf(item);
    return capability === undefined ? [] : unknownCapability(entry, capability, index);
  });
}

const linkForms =
  "`{interface: …, from: ns:entry}`, `{interface: …, functions: {name: ns:entry}}` or `{function: …, from: ns:entry}`";

function unknownCapability(entry: Entry, name: string, index: number): Diagnostic[] {
  const { host, nearest } = resolveGrant(name);
  if (host !== undefined) return [];
  return [
    problem(entry, ["imports", index], {
      code: "unknown-import",
      message: `there is no capability called ${name}`,
      hint: didYouMean(nearest) ?? `there are ${hosts.map((each) => each.grants[0] ?? each.name).join(", ")}`,
    }),
  ];
}

/** Why the fields of an item do not go together. */
function mappingProblem(item: z.infer<typeof mapping>): string | undefined {
  const has = (name: keyof typeof item): boolean => item[name] !== undefined;
  const isPlain =
    !has("interface") && !has("function") && !has("module") && !has("wit") && !has("from") && !has("functions");
  if (has("ns") || has("name")) {
    return has("name") && isPlain ? undefined : "a capability has a `name`, perhaps `ns`, and nothing else";
  }
  if (!has("interface") && !has("function")) return "a link names an `interface` or a `function`";
  if (has("interface") && has("function")) return "a link names an `interface` or a `function`, not both";
  if (has("module") && !has("function")) return "`module` goes with `function`";
  if (has("wit") && !has("function")) return "`wit` goes with `function`";
  if (has("function") && has("functions")) return "`functions` goes with `interface`";
  if (has("from") && has("functions")) return "a link has `from` or `functions`, not both";
  return has("from") || has("functions") ? undefined : "a link says with `from` which entry serves it";
}

/** Capabilities that a core module cannot use. */
export function coreImportProblems(entry: Entry, imports: readonly ImportItem[]): Diagnostic[] {
  return imports.flatMap((item, index): Diagnostic[] => {
    const name = capabilityOf(item);
    const host = name === undefined ? undefined : resolveGrant(name).host;
    if (host === undefined || host.coreModules) return [];
    const message = `${name} is for components, and this is a core module`;
    const hint = "remove the line: core modules have WASI preview 1 without asking";
    return [problem(entry, ["imports", index], { code: "component-only", message, hint })];
  });
}
