import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { folderWith, type Folder } from "./weft.ts";

/** A program as a core module and as a component, by their files among the guests. */
export interface Programs {
  readonly core: string;
  readonly component: string;
}

/** An app whose commands `core` and `component` are these programs. `limits` are of both, in YAML. */
export async function programsApp(config: string, programs: Programs, limits = "{}"): Promise<Folder> {
  const read = (path: string): Buffer => readFileSync(new URL(`../guests/${path}`, import.meta.url));
  const [core, component] = [read(programs.core), read(programs.component)];
  const entry = (name: keyof Programs, bytes: Buffer, more: string): string => `
  - name: ${name}
    kind: process.wasm
    source: file://${name}.wasm
    hash: "sha256:${createHash("sha256").update(bytes).digest("hex")}"
    ${more}
    meta: { command: { name: ${name} } }
    limits: ${limits}`;
  return await folderWith({
    "weft.yaml": config,
    "registry/core.wasm": core,
    "registry/component.wasm": component,
    "registry/_index.yaml": `
version: "1.0"
namespace: app
entries:
  - name: terminal
    kind: terminal.host${entry("core", core, "method: _start")}${entry("component", component, 'method: run\n    imports: ["wasi:cli", "wasi:io", "wasi:poll"]')}
`,
  });
}
