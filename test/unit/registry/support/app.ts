import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { defineKind } from "../../../../src/registry/define.ts";
import type { Diagnostic } from "../../../../src/registry/diagnostic.ts";
import { loadRegistry } from "../../../../src/registry/load.ts";
import { problemInText } from "../../../../src/registry/problem.ts";
import type { LoadedRegistry } from "../../../../src/registry/registry.ts";

/** A kind with what kinds have: fields, references, text that may be wrong inside. */
export const widget = defineKind({
  name: "widget",
  summary: "Something for tests.",
  schema: z.strictObject({
    size: z.int().min(0).describe("How big."),
    color: z.enum(["red", "green"]).optional().describe("Which color."),
    text: z.string().optional().describe("A text."),
    parts: z
      .array(z.strictObject({ label: z.string().describe("Its label.") }))
      .optional()
      .describe("Parts."),
    owner: z
      .union([z.string().min(1), z.strictObject({ name: z.string().describe("Its name.") })])
      .optional()
      .describe("Whose it is."),
    needs: z.array(z.string()).optional().describe("Other widgets."),
  }),
  build(spec, entry) {
    const lines = (spec.text ?? "").split("\n");
    const bad = lines.findIndex((line) => line.includes("BAD"));
    if (bad >= 0) {
      const place = { line: bad + 1, column: (lines[bad] ?? "").indexOf("BAD") + 1 };
      return [problemInText(entry, ["text"], place, { code: "invalid-field", message: "BAD text" })];
    }
    return {
      references: (spec.needs ?? []).map((id, index) => ({
        path: ["needs", index],
        id,
        kinds: ["widget"],
        required: true,
        acyclic: true,
      })),
      warnings: [],
      provides: {},
    };
  },
});

/** Writes files below `src/` of a new folder, which is removed after the test. */
export async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "weft-registry-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "src"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, "src", name)), { recursive: true });
    await writeFile(join(root, "src", name), text);
  }
  return root;
}

/** Loads the registry of a folder with widgets. */
export async function loadFrom(root: string, compat: "weft" | "wippy" = "weft"): Promise<LoadedRegistry> {
  return await loadRegistry({ root, source: join(root, "src"), kinds: [widget], compat });
}

/** Loads a registry of the given files. */
export async function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  compat: "weft" | "wippy" = "weft",
): Promise<LoadedRegistry> {
  return await loadFrom(await write(files), compat);
}

/** A diagnostic as one line: place, code and message. */
export function line({ code, position, message, severity }: Diagnostic): string {
  const weight = severity === "warning" ? "warning " : "";
  return `${position.file}:${position.line}:${position.column} ${weight}${code}: ${message}`;
}

/** Everything that a registry has to say. */
export function problems(registry: LoadedRegistry): string[] {
  return registry.diagnostics.map(line);
}
