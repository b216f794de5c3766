import { WeftError } from "../../../core/errors.ts";
import type { WitFunction } from "../../../wit/types.ts";
import { silentLog, type Log } from "../../../core/log.ts";
import { inspectComponent } from "../inspect/component.ts";
import type { WasmLimits } from "../limits/plan.ts";
import { findMethod } from "../method.ts";
import type { ComponentArtefact, ComponentProgram } from "../program.ts";
import { builders } from "./builders.ts";
import { reasonToDecline, withMethod } from "./direct/build.ts";
import { withoutVersion } from "./names.ts";
import type { BuildOptions, ComponentSource } from "./engine.ts";

type IsSuspending = (interfaceName: string, functionName: string) => boolean;

/** What a component is prepared for. */
export interface PrepareComponentOptions {
  /** The entry's id. */
  readonly name: string;
  /** The lifted export to call, as the author wrote it. */
  readonly method: string;
  /** Folder of the cache; undefined keeps nothing between runs. */
  readonly cacheDir?: string | undefined;
  /**
   * True for an imported function that may wait: by its interface's name without version (`wasi:io/poll`, or "" for a
   * function outside of interfaces) and its WIT name (`[method]pollable.block`). One is enough to make every call a promise.
   */
  readonly suspending?: IsSuspending;
  /** True for one that may wait only in a component that imports a suspending function. */
  readonly suspendingAlong?: IsSuspending;
  readonly engine?: ComponentArtefact["engine"];
  /** What its instances are held to. */
  readonly limits?: WasmLimits;
  /** Its instances are put back after their calls. */
  readonly pristine?: boolean;
  readonly log?: Log;
}

/**
 * Reads a component, finds its method and has an engine make it runnable.
 * @throws InvalidModuleError for malformed bytes.
 * @throws WeftError `METHOD_NOT_FOUND`, or `UNSUPPORTED` when no engine can run it.
 */
export async function prepareComponent(bytes: Uint8Array, options: PrepareComponentOptions): Promise<ComponentProgram> {
  const { name, cacheDir, engine = "direct", limits = {}, pristine, log = silentLog } = options;
  const info = inspectComponent(bytes);
  const method = findMethod(
    options,
    info.exports.map((item) => item.name),
  );
  const signature = info.exports.find((item) => item.name === method);
  if (signature === undefined) throw new Error(`the export ${method} vanished`);
  const { suspending, writesSuspend } = allSuspending(info, options);
  const artefact = await build({ name, method, bytes, info }, { cacheDir, suspending, limits, pristine, log }, engine);
  return {
    type: "component",
    name,
    method,
    signature,
    imports: info.imports,
    importedFunctions: info.importedFunctions,
    exports: info.exports,
    artefact,
    writesSuspend,
    limits,
  };
}

/** The program that calls another export of the same component. To be asked where the component was prepared. */
export function programForExport(program: ComponentProgram, signature: WitFunction): ComponentProgram {
  const method = signature.name;
  return { ...program, method, signature, artefact: withMethod(program.artefact, method) };
}

const never: IsSuspending = () => false;
/** Interfaces that give output streams which are full as a matter of course. */
const slowStreams = /^wasi:(http|sockets)\//;

/**
 * Which imports this component is linked to suspend at. Those that suspend along with others stay out of a component
 * with constructors, in which jco cannot let anything wait, unless it has streams that are seldom without a wait.
 */
function allSuspending(
  { imports, exports }: ComponentSource["info"],
  { suspending = never, suspendingAlong = never }: PrepareComponentOptions,
): { readonly suspending: IsSuspending; readonly writesSuspend: boolean } {
  const waiting = imports
    .filter((item) => item.functions.some(({ name }) => suspending(withoutVersion(item.name), name)))
    .map((item) => item.name);
  const constructs = exports.some(({ name }) => name.includes("[constructor]"));
  const writesSuspend = constructs ? waiting.some((name) => slowStreams.test(name)) : waiting.length > 0;
  if (!writesSuspend) return { suspending, writesSuspend };
  return { suspending: (from, name) => suspending(from, name) || suspendingAlong(from, name), writesSuspend };
}

/** Which engine runs a component that asks for none, and why it is not the first one. */
export interface EngineChoice {
  readonly engine: ComponentArtefact["engine"];
  /** Goes after "because". */
  readonly reason: string | undefined;
}

/** Says what `prepareComponent` would choose, without making anything. @throws InvalidModuleError. */
export function chooseEngine(bytes: Uint8Array, suspending: IsSuspending = never): EngineChoice {
  const reason = reasonToDecline(bytes, suspending);
  return { engine: reason === undefined ? "direct" : fallback, reason };
}

/** The engine that runs what others decline. */
const fallback = "jco";

async function build(
  source: ComponentSource,
  options: BuildOptions,
  engine: ComponentArtefact["engine"],
): Promise<ComponentArtefact> {
  const made = await builders[engine].build(source, options);
  if (made.engine !== undefined) return made;
  const { reason } = made;
  if (engine === fallback) throw new WeftError("UNSUPPORTED", `${source.name}: no engine runs it, because ${reason}`);
  options.log.info("another engine runs a component", {
    entry: source.name,
    declined: engine,
    engine: fallback,
    reason,
  });
  return await build(source, options, fallback);
}
