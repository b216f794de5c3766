import { randomBytes } from "node:crypto";
import { WeftError } from "../../../../core/errors.ts";
import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { compileModule } from "../../compile.ts";
import {
  budgetOf,
  memoryMaximum,
  pageBytes,
  tableElements,
  type LimitedModule,
  type ModulePlan,
  type PlannedMemory,
  type WasmLimits,
} from "../plan.ts";
import { Additions } from "./additions.ts";
import { BodyWriter, type Counted } from "./body.ts";
import { Cursor } from "./cursor.ts";
import { Resizers } from "./resize.ts";
import { readShape, sectionId, type ModuleShape, type Size } from "./shape.ts";
import { Sink } from "./sink.ts";
import { writeModule } from "./write.ts";

/** What a module is rewritten for. */
export interface RewriteOptions {
  /** The entry's id. */
  readonly name: string;
  readonly limits: WasmLimits;
  /** The instance has more modules than this. */
  readonly shared?: boolean;
  /** It is to mark what it writes to, which its `LimitedModule` says it can. */
  readonly marks?: boolean;
  /** Another module of the instance resizes a memory of this one, so both must see its real size. */
  readonly realSizes?: boolean;
}

/** Chosen anew by every thread, so that no binary can be made that names what is added. */
const prefix = `weft-${randomBytes(9).toString("base64url")}:`;

/**
 * Rewrites a core module so that it stays within limits. Nothing that it has changes its index: what is added is
 * appended.
 * @throws InvalidModuleError for bytes that V8 refuses, or that hold what Weft cannot read.
 * @throws WeftError `MEMORY_EXCEEDED` for a module that begins with more than it may have.
 */
export function rewriteModule(bytes: Uint8Array, options: RewriteOptions): LimitedModule {
  // V8 must judge what the author wrote: an index beyond the end could else mean something that is appended.
  if (!WebAssembly.validate(bytes)) {
    compileModule(bytes);
    throw new InvalidModuleError("the module is not valid", 0);
  }
  const shape = readShape(bytes);
  const { limits, shared = false, marks = false } = options;
  const budgetPages = budgetOf(limits);
  const memories = planMemories(shape, options, budgetPages);
  checkMinima(shape, options, budgetPages);
  const additions = new Additions(shape, prefix);
  const resizers = new Resizers(additions, { memories, shape, budgetPages, shared });
  const counted = { fuel: limits.fuel !== undefined, stack: limits.stackBytes !== undefined, marks, shared };
  const { bodies, changesForGood, writes } = writeBodies(shape, { additions, resizers, counted });
  const resettable = changesForGood ? undefined : resettableGlobals(shape, memories);
  for (const index of resettable ?? []) additions.export(`global${index}`, 3, index);
  if (shape.start !== undefined) additions.export("start", 0, shape.start);
  for (const [index, { home }] of memories.entries()) if (home === "own") additions.export(`memory${index}`, 2, index);
  const plan: ModulePlan = {
    prefix,
    memories: memories.map((memory, index) => finishMemory(memory, additions.has(`size${index}`))),
    counters: additions.counters,
    hooks: additions.hasHooks,
    marks,
    start: shape.start !== undefined,
    resettable,
  };
  const written = writeModule({ shape, additions, plan, bodies, tableElements: perTable(shape) });
  return { bytes: written, plan, resizesGiven: resizers.touchesGiven, writes };
}

function planMemories(shape: ModuleShape, options: RewriteOptions, budgetPages: number | undefined): PlannedMemory[] {
  // All or none: a memory that stayed would follow those that became imports, and change its index.
  const staysOwn = shape.memories.slice(shape.importedMemories).some(({ shared }) => shared);
  const isVirtual = options.realSizes !== true && options.limits.exactMemory !== true;
  return shape.memories.map(({ min, max, shared, wide }, index) => {
    const home = index < shape.importedMemories ? "given" : staysOwn ? "own" : "added";
    return {
      home,
      min,
      max: memoryMaximum({ max, wide }, budgetPages),
      shared,
      wide,
      size: home === "added" && isVirtual ? "virtual" : "real",
    };
  });
}

/** A counter that the guest's code never asked for was not made. */
function finishMemory(memory: PlannedMemory, hasCounter: boolean): PlannedMemory {
  return memory.size === "virtual" && !hasCounter ? { ...memory, size: "fixed" } : memory;
}

function checkMinima(shape: ModuleShape, { name }: RewriteOptions, budgetPages: number | undefined): void {
  const sum = (sizes: readonly Size[]) => sizes.reduce((total, { min }) => total + min, 0);
  const pages = sum(shape.memories);
  if (budgetPages !== undefined && pages > budgetPages)
    throw beginsWithTooMuch(name, "the module begins", { pages, budget: budgetPages });
  const elements = sum(shape.tables);
  if (elements <= tableElements) return;
  const message = `${name}: the module's tables begin with ${elements} elements, but the limit is ${tableElements}`;
  throw new WeftError("MEMORY_EXCEEDED", message, { details: { elements, limit: tableElements } });
}

/** What each table may grow to, so that all together stay near the limit. */
function perTable({ tables }: ModuleShape): number {
  return Math.floor(tableElements / Math.max(tables.length, 1));
}

/** What is said of a module, or of an instance's modules together, that could never run. Sizes are in pages. */
export function beginsWithTooMuch(
  name: string,
  what: string,
  { pages, budget }: { readonly pages: number; readonly budget: number },
): WeftError {
  const [bytes, limit] = [pages * pageBytes, budget * pageBytes];
  const message = `${name}: ${what} with ${bytes} bytes of memory (${pages} pages), but its limit is ${limit} (${budget} pages): raise limits.max_memory_bytes, or build it with a smaller memory`;
  return new WeftError("MEMORY_EXCEEDED", message, { details: { bytes, limit } });
}

/** The contents of the code section, without the count in front. */
function writeBodies(
  shape: ModuleShape,
  parts: { additions: Additions; resizers: Resizers; counted: Counted },
): Pick<LimitedModule, "writes"> & { readonly bodies: Uint8Array; readonly changesForGood: boolean } {
  const section = shape.sections.find(({ id }) => id === sectionId.code);
  if (section === undefined) return { bodies: new Uint8Array(), changesForGood: false, writes: "nothing" };
  const sink = new Sink(Math.ceil((section.end - section.body) * 1.1));
  const writer = new BodyWriter(sink, { shape, ...parts });
  const cursor = new Cursor(shape.bytes);
  cursor.at = section.body;
  const count = cursor.unsigned();
  let at = cursor.at;
  for (let index = 0; index < count; index++) at = writer.write(at, shape.importedFunctions + index);
  return { bodies: sink.take(), changesForGood: writer.changesForGood, writes: writer.writes };
}

/** More would cost as much as a new instance. Compilers make one or two, for the stack. */
const mostResettable = 16;

/** The globals that are all of its state beside its memories; undefined when there is more, or none would be gained. */
function resettableGlobals(shape: ModuleShape, memories: readonly PlannedMemory[]): readonly number[] | undefined {
  const { start, hasOtherState, mutableGlobals } = shape;
  if (start !== undefined || hasOtherState || mutableGlobals.length > mostResettable) return undefined;
  return memories.some(({ home }) => home === "own") ? undefined : mutableGlobals;
}
