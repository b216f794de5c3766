import { Cursor } from "./cursor.ts";
import { op } from "./opcodes.ts";
import { sectionId, type ModuleShape } from "./shape.ts";

/** Longer ones count for themselves. */
const mostInstructions = 24;

/**
 * The functions that are a few instructions without a branch, a call or anything that is rewritten, by their index: what
 * each costs, or 0 for all others. V8 compiles them into their callers, so their callers are charged for them, and keep
 * their counters in locals across the call. Exported ones count for themselves.
 */
export function straightLeaves(shape: ModuleShape): Uint8Array {
  const costs = new Uint8Array(shape.functions.length);
  const section = shape.sections.find(({ id }) => id === sectionId.code);
  if (section === undefined) return costs;
  const cursor = new Cursor(shape.bytes);
  cursor.at = section.body;
  const count = cursor.unsigned();
  for (let index = shape.importedFunctions; index < shape.importedFunctions + count; index++) {
    const end = cursor.unsigned() + cursor.at;
    if (!shape.exportedFunctions.has(index)) costs[index] = straightCost(cursor, end);
    cursor.at = end;
  }
  return costs;
}

/** Instructions of a body, without its end; 0 when it is not straight, or long. */
function straightCost(cursor: Cursor, end: number): number {
  for (let groups = cursor.unsigned(); groups > 0; groups--) {
    cursor.skipLeb();
    cursor.skipValueType();
  }
  let cost = 0;
  while (cursor.at < end - 1) {
    const opcode = cursor.byte();
    cost += 1;
    if (cost > mostInstructions || !isPlain(opcode)) return 0;
    cursor.skipImmediates(opcode);
  }
  return cost;
}

/** Parameters, locals, globals, loads, stores, constants, numbers and references. */
function isPlain(opcode: number): boolean {
  if (opcode === op.memorySize || opcode === op.memoryGrow) return false;
  return (opcode >= op.drop && opcode < op.brOnNull && opcode !== op.tryTable) || opcode === op.nop;
}
