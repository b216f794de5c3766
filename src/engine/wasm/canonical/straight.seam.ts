// Seam for generated code: `new Function` gives functions without types. Names from WIT enter it only as quoted strings.
import { WeftError } from "../../../core/errors.ts";
import { generateReader, generateWriter } from "../../../wit/values/compile.seam.ts";
import { Mismatch, requiredCount } from "../../../wit/values/mismatch.ts";
import type { StraightCall, StraightForm } from "../../../wit/values/straight.ts";
import { cleanUp, liftResult, lowerArguments, maybeLater } from "./call-parts.ts";
import { ForeignBuilder, ForeignSource, type ForeignParts } from "./foreign.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { needsOf } from "./layout.ts";
import { LiftWriter } from "./lift-source.ts";
import { LowerWriter } from "./lower-source.ts";
import { numbers } from "./numbers.ts";

/** One instance's side of a straight call. */
export interface StraightGuest {
  readonly memory: GuestMemory;
  readonly call: (...args: never[]) => unknown;
  /** Around the call, as for any other. */
  readonly before?: () => void;
  readonly after?: () => void;
}

/** Calls a guest; gives the built result, or a promise of it. */
type StraightRun = (guest: StraightGuest, call: StraightCall) => unknown;

const known = {
  direct: new WeakMap<StraightForm, StraightRun>(),
  suspending: new WeakMap<StraightForm, StraightRun>(),
};

/** The code for straight calls of one form, generated once. */
function generateStraight(form: StraightForm, suspending: boolean): StraightRun {
  const cache = known[suspending ? "suspending" : "direct"];
  let run = cache.get(form);
  if (run === undefined) cache.set(form, (run = generate(form, suspending)));
  return run;
}

/** Makes a straight call and notes what it gave. Gives null, or a promise of it. */
export function runStraight(guest: StraightGuest, call: StraightCall, suspending: boolean): null | Promise<null> {
  const note = (built: unknown): null => {
    call.answer(built);
    return null;
  };
  const built = generateStraight(call.form, suspending)(guest, call);
  return built instanceof Promise ? built.then(note) : note(built);
}

/** A value of the wrong sort; the way to it is found when the arguments are read again for the message. */
class Unfit {
  readonly reason = "unfit";
}

function generate(form: StraightForm, suspending: boolean): StraightRun {
  const parts: ForeignParts = { read: [], keys: [], cases: [], write: [], shapes: [] };
  const source = straightSource(form, parts, suspending);
  const { reader, writer, signature } = form;
  const unfit = (): never => {
    throw new Unfit();
  };
  const f = {
    ...parts,
    r: parts.read.map((type) => generateReader(reader, type)),
    o: parts.write.map((type) => generateWriter(writer, type)),
    keys: parts.keys.map((spellings) => reader.key(spellings)),
    shapes: parts.shapes.map((names) => writer.shape(names)),
    none: reader.nil,
    nil: writer.nil,
    yes: writer.bool(true),
    isNil: (value: unknown) => reader.isNil(value),
    length: (list: unknown) => reader.length(list),
    item: (list: unknown, index: number) => reader.item(list, index),
    field: (table: unknown, key: unknown) => reader.field(table, key),
    list: (value: unknown) => reader.list(value) ?? unfit(),
    table: (value: unknown) => reader.table(value) ?? unfit(),
    tuple(value: unknown, least: number, most: number) {
      const list = reader.list(value) ?? unfit();
      const length = reader.length(list);
      return length < least || length > most ? unfit() : list;
    },
    caseOf({ names, index }: ForeignParts["cases"][number], value: unknown) {
      const at = index.get(reader.caseName(value) ?? "");
      return at === undefined ? unfit() : names[at];
    },
    payload: (value: unknown) => reader.casePayload(value, reader.caseName(value) ?? ""),
    newList: (items: unknown[]) => writer.list(items),
    newTable: (shape: unknown, values: readonly unknown[]) => writer.table(shape, values),
    newText: (text: string) => writer.text(text),
    count(count: number) {
      if (count > signature.params.length || count < requiredCount(signature)) unfit();
    },
    /** The very message that reading the arguments gives. */
    explain(thrown: unknown, call: StraightCall): never {
      if (!(thrown instanceof Unfit) && !(thrown instanceof Mismatch)) throw thrown;
      call.materialize();
      throw new WeftError("INTERNAL", "arguments that do not fit were read without a fault", { cause: thrown });
    },
  };
  return new Function("rt", "f", source)(numbers, f) as StraightRun;
}

/** The body of `(rt, f) => (guest, call) => built result`. */
function straightSource(
  { signature, writer, splitsResult }: StraightForm,
  parts: ForeignParts,
  suspending: boolean,
): string {
  const { result } = signature;
  const split = splitsResult && result?.kind === "result" ? result : undefined;
  const lower = new LowerWriter(undefined, new ForeignSource(parts));
  const lift = new LiftWriter(undefined, new ForeignBuilder(parts, writer, split));
  const lowered = lowerArguments(signature, lower, (index) => `a.length > ${index} ? a[${index}] : f.none`);
  const lifted = liftResult(signature, lift, "undefined");
  const { memory } = needsOf(signature);
  const end = cleanUp(suspending, "g.after?.(); return value;");
  const finish = `const finish = (r) => { ${memory ? "m.refresh();" : ""} ${lifted.statements} const value = ${lifted.gives}; ${end} };`;
  const run = suspending ? maybeLater("g.call(...core)") : "return finish(g.call(...core));";
  // Declarations see `m`, so they belong to one call.
  return `"use strict"; return (g, call) => {
    const m = g.memory, a = call.args;
    ${[...lower.declarations, ...lift.declarations].join("\n")}
    ${finish}
    g.before?.(); ${memory ? "m.begin();" : ""}
    let core;
    try { f.count(a.length); ${lowered.statements} core = [${lowered.gives.join(", ")}]; } catch (e) { f.explain(e, call); }
    ${run}
  };`;
}
