import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { nearestNames } from "../core/nearest.ts";
import { cliHost } from "./cli/host.ts";
import { clocksHost } from "./clocks/host.ts";
import type { InstanceContext } from "./context.ts";
import { filesystemHost } from "./filesystem/host.ts";
import { funcsHost } from "./funcs/host.ts";
import type { BoundInterfaces, ComponentFace, Host } from "./host.ts";
import { httpClientHost } from "./http-client/host.ts";
import { ioHost, pollHost } from "./io/host.ts";
import { logHost } from "./log/host.ts";
import { alwaysWaiting } from "./preview1/signatures.ts";
import { preview1Host } from "./preview1/host.ts";
import { processHost } from "./process/host.ts";
import { randomHost } from "./random/host.ts";
import { socketsHost } from "./sockets/host.ts";
import type { CoreImport } from "../engine/wasm/program.ts";
import { satisfies } from "./version.ts";

/** Every host for WebAssembly guests. Lua modules have a table of their own, `lua.ts`. */
export const hosts: readonly Host[] = [
  funcsHost,
  preview1Host,
  cliHost,
  clocksHost,
  filesystemHost,
  ioHost,
  pollHost,
  randomHost,
  socketsHost,
  httpClientHost,
  logHost,
  processHost,
];

const hostByGrant = new Map(hosts.flatMap((host) => host.grants.map((grant) => [grant, host] as const)));
const hostByInterface = new Map(
  hosts.flatMap((host) =>
    [...Object.keys(host.p2?.interfaces ?? {}), ...(host.unimplemented ?? [])].map((name) => [name, host] as const),
  ),
);

/** What an item of `imports` means: a host, or nothing known but perhaps meant. */
export type GrantResolution =
  | { readonly host: Host; readonly nearest?: undefined }
  | { readonly host: undefined; readonly nearest: readonly string[] };

/**
 * Finds the host that an item of an entry's `imports` grants. Case, spaces around it and a version do not matter, and a
 * namespace before a bare name is ignored (`anything:funcs`), as Wippy does.
 */
export function resolveGrant(text: string): GrantResolution {
  const name = (text.split("@")[0] ?? "").trim().toLowerCase();
  const host = hostByGrant.get(name) ?? hostByGrant.get(name.slice(name.indexOf(":") + 1));
  return host === undefined ? { host: undefined, nearest: nearestNames(name, hostByGrant.keys()) } : { host };
}

/** The host that serves an interface, written without its version. */
export function hostForInterface(name: string): Host | undefined {
  return hostByInterface.get(name);
}

/** Whether a function may wait, by its interface without version and its WIT name (`[method]pollable.block`). */
export function isSuspending(name: string, func: string): boolean {
  return hostByInterface.get(name)?.p2?.interfaces[name]?.suspending.includes(func) === true;
}

/** Whether a function may wait in a component that imports one of which `isSuspending` is true. */
export function isSuspendingAlong(name: string, func: string): boolean {
  return hostByInterface.get(name)?.p2?.interfaces[name]?.suspendingAlong?.includes(func) === true;
}

/** An interface that a component imports. */
export interface WantedInterface {
  readonly interface: string;
  readonly version?: string;
}

/** The granted imports of one instance. Dispose it when the instance ends. */
export interface BoundHosts extends BoundInterfaces {
  /** What to throw when the guest calls a function that `imports` lacks. */
  readonly denied: (name: string, func: string) => WeftError;
}

/**
 * Makes an instance's imports: of the interfaces it wants, those that its grants allow, that are implemented, and whose
 * version fits. Nothing else is bound. Keys have no version, so two versions of one interface share its functions.
 */
export function bindHosts(
  instance: InstanceContext,
  grants: readonly string[],
  wanted: readonly WantedInterface[],
): BoundHosts {
  const stack = new DisposableStack();
  const all: BoundInterfaces[] = [];
  const imports: Record<string, Readonly<Record<string, unknown>>> = {};
  try {
    for (const { face, names } of givenFaces(grants, wanted)) {
      const bound = stack.use(face.bind(instance));
      all.push(bound);
      for (const name of names) imports[name] = bound.imports[name] ?? {};
    }
  } catch (error) {
    stack.dispose();
    throw error;
  }
  const denied: BoundHosts["denied"] = (name, func) => denials(instance.id, grants, wanted)(name, func);
  const isClean = (): boolean => all.every((bound) => bound.isClean?.() === true);
  return { imports, denied, isClean, [Symbol.dispose]: () => stack.dispose() };
}

/** A host's face, and which of its interfaces an instance is given. */
interface GivenFace {
  readonly face: ComponentFace;
  readonly names: string[];
}

/** What an entry imports is one array, too: which hosts serve it is found once. */
const facesByWanted = new WeakMap<
  readonly WantedInterface[],
  { grants: readonly string[]; faces: readonly GivenFace[] }
>();

function givenFaces(grants: readonly string[], wanted: readonly WantedInterface[]): readonly GivenFace[] {
  const known = facesByWanted.get(wanted);
  if (known?.grants === grants) return known.faces;
  const granted = grantedHosts(grants);
  const byHost = new Map<Host, GivenFace>();
  for (const { interface: name, version } of wanted) {
    const host = hostByInterface.get(name);
    const offered = host?.p2?.interfaces[name];
    if (host?.p2 === undefined || offered === undefined || !granted.has(host)) continue;
    if (!satisfies(offered.version, version)) continue;
    const given = byHost.get(host) ?? { face: host.p2, names: [] };
    byHost.set(host, given);
    given.names.push(name);
  }
  const faces = [...byHost.values()];
  facesByWanted.set(wanted, { grants, faces });
  return faces;
}

/** An entry's grants are one array that every instance of it shares: read once. */
const hostsByGrants = new WeakMap<readonly string[], ReadonlySet<Host | undefined>>();

function grantedHosts(grants: readonly string[]): ReadonlySet<Host | undefined> {
  let granted = hostsByGrants.get(grants);
  if (granted === undefined) {
    granted = new Set(grants.map((grant) => resolveGrant(grant).host));
    hostsByGrants.set(grants, granted);
  }
  return granted;
}

/** Makes what to throw when a guest calls a function that its entry's `imports` lacks. */
export function denials(
  id: EntryId,
  grants: readonly string[],
  wanted: readonly WantedInterface[],
): BoundHosts["denied"] {
  const granted = grantedHosts(grants);
  const versions = new Map(wanted.map((each) => [each.interface, each.version]));
  return (name, func) => denial({ id, name, func, version: versions.get(name) }, granted);
}

/** True for a core module that is suspended at its imports of preview 1 whatever it is given. */
export function suspendsAlways(imports: readonly CoreImport[]): boolean {
  return imports.some(({ module, name }) => module.startsWith("wasi_") && alwaysWaiting.has(name));
}

/** Stands in messages for the entry that the author would name. */
const exampleTarget = "namespace:entry";

/** What to throw when a core module calls an import that nothing provides; undefined for what belongs to preview 1. */
export function deniedCoreImport(id: EntryId, module: string, name: string): WeftError | undefined {
  if (module.startsWith("wasi_")) return undefined;
  const line = `{module: ${module}, function: ${name}, from: ${exampleTarget}}`;
  const message = `${id} called the import ${module}.${name}, which nothing provides: add ${line} to its imports to have an entry serve it`;
  return new WeftError("TRAP_MISSING_IMPORT", message, { details: { module, function: name } });
}

interface MissingImport {
  readonly id: string;
  readonly name: string;
  readonly func: string;
  readonly version: string | undefined;
}

function denial({ id, name, func, version }: MissingImport, granted: ReadonlySet<Host | undefined>): WeftError {
  const host = hostByInterface.get(name);
  const details = { interface: name, function: func };
  if (host === undefined) {
    const what = name === "" ? func : `${func} of ${name}`;
    const from = `from: ${exampleTarget}`;
    const full = version === undefined ? name : `${name}@${version}`;
    const line = name === "" ? `{function: ${func}, ${from}}` : `{interface: ${full}, ${from}}`;
    const message = `${id} called ${what}, which no host provides: add ${line} to its imports to have an entry serve it`;
    return new WeftError("TRAP_MISSING_IMPORT", message, { details });
  }
  if (!granted.has(host)) {
    const line = `add "${host.grants[0] ?? host.name}" to its imports`;
    return new WeftError("IMPORT_DENIED", `${id} imports ${name}, which it was not granted: ${line}`, { details });
  }
  const offered = host.p2?.interfaces[name];
  const why =
    offered === undefined
      ? "is not implemented yet"
      : `is implemented as version ${offered.version}, without this function of version ${version ?? offered.version}`;
  return new WeftError("UNSUPPORTED", `${id} called ${func} of ${name}, which ${why}`, { details });
}
