import type { WitFunction } from "../../../wit/types.ts";
import type { CallCustoms } from "./handle.ts";
import { layoutOf, needsOf, offsetsOf, sequence, shapeOf } from "./layout.ts";
import { LiftWriter } from "./lift-source.ts";
import { LowerWriter } from "./lower-source.ts";

/**
 * The source of `(m, host, rt) => (...core values) => core result`: the core function that a guest imports. Lifts its
 * arguments, calls `host(args)` with canonical values, and lowers the result. With `suspending`, `host` may give a
 * promise, and the name `WebAssembly` must stand for a `WasmRealm`.
 */
export function importSource(signature: WitFunction, suspending: boolean, customs: CallCustoms = {}): string {
  const lower = new LowerWriter(customs.lower);
  const lift = new LiftWriter(customs.lift);
  const { memory } = needsOf(signature);
  const shape = shapeOf(signature);
  const params = shape.params.map((_, index) => `p${index}`);
  const before: string[] = [];
  const args = liftArguments(signature, lift, { params, into: before });
  const after: string[] = [];
  const result = lowerResult(signature, lower, after);
  const refresh = memory ? "m.refresh();" : "";
  const all = shape.returnsPointer ? [...params, "q"] : params;
  const finish = `${customs.after ?? ""} ${refresh} ${after.join(" ")} return ${result};`;
  const call = `host([${args.join(", ")}])`;
  const run = suspending
    ? `const finish = (v) => { ${finish} }; return WebAssembly.settle(${call}, finish);`
    : `const v = ${call}; ${finish}`;
  return [
    '"use strict";',
    ...lower.declarations,
    ...lift.declarations,
    // Nothing that is thrown here is the guest's to catch.
    `return (${all.join(", ")}) => { try { ${customs.before ?? ""} ${memory ? "m.begin();" : ""} ${before.join(" ")} ${run} } catch (thrown) { throw rt.uncatchable(thrown); } };`,
  ].join("\n");
}

interface Places {
  readonly params: readonly string[];
  readonly into: string[];
}

function liftArguments(signature: WitFunction, lift: LiftWriter, { params, into }: Places): string[] {
  const types = signature.params.map((param) => param.type);
  const values: string[] = [];
  const bind = (value: string) => {
    into.push(`const a${values.length} = ${value};`);
    values.push(`a${values.length}`);
  };
  if (shapeOf(signature).spilled) {
    const { size, align } = sequence(types);
    into.push(`const from = m.range(p0, ${size}, ${align});`);
    const offsets = offsetsOf(types);
    for (const [index, type] of types.entries()) bind(lift.load(type, `from + ${offsets[index]}`));
    return values;
  }
  let at = 0;
  for (const type of types) {
    const count = layoutOf(type).flat.length;
    bind(lift.flat(type, params.slice(at, at + count), into));
    at += count;
  }
  return values;
}

function lowerResult(signature: WitFunction, lower: LowerWriter, into: string[]): string {
  const { result } = signature;
  if (result === undefined) return "undefined";
  if (!shapeOf(signature).returnsPointer) return lower.flat(result, "v", into)[0] ?? "undefined";
  const { size, align } = layoutOf(result);
  into.push(`const to = m.room(q, ${size}, ${align});`, lower.store(result, "v", "to"));
  return "undefined";
}
