import type { ComponentProgram } from "../../engine/wasm/program.ts";
import { DiagnosticError } from "../../registry/diagnostic.ts";
import type { Entry, FieldPath } from "../../registry/entry.ts";
import type { LinkedPlacement, LinkTools } from "../../registry/kind.ts";
import type { Placement } from "../../registry/placement.ts";
import type { WitFunction, WitInterface } from "../../wit/types.ts";
import type { ImportItem } from "./imports.ts";
import { functionOf, interfaceFunctionOf, isMistake, type Callee } from "./link-callee.ts";
import { linkCoreImport } from "./link-core.ts";
import { complain, notImported, type Linking } from "./linking.ts";
import { calleeTypes, crossProblem } from "./link-types.ts";
import { linkRequests, meansName, parts, servesInterface, type InterfaceRequest, type LinkRequest } from "./links.ts";

/** Ties the imports of a program to the entries that serve them. @throws DiagnosticError with every problem found. */
export function linkProgram(
  entry: Entry,
  imports: readonly ImportItem[] | undefined,
  { placement, tools }: { readonly placement: Placement; readonly tools: LinkTools },
): LinkedPlacement {
  const requests = linkRequests(entry, imports);
  if (requests.length === 0) return { placement, parts: [] };
  const linking: Linking = { entry, placement, tools, links: [], parts: new Map(), problems: [] };
  const { program } = placement;
  for (const request of requests) {
    if (program.type === "core") linkCoreImport(linking, program, request);
    else if (program.type === "component") linkImport(linking, program, request);
  }
  if (linking.problems.length > 0) throw new DiagnosticError(linking.problems);
  return { placement: { ...placement, links: linking.links }, parts: [...linking.parts.values()] };
}

function linkImport(linking: Linking, program: ComponentProgram, request: LinkRequest): void {
  if (request.kind === "interface") return linkInterface(linking, program, request);
  const { path, name, module, wit, target } = request;
  for (const [field, value] of Object.entries({ module, wit })) {
    if (value === undefined) continue;
    const message = `\`${field}\` is for core modules, and this is a component`;
    return complain(linking, [...path, field], { message, hint: "leave it out, or name an `interface`" });
  }
  const names = program.importedFunctions.map((item) => item.name);
  const wanted = program.importedFunctions.find((item) => meansName(name, item.name));
  if (wanted === undefined) return complain(linking, [...path, "function"], notImported(name, "function", names));
  const callee = functionOf(linking.tools.placement(target));
  if (callee !== undefined) tie(linking, { from: "", wanted, path: [...path, "from"] }, callee);
}

function linkInterface(linking: Linking, program: ComponentProgram, request: InterfaceRequest): void {
  const { path, name, target } = request;
  const at = [...path, "interface"];
  const withFunctions = program.imports.filter((item) => item.functions.length > 0);
  const found = withFunctions.filter((item) => parts(item.name).name === parts(name).name);
  const [wanted] = found;
  const names = withFunctions.map((item) => item.name);
  if (wanted === undefined) return complain(linking, at, notImported(name, "interface", names));
  if (found.length > 1) {
    const message = `the guest imports ${found.map((item) => item.name).join(" and ")}: versions of one interface cannot be told apart`;
    return complain(linking, at, { code: "unsupported-link", message });
  }
  if (!servesInterface(name, wanted.name)) {
    return complain(linking, at, {
      message: `the guest imports ${wanted.name}, not ${name}`,
      hint: `interface: ${wanted.name}`,
    });
  }
  if (refuseResources(linking, at, wanted)) return;
  if (typeof target === "string") linkToOne(linking, wanted, { path, target });
  else linkToMany(linking, wanted, { path, targets: target });
}

/** Handles to resources mean something inside one component only. */
function refuseResources(linking: Linking, path: FieldPath, { name, functions }: WitInterface): boolean {
  for (const func of functions) {
    const message = crossProblem(func);
    if (message === undefined) continue;
    const hint = "pass records and ids instead of handles";
    complain(linking, path, { code: "unsupported-link", message: `${func.name} of ${name} ${message}`, hint });
    return true;
  }
  return false;
}

function linkToOne(
  linking: Linking,
  wanted: WitInterface,
  { path, target }: { readonly path: FieldPath; readonly target: string },
): void {
  const placement = linking.tools.placement(target);
  if (placement === undefined) return;
  for (const func of wanted.functions) {
    const callee = interfaceFunctionOf(placement, { name: wanted.name, func, count: wanted.functions.length });
    const at = [...path, "from"];
    if (isMistake(callee)) return complain(linking, at, callee);
    tie(linking, { from: wanted.name, wanted: func, path: at }, callee);
  }
}

function linkToMany(
  linking: Linking,
  wanted: WitInterface,
  { path, targets }: { readonly path: FieldPath; readonly targets: ReadonlyMap<string, string> },
): void {
  const names = wanted.functions.map(({ name }) => name);
  for (const written of targets.keys()) {
    if (names.some((name) => meansName(written, name))) continue;
    complain(
      linking,
      [...path, "functions", written],
      notImported(written, `function of ${wanted.name} called`, names),
    );
  }
  for (const func of wanted.functions) {
    const found = [...targets].find(([written]) => meansName(written, func.name));
    if (found === undefined) {
      const message = `nothing serves ${func.name} of ${wanted.name}, which the guest imports`;
      complain(linking, [...path, "functions"], { message, hint: `add \`${func.name}: namespace:entry\`` });
      continue;
    }
    const [written, target] = found;
    const callee = functionOf(linking.tools.placement(target));
    if (callee !== undefined) {
      tie(linking, { from: wanted.name, wanted: func, path: [...path, "functions", written] }, callee);
    }
  }
}

interface Tie {
  /** The interface, "" for none. */
  readonly from: string;
  readonly wanted: WitFunction;
  readonly path: FieldPath;
}

/** Adds one link when the callee's types are those of the import. */
function tie(linking: Linking, { from, wanted, path }: Tie, callee: Callee): void {
  const cross = crossProblem(wanted);
  if (cross !== undefined) {
    return complain(linking, path, { code: "unsupported-link", message: `${wanted.name} ${cross}` });
  }
  const types = calleeTypes(wanted, callee);
  if (typeof types !== "string") return complain(linking, path, { code: "signature-mismatch", ...types });
  if (callee.part !== undefined) linking.parts.set(callee.id, callee.part);
  linking.links.push({
    from: parts(from).name,
    name: wanted.name,
    target: callee.id,
    type: { wit: wanted, callee: types },
  });
}
