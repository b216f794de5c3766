import { z } from "zod";
import { hosts, resolveGrant } from "../../hosts/index.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import { problem } from "../../registry/problem.ts";
import { idSchema, idText, type WrittenId } from "./ids.ts";

/** The `imports` field of WebAssembly entries: a list of capabilities. */
export const importsSchema = z
  .array(idSchema("A capability, such as wasi:clocks or funcs."))
  .optional()
  .describe("Capabilities that the guest may import; nothing else is linked.");

/** What is wrong with the names under `imports`, whatever else is wrong with the entry. */
export function importProblems(entry: Entry): Diagnostic[] {
  const items = z.array(z.unknown()).safeParse(entry.data["imports"]);
  return (items.data ?? []).flatMap((item, index): Diagnostic[] => {
    const id = idSchema("").safeParse(item);
    if (!id.success) return [];
    const found = resolveGrant(idText(id.data));
    if (found.host !== undefined) return [];
    const { nearest } = found;
    return [
      problem(entry, ["imports", index], {
        code: "unknown-import",
        message: `there is no capability called ${idText(id.data)}`,
        hint:
          nearest.length === 0
            ? `there are ${hosts.map((host) => host.grants[0] ?? host.name).join(", ")}`
            : `did you mean ${nearest.join(" or ")}?`,
      }),
    ];
  });
}

/** Capabilities that a core module cannot use. */
export function coreImportProblems(entry: Entry, imports: readonly WrittenId[]): Diagnostic[] {
  return imports.flatMap((item, index): Diagnostic[] => {
    const host = resolveGrant(idText(item)).host;
    if (host === undefined || host.coreModules) return [];
    const message = `${idText(item)} is for components, and this is a core module`;
    const hint = "remove the line: core modules have WASI preview 1 without asking";
    return [problem(entry, ["imports", index], { code: "component-only", message, hint })];
  });
}
