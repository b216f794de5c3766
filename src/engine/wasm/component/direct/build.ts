import { WeftError } from "../../../../core/errors.ts";
import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { readComponent } from "../../inspect/component/read.ts";
import { inspectCore } from "../../inspect/core.ts";
import { checkMinima, limitModules, type MarkableModules } from "../../limits/prepare.ts";
import type { ComponentArtefact } from "../../program.ts";
import { validateComponent } from "../../validate/component.ts";
import type { BuildOptions, ComponentBuilder, ComponentSource, EngineDeclined } from "../engine.ts";
import { TooLarge } from "./bounds.ts";
import { CoreTypes } from "./core-types.ts";
import { Declined } from "./declined.ts";
import { emitProgram } from "./emit.ts";
import { linkProgram } from "./linker.ts";
import type { LinkProgram } from "./program.ts";
import { findUsed, type Used } from "./prune.ts";
import { stripExports } from "./strip.ts";

/** Runs components through our own linker and generated code, without a task machinery around each call. */
export const directBuilder: ComponentBuilder = {
  engine: "direct",
  build: async (source, options) => await Promise.resolve(build(source, options)),
};

/** Why this engine leaves a component to another one; undefined when it takes it. @throws InvalidModuleError. */
export function reasonToDecline(bytes: Uint8Array, suspending: BuildOptions["suspending"]): string | undefined {
  const linked = link(bytes, suspending);
  return "engine" in linked ? linked.reason : undefined;
}

/** What artefacts on the control plane were made of. Isolates have copies, of which nothing is known here. */
const origins = new WeakMap<ComponentArtefact, { readonly source: ComponentSource; readonly options: BuildOptions }>();

/** The artefact that calls another export of the same component. Others' artefacts call them all. */
export function withMethod(artefact: ComponentArtefact, method: string): ComponentArtefact {
  const origin = origins.get(artefact);
  if (origin === undefined) return artefact;
  const made = build({ ...origin.source, method }, origin.options);
  return made.engine === undefined ? artefact : made;
}

function build(source: ComponentSource, options: BuildOptions): ComponentArtefact | EngineDeclined {
  const linked = link(source.bytes, options.suspending, source.method);
  if ("engine" in linked) return linked;
  const { program, source: glue, suspending } = linked;
  const limited = makeModules(source, linked, options);
  const instances = program.steps.flatMap((step) => (step.kind === "instantiate" ? [step.module] : []));
  checkMinima(limited.plans, instances, { name: source.name, limits: options.limits });
  const artefact: ComponentArtefact = {
    engine: "direct",
    source: glue,
    ...limited,
    hostFunctions: program.hostFunctions,
    starts: program.steps.some(({ kind }) => kind === "start"),
    hostClasses: program.resources.map(({ host }) => host),
    suspending,
  };
  origins.set(artefact, { source, options });
  return artefact;
}

interface LinkedSource {
  readonly program: LinkProgram;
  readonly used: Used;
  readonly source: string;
  readonly suspending: boolean;
}

/** Binaries that were validated: each export of one is built for itself. */
const valid = new WeakSet<Uint8Array>();

/** `method` is the only export that is wanted; all of them without one. */
function link(
  bytes: Uint8Array,
  isSuspending: BuildOptions["suspending"],
  method?: string,
): LinkedSource | EngineDeclined {
  try {
    const tree = readComponent(bytes);
    // What is asynchronous is declined by linking, and validated by the engine that takes it.
    if (tree.unsupported.length === 0 && !valid.has(bytes)) {
      validateComponent(bytes, tree);
      valid.add(bytes);
    }
    const whole = linkProgram(tree, isSuspending);
    const modules = [...whole.modules].map(([part, { start, end }]) => {
      return [part, inspectCore(bytes.subarray(start, end))] as const;
    });
    const types = new CoreTypes(whole, new Map(modules));
    const exports = [...whole.exports].filter(([name]) => method === undefined || name === method);
    const program = { ...whole, exports: new Map(exports) };
    const suspending = program.hostFunctions.some((item) => item.suspending);
    const used = findUsed(program, types);
    return { program, used, suspending, source: emitProgram(program, { suspending, steps: used.steps, types }) };
  } catch (thrown) {
    if (thrown instanceof Declined) return { engine: undefined, reason: thrown.message };
    if (thrown instanceof TooLarge)
      throw new WeftError("UNSUPPORTED", `this component is too large: ${thrown.message}`);
    throw thrown;
  }
}

function makeModules(
  { name, bytes }: ComponentSource,
  { program, used }: LinkedSource,
  { limits, cacheDir, log, pristine }: BuildOptions,
): MarkableModules {
  const parts = [...program.modules].map(([part, { start, end }]) => [part, bytes.subarray(start, end)] as const);
  const none: ReadonlySet<string> = new Set();
  const stripped = parts.map(([part, whole]) => [part, stripExports(whole, used.exports.get(part) ?? none)] as const);
  const options = { name, limits, pristine, cache: { cacheDir, log } };
  try {
    return limitModules(Object.fromEntries(stripped), options);
  } catch (thrown) {
    if (!(thrown instanceof InvalidModuleError)) throw thrown;
    // An export also declares that its function may be referred to. If it is not that, V8 says again what is wrong.
    return limitModules(Object.fromEntries(parts), options);
  }
}
