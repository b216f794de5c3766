import { WeftError } from "../../../../core/errors.ts";
import type { Value } from "../../../../core/values.ts";
import { generateReader } from "../../../../wit/values/compile.seam.ts";
import { javascriptReader } from "../../../../wit/values/javascript.ts";
import { Mismatch } from "../../../../wit/values/mismatch.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { argumentsToJco, fromJco, resultValue } from "../jco/values.seam.ts";
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
  const lift = argumentsToJco(signature.params.map(({ type }) => type));
  const answer = answerOf(signature, checker(wanted, program));
  const find = finder(wanted);
  return (given) => {
    const run = find(given) ?? refuse;
    return (args) => answer(run, lift(args));
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
  const key = name.kind === "constructor" ? "" : keyOf(camelCase(name.name));
  return (given) => {
    const target = givenImport(given, module, resource);
    if (typeof target !== "function") return undefined;
    if (name.kind === "constructor") return (args) => callHost(target, args, "construct");
    if (name.kind === "static") return (args) => callMethod(target, key, args);
    return ([self, ...args]) => callMethod(self, key, args);
  };
}

/** The same text as V8 has it for names of properties: it would look for another one each time. */
function keyOf(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text;
}

function callable(found: unknown): Run | undefined {
  return typeof found === "function" ? (args) => callHost(found, args, "call") : undefined;
}

/** What makes sure that a canonical value is of a function's result type. Its code is written when it is first needed. */
function checker({ interface: module, signature }: HostFunction, program: string): (value: Value) => Value {
  const { result } = signature;
  if (result === undefined || result.kind === "own") return (value) => value;
  let read: ((value: unknown) => Value) | undefined;
  return (value) => {
    read ??= generateReader(javascriptReader, result);
    try {
      return read(value);
    } catch (thrown) {
      if (!(thrown instanceof Mismatch)) throw thrown;
      const path = thrown.path === "" ? "" : `at ${thrown.path}: `;
      throw invalidResult(
        `${program}: the host's ${module}.${signature.name} gave a wrong value: ${path}${thrown.problem}`,
      );
    }
  };
}

function invalidResult(message: string, cause?: unknown): WeftError {
  return new WeftError("INVALID_RESULT", message, { cause });
}

/** A conversion of what came from a host: anything that it stumbles over is the host's mistake. */
function lenient<T>(convert: (value: unknown) => T): (value: unknown) => T {
  return (value) => {
    try {
      return convert(value);
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      throw invalidResult(`the host gave a value that cannot be read: ${thrown.message}`, thrown);
    }
  };
}

/** Runs a host's function and gives its canonical result; what it throws is the `err` of a `result`. */
function answerOf(
  { result }: WitFunction,
  check: (value: Value) => Value,
): (run: Run, args: readonly unknown[]) => Value | Promise<Value> {
  const plain = (lower: (value: unknown) => Value) => (run: Run, args: readonly unknown[]) => {
    const value = run(args);
    return value instanceof Promise ? value.then(lower) : lower(value);
  };
  if (result === undefined) return plain(() => null);
  const convert = fromJco(result);
  if (result.kind !== "result") return plain(lenient((value) => check(convert(value))));
  const [asOk, asErr] = [resultValue(result, "ok"), resultValue(result, "err")];
  const ok = lenient((value) => check(asOk(value)));
  const give = lenient((payload) => check(asErr(payload)));
  const err = (thrown: unknown) => give(payloadOf(thrown));
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
