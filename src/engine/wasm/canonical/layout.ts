import { partsOf } from "../../../wit/format.ts";
import type { WitFunction, WitType } from "../../../wit/types.ts";

/** Core types that values flatten to. */
export type FlatType = "i32" | "i64" | "f32" | "f64";

/** How a type lies in linear memory, and what it becomes on the stack. Sizes in bytes. */
export interface Layout {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly FlatType[];
}

/** Parameters and results beyond these travel in memory (Canonical ABI, MAX_FLAT_PARAMS and MAX_FLAT_RESULTS). */
export const maxFlatParams = 16;
export const maxFlatResults = 1;

const known = new WeakMap<WitType, Layout>();

/** The layout of a type. */
export function layoutOf(type: WitType): Layout {
  let layout = known.get(type);
  if (layout === undefined) known.set(type, (layout = compute(type)));
  return layout;
}

function scalar(size: number, flat: FlatType): Layout {
  return { size, align: size, flat: [flat] };
}

function compute(type: WitType): Layout {
  switch (type.kind) {
    case "bool":
    case "s8":
    case "u8":
      return scalar(1, "i32");
    case "s16":
    case "u16":
      return scalar(2, "i32");
    case "s64":
    case "u64":
      return scalar(8, "i64");
    case "f32":
      return scalar(4, "f32");
    case "f64":
      return scalar(8, "f64");
    case "string":
      return pointerAndLength;
    case "list":
      return type.length === undefined ? pointerAndLength : repeated(layoutOf(type.element), type.length);
    case "tuple":
      return sequence(type.items);
    case "record":
      return sequence(type.fields.map((field) => field.type));
    case "enum":
      return scalar(discriminantSize(type.cases.length), "i32");
    case "flags":
      return flagsLayout(type.flags.length);
    case "variant":
    case "option":
    case "result":
      return variantLayout(payloadsOf(type));
    default:
      // s32, u32, char, and handles of every sort.
      return scalar(4, "i32");
  }
}

const pointerAndLength: Layout = { size: 8, align: 4, flat: ["i32", "i32"] };

/** Layout of so many values of one type. What is too long for the stack needs no more places than show it. */
function repeated({ size, align, flat }: Layout, count: number): Layout {
  const shown = Math.min(count, maxFlatParams + 1);
  return { size: size * count, align, flat: Array.from({ length: shown }, () => flat).flat() };
}

/** Layout of values one after the other: a record, a tuple, parameters in memory. */
export function sequence(types: readonly WitType[]): Layout {
  const align = Math.max(1, ...types.map((type) => layoutOf(type).align));
  let size = 0;
  for (const type of types) size = alignUp(size, layoutOf(type).align) + layoutOf(type).size;
  return { size: alignUp(size, align), align, flat: types.flatMap((type) => layoutOf(type).flat) };
}

/** Where each value of a sequence begins. */
export function offsetsOf(types: readonly WitType[]): number[] {
  let at = 0;
  return types.map((type) => {
    const offset = alignUp(at, layoutOf(type).align);
    at = offset + layoutOf(type).size;
    return offset;
  });
}

/** Types with cases. */
export type Cased = Extract<WitType, { kind: "variant" | "option" | "result" }>;

/** The payload of each case, in order of their discriminants. */
export function payloadsOf(type: Cased): readonly (WitType | undefined)[] {
  switch (type.kind) {
    case "variant":
      return type.cases.map((item) => item.type);
    case "option":
      return [undefined, type.some];
    case "result":
      return [type.ok, type.err];
  }
}

/** Bytes of the discriminant of a type with so many cases. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  if (cases <= 0x100) return 1;
  return cases <= 0x1_0000 ? 2 : 4;
}

/** Where the payload of a type with cases begins. */
export function payloadOffset(type: Cased): number {
  const payloads = payloadsOf(type);
  return alignUp(discriminantSize(payloads.length), payloadAlign(payloads));
}

function payloadAlign(payloads: readonly (WitType | undefined)[]): number {
  return Math.max(1, ...payloads.map((payload) => (payload === undefined ? 1 : layoutOf(payload).align)));
}

function variantLayout(payloads: readonly (WitType | undefined)[]): Layout {
  const discriminant = discriminantSize(payloads.length);
  const layouts = payloads.flatMap((payload) => (payload === undefined ? [] : [layoutOf(payload)]));
  const align = Math.max(discriminant, payloadAlign(payloads));
  const offset = alignUp(discriminant, payloadAlign(payloads));
  const largest = Math.max(0, ...layouts.map((layout) => layout.size));
  return { size: alignUp(offset + largest, align), align, flat: ["i32", ...joinAll(layouts)] };
}

/** Cases share their places on the stack: each place has a type that holds all of them. */
function joinAll(layouts: readonly Layout[]): FlatType[] {
  const joined: FlatType[] = [];
  for (const { flat } of layouts) {
    for (const [index, type] of flat.entries()) {
      const before = joined[index];
      joined[index] = before === undefined ? type : join(before, type);
    }
  }
  return joined;
}

function join(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a;
  const areSmall = (a === "i32" && b === "f32") || (a === "f32" && b === "i32");
  return areSmall ? "i32" : "i64";
}

function flagsLayout(count: number): Layout {
  if (count <= 8) return { size: 1, align: 1, flat: ["i32"] };
  if (count <= 16) return { size: 2, align: 2, flat: ["i32"] };
  const words = Math.ceil(count / 32);
  return { size: words * 4, align: 4, flat: Array.from({ length: words }, (): FlatType => "i32") };
}

function alignUp(at: number, align: number): number {
  return Math.ceil(at / align) * align;
}

/** The core type that a lifted function of a signature has, and whether its parameters or result lie in memory. */
export interface CoreShape {
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
  /** The only parameter points to the arguments. */
  readonly spilled: boolean;
  /** The result is a pointer to the value. */
  readonly returnsPointer: boolean;
}

/** Flattens a signature as the canonical ABI does for exports. */
export function shapeOf(signature: WitFunction): CoreShape {
  const params = sequence(signature.params.map((param) => param.type)).flat;
  const results = signature.result === undefined ? [] : layoutOf(signature.result).flat;
  const spilled = params.length > maxFlatParams;
  const returnsPointer = results.length > maxFlatResults;
  return { params: spilled ? ["i32"] : params, results: returnsPointer ? ["i32"] : results, spilled, returnsPointer };
}

/** The core type that an imported function of a signature has for a guest. */
export function importShapeOf(signature: WitFunction): Pick<CoreShape, "params" | "results"> {
  const { params, results, returnsPointer } = shapeOf(signature);
  return returnsPointer ? { params: [...params, "i32"], results: [] } : { params, results };
}

/** What a guest needs that imports a signature: it says where results go, and makes room for what they point to. */
export function importNeedsOf(signature: WitFunction): GuestNeeds {
  const { result } = signature;
  return { memory: needsOf(signature).memory, allocator: result !== undefined && hasPointers(result) };
}

/** What calling a signature takes of the guest beyond its function. */
export interface GuestNeeds {
  readonly memory: boolean;
  readonly allocator: boolean;
}

/** Whether values of a signature travel through the guest's memory, and whether the host must find room there. */
export function needsOf(signature: WitFunction): GuestNeeds {
  const shape = shapeOf(signature);
  const allocator = shape.spilled || signature.params.some((param) => hasPointers(param.type));
  const readsPointers = signature.result !== undefined && hasPointers(signature.result);
  return { memory: allocator || shape.returnsPointer || readsPointers, allocator };
}

/** A list that lies elsewhere in memory. */
function isDynamic(type: WitType): boolean {
  return type.kind === "list" && type.length === undefined;
}

function hasPointers(type: WitType): boolean {
  return type.kind === "string" || isDynamic(type) || partsOf(type).some(hasPointers);
}
