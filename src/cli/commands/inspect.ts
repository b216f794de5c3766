import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedApp } from "../../boot/app.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import { nearestNames } from "../../core/nearest.ts";
import { formatCoreType } from "../../engine/wasm/core/check.ts";
import type { ImportLink } from "../../hosts/funcs/link.ts";
import type { Placement } from "../../registry/placement.ts";
import { formatDiagnostic } from "../../registry/render.ts";
import { formatFunction } from "../../wit/format.ts";
import { bytesText, columns } from "../columns.ts";
import { CommandError, exitCodes, type Command } from "../contract.ts";
import { describeBinary, entryYaml, type BinaryDescription } from "../describe-binary.ts";
import { entryLines, type EntryLine } from "../describe-entry.ts";
import type { Input } from "../input.ts";
import { openApp, settingOptions } from "../open-app.ts";
import { readingOf, readProgram } from "../read-program.ts";
import type { Screen } from "../screen.ts";

export const inspect: Command = {
  name: "inspect",
  aliases: ["registry show"],
  group: "Look",
  summary: "show one entry, or a .wasm or .wat file, in full",
  description:
    "Of an entry: kind, signature, exports of its program, what it may import, limits, pool, problems. Of a file: type, hash, imports " +
    "and exports with their signatures, and an entry for _index.yaml, ready to paste.",
  arguments: [{ name: "<target>", summary: "an id as namespace:name, or a file" }],
  options: [
    { flags: "--method <name>", summary: "of a file: the export that the entry is to call" },
    ...settingOptions,
  ],
  examples: [
    { line: "weft inspect app:add", does: "an entry" },
    { line: "weft inspect build/shapes.wasm", does: "a file, before it is registered" },
    { line: "weft inspect app:add --json", does: "for a program" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const [target = ""] = input.words;
    if (/\.(?:wasm|wat)$/.test(target) || existsSync(target)) return await inspectFile(target, input, screen);
    return await inspectEntry(target, input, screen);
  },
};

async function inspectFile(file: string, input: Input, screen: Screen): Promise<number> {
  const bytes = await readProgram(file);
  const description = await readingOf(file, () => describeBinary(bytes));
  const entry = entryYaml(file, description, input.text("method"));
  screen.result({ file, ...plainDescription(description), entry }, () =>
    [screen.paint("bold", file), binaryText(description, screen), "", screen.paint("dim", "_index.yaml:"), entry].join(
      "\n",
    ),
  );
  return exitCodes.ok;
}

async function inspectEntry(id: EntryId, input: Input, screen: Screen): Promise<number> {
  const { app } = await openApp(input, screen);
  const line = entryLines(app).find((candidate) => candidate.id === id);
  if (line === undefined) throw unknownEntry(app, id);
  const placement = app.placements.get(id);
  const bytes = await programBytes(app, id);
  const read = bytes === undefined ? undefined : await readingOf(id, () => describeBinary(bytes));
  const description = read === undefined ? undefined : { ...read, engine: engineOf(placement, read) };
  const diagnostics = app.diagnostics.filter((diagnostic) => diagnostic.entry === id);
  const { meta, data } = app.registry.view(id);
  const binary = description === undefined ? {} : { binary: plainDescription(description) };
  const { fieldsText } = await import("../entry-fields.ts");
  screen.result({ ...line, meta, data, ...placementData(placement), ...binary }, () =>
    [
      entryText(line, placement, screen),
      // A program is told by its placement; anything else is what it says.
      ...fieldsText(placement === undefined ? { meta, data } : { meta }, screen),
      ...(description === undefined ? [] : [binaryText(description, screen)]),
      ...diagnostics.map(
        (diagnostic) => `\n${formatDiagnostic(diagnostic, { root: app.config.root, color: screen.hasColor })}`,
      ),
    ].join("\n"),
  );
  return exitCodes.ok;
}

/** The engine that runs an entry's component: the one that it asks for, unless that one declines. */
function engineOf(placement: Placement | undefined, { engine }: BinaryDescription): BinaryDescription["engine"] {
  if (engine === undefined || placement?.program.type !== "component") return engine;
  const used = placement.program.artefact.engine;
  return used === engine.engine ? engine : { engine: used, reason: "the entry asks for it" };
}

/** The binary behind an entry, as far as it can be read. */
async function programBytes(app: LoadedApp, id: EntryId): Promise<Uint8Array | undefined> {
  const { kind, data } = app.registry.view(id);
  const { source, fs, path } = data;
  if (kind === "function.wat" && typeof source === "string" && !app.failures.has(id)) {
    const { assemble } = await import("../../engine/wasm/assemble.ts");
    return await assemble(source, id);
  }
  if (typeof fs !== "string" || typeof path !== "string") return undefined;
  const directory = app.registry.get(resolveId(fs, parseId(id).namespace))?.checked?.provides.directory?.path;
  const file = directory === undefined ? undefined : join(directory, path);
  return file === undefined || !existsSync(file) ? undefined : await readFile(file);
}

function unknownEntry(app: LoadedApp, id: EntryId): CommandError {
  const near = nearestNames(
    id,
    app.registry.entries.map(({ entry }) => entry.id),
  );
  const help = near.length === 0 ? "`weft list` shows the entries." : `Did you mean ${near.join(" or ")}?`;
  return new CommandError("ENTRY_NOT_FOUND", `there is no entry ${id}, and no file of this name`, help);
}

/** What is known of an entry that can run. */
function placementData(placement: Placement | undefined): object {
  if (placement === undefined) return {};
  const { role, imports, links = [], wasi, limits, pool, options, defaultHost } = placement;
  return { role, imports, links: links.map(linkData), wasi, limits, pool, options, default_host: defaultHost };
}

/** An import that another entry serves, with the type by which it is called. */
function linkData({ from, name, target, type }: ImportLink): {
  from: string;
  name: string;
  entry: string;
  type: string;
} {
  return {
    from,
    name,
    entry: target,
    type: "core" in type ? formatCoreType(type.core) : formatFunction("wit" in type ? type.wit : type.lowered),
  };
}

function linkText(link: ImportLink): string {
  const { from, name, entry, type } = linkData(link);
  return `${from === "" ? "" : `${from}#`}${name}: ${type} by ${entry}`;
}

function plainDescription({ exports, engine, ...rest }: BinaryDescription): object {
  const plainExports = exports.map(({ name, kind, signature }) => ({ name, kind, signature }));
  return { ...rest, exports: plainExports, engine: engine?.engine, engine_reason: engine?.reason };
}

function entryText(line: EntryLine, placement: Placement | undefined, screen: Screen): string {
  const { id, kind, signature, method, state, file } = line;
  const rows: (readonly [string, string] | undefined)[] = [
    ["kind", kind],
    ["state", state],
    ["declared", `${file}:${line.line}`],
    method === undefined ? undefined : ["method", method],
    signature === undefined ? undefined : ["signature", signature],
    ...(placement === undefined ? [] : placementRows(placement)),
  ];
  return [
    screen.paint("bold", id),
    detail(
      rows.filter((row) => row !== undefined),
      screen,
    ),
  ].join("\n");
}

function placementRows({ imports, limits, pool, wasi, links = [] }: Placement): (readonly [string, string])[] {
  const { type, minSlots, maxSlots, queueLength, onFull, workerClass, state } = pool;
  const slots =
    type === "inline" ? "" : `, ${minSlots} to ${maxSlots} slots, queue ${queueLength}, when full ${onFull}`;
  const workers = workerClass === undefined ? "" : `, ${workerClass.workers} workers of ${workerClass.name}`;
  const limitList = Object.entries(limits).map(([name, value]) => `${name} ${String(value)}`);
  const mounts = wasi.mounts.map(
    (mount) => `${mount.filesystem} at ${mount.guest}${mount.readOnly ? " (read-only)" : ""}`,
  );
  return [
    ["imports", imports.length === 0 ? "none" : imports.join(", ")],
    ...links.map((link) => ["linked", linkText(link)] as const),
    ["limits", limitList.length === 0 ? "none of its own" : limitList.join(", ")],
    ["pool", `${type}${slots}${workers}, state ${state}`],
    ...(mounts.length === 0 ? [] : [["mounts", mounts.join(", ")] as const]),
  ];
}

function binaryText(description: BinaryDescription, screen: Screen): string {
  const { type, bytes, hash, imports, exports, memory, engine, preview1, httpHandler } = description;
  const most = memory?.max === undefined ? "no maximum" : `at most ${memory.max}`;
  const head: (readonly [string, string])[] = [
    ["program", `${type === "core" ? "core module" : "component"}, ${bytesText(bytes)}`],
    ["hash", hash],
    ...(httpHandler === undefined ? [] : [["serves", `HTTP, by ${httpHandler}`] as const]),
    ...(engine === undefined ? [] : [["engine", engineText(engine)] as const]),
    ...(preview1 === undefined ? [] : [["preview 1", preview1] as const]),
    ...(memory === undefined ? [] : [["memory", `${memory.min} pages, ${most}`] as const]),
  ];
  const needs = imports.flatMap(({ name, functions }): [string, string][] =>
    functions.length === 0 ? [] : [[name, functions.join("\n")]],
  );
  const gives = exports.map(({ name, kind, signature }): [string, string] => [name, signature ?? kind]);
  return [
    detail(head, screen),
    ...(needs.length === 0 ? [] : [screen.paint("dim", "  needs"), nested(needs)]),
    ...(gives.length === 0 ? [] : [screen.paint("dim", "  exports"), nested(gives)]),
  ].join("\n");
}

function engineText({ engine, reason }: NonNullable<BinaryDescription["engine"]>): string {
  return reason === undefined ? engine : `${engine}, because ${reason}`;
}

function detail(rows: readonly (readonly [string, string])[], screen: Screen): string {
  return columns(rows.map(([name, value]) => [`  ${screen.paint("dim", name)}`, value]));
}

/** Names with what belongs to each; several lines go below the name. */
function nested(rows: readonly (readonly [string, string])[]): string {
  const isLong = rows.some(([, value]) => value.includes("\n"));
  if (!isLong) return columns(rows.map(([name, value]) => [`    ${name}`, value]));
  return rows
    .map(([name, value]) => [`    ${name}`, ...value.split("\n").map((line) => `      ${line}`)].join("\n"))
    .join("\n");
}
