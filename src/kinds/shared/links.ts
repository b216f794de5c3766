import type { EntryId } from "../../core/ids.ts";
import { satisfies } from "../../hosts/version.ts";
import type { Entry, FieldPath } from "../../registry/entry.ts";
import type { Reference } from "../../registry/kind.ts";
import { spellings } from "../../wit/spellings.ts";
import { fullId } from "./ids.ts";
import { isLink, type ImportItem } from "./imports.ts";

/** An item under `imports` that other entries serve. */
export type LinkRequest = FunctionRequest | InterfaceRequest;

/** One function outside of interfaces. */
export interface FunctionRequest {
  readonly kind: "function";
  readonly path: FieldPath;
  /** For core modules. */
  readonly module: string | undefined;
  /** Its signature, for core modules. */
  readonly wit: string | undefined;
  readonly name: string;
  readonly target: EntryId;
}

/** An interface, served by one entry or by one for each function. */
export interface InterfaceRequest {
  readonly kind: "interface";
  readonly path: FieldPath;
  readonly name: string;
  readonly target: EntryId | ReadonlyMap<string, EntryId>;
}

/** The links among the items of `imports`. Items that are not well-formed were reported and are left out. */
export function linkRequests(entry: Entry, imports: readonly ImportItem[] = []): LinkRequest[] {
  return imports.flatMap((item, index): LinkRequest[] => {
    if (!isLink(item)) return [];
    const path = ["imports", index];
    const { interface: name, function: func, module, wit, from, functions } = item;
    const target = from === undefined ? undefined : fullId(from, entry);
    if (func !== undefined && target !== undefined)
      return [{ kind: "function", path, module, wit, name: func, target }];
    if (name === undefined) return [];
    if (target !== undefined) return [{ kind: "interface", path, name, target }];
    if (functions === undefined) return [];
    const targets = Object.entries(functions).map(([key, id]) => [key, fullId(id, entry)] as const);
    return [{ kind: "interface", path, name, target: new Map(targets) }];
  });
}

const callable = ["function.lua", "function.wasm", "function.wat"];

/** The entries that links name. An entry that serves another cannot import from it in turn. */
export function linkReferences(entry: Entry, imports: readonly ImportItem[] = []): Reference[] {
  const needs = { required: true, acyclic: true };
  return linkRequests(entry, imports).flatMap((request): Reference[] => {
    const { path, target } = request;
    if (typeof target === "string") {
      const kinds = request.kind === "interface" ? [...callable, "library.lua"] : callable;
      return [{ path: [...path, "from"], id: target, kinds, ...needs }];
    }
    return [...target].map(([name, id]) => ({ path: [...path, "functions", name], id, kinds: callable, ...needs }));
  });
}

/** Tells which imported functions are served by entries, and may therefore wait: by interface without version, and name. */
export function isLinked(requests: readonly LinkRequest[]): (interfaceName: string, func: string) => boolean {
  const interfaces = new Set(requests.filter(({ kind }) => kind === "interface").map(({ name }) => parts(name).name));
  const functions = requests.filter(({ kind }) => kind === "function");
  return (name, func) =>
    name === "" ? functions.some((request) => meansName(request.name, func)) : interfaces.has(name);
}

/** Whether what an author wrote means a WIT name: `get_user` means `get-user`. */
export function meansName(written: string, name: string): boolean {
  return written === name || spellings(name).includes(written);
}

/** Whether the interface that is offered serves for the one that is wanted: the same name, a version that fits. */
export function servesInterface(offered: string, wanted: string): boolean {
  const have = parts(offered);
  const want = parts(wanted);
  return have.name === want.name && (have.version === undefined || satisfies(have.version, want.version));
}

/** `acme:users/store@1.0.0` as name and version. */
export function parts(name: string): { readonly name: string; readonly version: string | undefined } {
  const at = name.lastIndexOf("@");
  return at > 0 ? { name: name.slice(0, at), version: name.slice(at + 1) } : { name, version: undefined };
}
