import type { Value } from "../../../../../src/core/values.ts";
import { WeftError } from "../../../../../src/core/errors.ts";
import { GuestExit } from "../../../../../src/core/exit.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../../../../../src/engine/wasm/component/prepare.ts";
import type {
  ComponentArtefact,
  ComponentProgram,
  InstanceImports,
  LinkOptions,
} from "../../../../../src/engine/wasm/program.ts";

/** A component, how it is called, and what it is given. */
export interface Case {
  readonly bytes: Uint8Array;
  readonly method: string;
  readonly suspending?: (interfaceName: string, functionName: string) => boolean;
  /** Made anew for each engine, so that state in hosts is not shared. */
  readonly imports?: () => InstanceImports;
  readonly link?: LinkOptions;
}

/** What came of a call: a value, or the code of a failure. */
export type Outcome =
  | { readonly value: Value }
  | { readonly code: string; readonly message: string }
  | { readonly exit: number };

/** Prepares a component for one engine, and refuses one that the engine declined. */
export async function prepareFor(engine: ComponentArtefact["engine"], wanted: Case): Promise<ComponentProgram> {
  const { bytes, method, suspending } = wanted;
  const options = { name: "test:guest", method, engine, ...(suspending === undefined ? {} : { suspending }) };
  const program = await prepareComponent(bytes, options);
  if (program.artefact.engine !== engine) throw new Error(`${engine} declined ${method}`);
  return program;
}

/** Makes calls on one instance, one after the other. */
export async function outcomesOf(
  engine: ComponentArtefact["engine"],
  wanted: Case,
  calls: readonly (readonly Value[])[],
): Promise<Outcome[]> {
  const program = await prepareFor(engine, wanted);
  const outcomes: Outcome[] = [];
  try {
    const instance = await linkComponent(program, wanted.link).instantiate(wanted.imports?.() ?? {});
    for (const args of calls) outcomes.push(await outcomeOf(async () => await instance.call(args)));
  } catch (thrown) {
    outcomes.push(failed(thrown));
  }
  return outcomes;
}

async function outcomeOf(call: () => Promise<Value>): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (thrown) {
    return failed(thrown);
  }
}

function failed(thrown: unknown): Outcome {
  if (thrown instanceof GuestExit) return { exit: thrown.status };
  if (thrown instanceof WeftError) return { code: thrown.code, message: thrown.message };
  throw thrown;
}

/** The part of outcomes in which engines must agree: messages are each engine's own. */
export function comparable(outcomes: readonly Outcome[]): unknown[] {
  return outcomes.map((outcome) => ("code" in outcome ? { code: outcome.code } : outcome));
}
