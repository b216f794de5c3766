import type { LoadedApp } from "../boot/app.ts";
import { parseId, resolveId, type EntryId } from "../core/ids.ts";
import { nearestNames } from "../core/nearest.ts";
import type { Value } from "../core/values.ts";
import type { Entry } from "../registry/entry.ts";
import { CommandError } from "./contract.ts";

/** An entry that is a command of its app: `meta.command`. */
export interface CommandEntry {
  readonly name: string;
  readonly id: EntryId;
  readonly short: string;
  readonly useCase: string;
  /** Runs when `weft run` is given no name. */
  readonly isMain: boolean;
}

/** The commands of an app, by name. */
export function commandEntries(app: LoadedApp): CommandEntry[] {
  const found = app.registry.entries.flatMap(({ entry }) => commandOf(entry) ?? []);
  return found.toSorted((a, b) => a.name.localeCompare(b.name));
}

function commandOf(entry: Entry): CommandEntry | undefined {
  const command = new Map(entriesOf(entry.meta["command"]));
  const name = command.get("name") ?? (command.get("main") === true ? entry.name : undefined);
  if (typeof name !== "string" || name === "") return undefined;
  const text = (key: string): string => {
    const value = command.get(key);
    return typeof value === "string" ? value : "";
  };
  return { name, id: entry.id, short: text("short"), useCase: text("use_case"), isMain: command.get("main") === true };
}

function entriesOf(value: Value | undefined): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** The command of a name. @throws CommandError naming the nearest ones. */
export function findCommand(app: LoadedApp, name: string): CommandEntry {
  const all = commandEntries(app);
  const found = all.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = all.map((candidate) => candidate.name);
  const near = nearestNames(name, names);
  const known =
    names.length === 0 ? "Give a process `meta: { command: { name: … } }`." : `It has: ${names.join(", ")}.`;
  const help = near.length === 0 ? known : `Did you mean ${near.join(" or ")}?`;
  throw new CommandError("ENTRY_NOT_FOUND", `the app has no command "${name}"`, help);
}

/** Whether nothing of the app's log shall mix with what a process on this host prints. */
export function hidesLogs(app: LoadedApp, host: EntryId | undefined): boolean {
  return host !== undefined && app.registry.get(host)?.checked?.provides.processHost?.hideLogs === true;
}

/** The host to run a process on: the one that was asked for, else the app's only terminal.host. */
export function terminalHost(app: LoadedApp, id: EntryId, wanted: string | undefined): EntryId {
  if (wanted !== undefined) return resolveId(wanted, parseId(id).namespace);
  const hosts = app.registry.entries
    .filter(({ checked }) => checked?.provides.processHost?.type === "terminal")
    .map(({ entry }) => entry.id);
  const [only] = hosts;
  if (only !== undefined && hosts.length === 1) return only;
  throw hosts.length === 0
    ? new CommandError(
        "HOST_NOT_FOUND",
        `${id} needs a terminal to run on, and the app has no terminal.host`,
        "Add an entry: { name: terminal, kind: terminal.host }",
      )
    : new CommandError(
        "HOST_NOT_FOUND",
        `the app has several terminal hosts: ${hosts.join(", ")}`,
        "Choose one with --host ID.",
      );
}
