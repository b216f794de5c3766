import type { Value } from "../../../../core/values.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { fromJco, resultValue, toJco } from "../jco/values.seam.ts";
import { givenImport, missingImport } from "../../missing-import.ts";
import type { HostFunction, InstanceImports, LinkOptions } from "../../program.ts";
import { camelCase, parseFunctionName, pascalCase, withoutVersion } from "../names.ts";
import { callHost, callMethod } from "./glue.seam.ts";

/** A host's function with canonical values. */
export type HostCall = (args: readonly Value[]) => Value | Promise<Value>;
/** Finds the host's function among what an instance is given. */
export type BindHost = (given: InstanceImports) => HostCall;

type Run = (args: readonly unknown[]) => unknown;

/** Prepares the call of one imported function, once per program. Hosts speak as jco has it: camelCase, `{tag, val}`, thrown `err`. */
export function hostFunction(wanted: HostFunction, program: string, options: LinkOptions): BindHost {
  const { signature } = wanted;
  const refuse = (): never => {
    const module = wanted.interface;
    throw options.denied?.(withoutVersion(module), signature.name) ?? missingImport(program, module, signature.name);
  };
  const lift = signature.params.map(({ type }) => toJco(type));
  const answer = answerOf(signature);
  const find = finder(wanted);
  return (given) => {
    const run = find(given) ?? refuse;
    return (args) => answer(run, lift.length === 0 ? [] : args.map((arg, index) => lift[index]?.(arg)));
  };
}

/** Where an import object has the function. */
function finder({ interface: full, signature }: HostFunction): (given: InstanceImports) => Run | undefined {
  if (full === "") return (given) => callable(givenImport(given, signature.name, "default"));
  const module = withoutVersion(full);
  const name = parseFunctionName(signature.name);
  if (name.kind === "function") {
    const key = camelCase(name.name);
    return (given) => callable(givenImport(given, module, key));
  }
  const resource = pascalCase(name.resource);
  return (given) => {
    const target = givenImport(given, module, resource);
    if (typeof target !== "function") return undefined;
    if (name.kind === "constructor") return (args) => callHost(target, args, "construct");
    const key = camelCase(name.name);
    if (name.kind === "static") return (args) => callMethod(target, key, args);
    return ([self, ...args]) => callMethod(self, key, args);
  };
}

function callable(found: unknown): Run | undefined {
  return typeof found === "function" ? (args) => callHost(found, args, "call") : undefined;
}

/** Runs a host's function and gives its canonical result; what it throws is the `err` of a `result`. */
function answerOf({ result }: WitFunction): (run: Run, args: readonly unknown[]) => Value | Promise<Value> {
  const plain = (lower: (value: unknown) => Value) => (run: Run, args: readonly unknown[]) => {
    const value = run(args);
    return value instanceof Promise ? value.then(lower) : lower(value);
  };
  if (result === undefined) return plain(() => null);
  if (result.kind !== "result") return plain(fromJco(result));
  const ok = (value: unknown) => resultValue(result, "ok", value);
  const err = (thrown: unknown) => resultValue(result, "err", payloadOf(thrown));
  return (run, args) => {
    let value: unknown;
    try {
      value = run(args);
    } catch (thrown) {
      return err(thrown);
    }
    return value instanceof Promise ? value.then(ok, err) : ok(value);
  };
}

/** The `err` that a host throws: what it calls its payload, or anything that is no error. */
function payloadOf(thrown: unknown): unknown {
  if (typeof thrown === "object" && thrown !== null && Object.hasOwn(thrown, "payload") && "payload" in thrown) {
    return thrown.payload;
  }
  if (thrown instanceof Error) throw thrown;
  return thrown;
}
