import type { ModuleLibrary, ModuleState } from "./library.ts";
import { handlerPath } from "./handlers.ts";
import type { ServedFunction } from "./module.ts";

/** What `GET /functions` answers: every file, with its functions or with what is wrong with it. */
export function listing(library: ModuleLibrary): object {
  return { modules: library.states.map(moduleItem) };
}

function moduleItem({ file, namespace, module, failure }: ModuleState): object {
  if (module === undefined) {
    const problem = { code: failure?.details["reason"] ?? failure?.code, detail: failure?.message };
    return { file, namespace, status: "failed", problem };
  }
  const functions = module.functions.map((fn) => functionItem(fn, file));
  return { file, namespace, status: "ready", type: module.type, functions };
}

function functionItem({ id, name, style, signature }: ServedFunction, file: string): object {
  return {
    name,
    id,
    style,
    signature,
    ...(style === "requests" ? { handle: handlerPath(file) } : paths(id, name, file)),
  };
}

/** Where a function is reached. */
export function paths(id: string, name: string, file: string): { readonly call: string; readonly execute: string } {
  return {
    call: `/call/${id.split(":").map(encodeURIComponent).join("/")}`,
    execute: `/execute/${file.split("/").map(encodeURIComponent).join("/")}?func=${encodeURIComponent(name)}`,
  };
}
