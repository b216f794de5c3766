import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import {
  discriminantSize,
  layoutOf,
  offsetsOf,
  payloadOffset,
  payloadsOf,
  shapeOf,
  type Cased,
} from "../../../../src/engine/wasm/canonical/layout.ts";
import type { WitFunction, WitType } from "../../../../src/wit/types.ts";

/** A module with a heap that only grows, and a function `echo` that returns its one argument, whatever its type. */
export function echoWat(type: WitType): string {
  const signature = echoSignature(type);
  const shape = shapeOf(signature);
  const params = shape.params.map((kind, index) => `(param $p${index} ${kind})`).join(" ");
  const results = shape.results.map((kind) => `(result ${kind})`).join(" ");
  return `(module $echo
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 1024))
    (func $alloc (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (block $enough (loop $more
        (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
        (br $more)))
      (local.get $at))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $alloc (local.get 2) (local.get 3)))
    (func $echo (export "echo") ${params} ${results} ${body(type)}))`;
}

/** `echo: func(v: T) -> T`. */
export function echoSignature(type: WitType): WitFunction {
  return { name: "echo", params: [{ name: "v", type }], result: type };
}

/** The module, assembled. */
export function echoModule(type: WitType): Promise<Uint8Array> {
  return assemble(echoWat(type), "test:echo");
}

function body(type: WitType): string {
  const shape = shapeOf(echoSignature(type));
  if (!shape.returnsPointer) return shape.params.length === 0 ? "" : "(local.get $p0)";
  // Arguments that came in memory lie there as the result must.
  if (shape.spilled) return "(local.get $p0)";
  return `(local $at i32)
    (local.set $at (call $alloc (i32.const ${layoutOf(type).align}) (i32.const ${layoutOf(type).size})))
    ${storeFlat(type, { expressions: shape.params.map((_, index) => `(local.get $p${index})`), kinds: shape.params }, 0)}
    (local.get $at)`;
}

/** A flattened value: WAT expressions of its core values, with their types. */
interface Flat {
  readonly expressions: readonly string[];
  readonly kinds: readonly string[];
}

/** Statements that store a flattened value at `$at + offset`: lifting by the specification, written a second time. */
function storeFlat(type: WitType, flat: Flat, offset: number): string {
  const [first = "", second = ""] = flat.expressions;
  switch (type.kind) {
    case "tuple":
      return storeSequence(type.items, flat, offset);
    case "record":
      return storeSequence(
        type.fields.map((field) => field.type),
        flat,
        offset,
      );
    case "variant":
    case "option":
    case "result":
      return storeCases(type, flat, offset);
    case "list":
      if (type.length !== undefined) return storeSequence(Array(type.length).fill(type.element), flat, offset);
      return store("i32", first, offset) + store("i32", second, offset + 4);
    case "string":
      return store("i32", first, offset) + store("i32", second, offset + 4);
    case "flags":
      if (type.flags.length > 16) return flat.expressions.map((word, i) => store("i32", word, offset + i * 4)).join("");
  }
  const { size } = layoutOf(type);
  const kind = flat.kinds[0] ?? "i32";
  return store(kind, first, offset, kind === "i32" && size < 4 ? String(size * 8) : "");
}

function store(kind: string, expression: string, offset: number, bits = ""): string {
  return `(${kind}.store${bits} offset=${offset} (local.get $at) ${expression})\n`;
}

function storeSequence(types: readonly WitType[], flat: Flat, offset: number): string {
  let place = 0;
  return types
    .map((type, index) => {
      const from = place;
      place += layoutOf(type).flat.length;
      return storeFlat(type, slice(flat, from, place), offset + (offsetsOf(types)[index] ?? 0));
    })
    .join("");
}

function storeCases(type: Cased, flat: Flat, offset: number): string {
  const [discriminant = ""] = flat.expressions;
  const payloads = payloadsOf(type);
  const tag = store("i32", discriminant, offset, ["", "8", "16"][discriminantSize(payloads.length)]);
  const cases = payloads.map((payload, index) => {
    if (payload === undefined) return "";
    const kinds = layoutOf(payload).flat;
    const expressions = kinds.map((kind, place) => {
      return narrow(flat.kinds[place + 1] ?? "", kind, flat.expressions[place + 1] ?? "");
    });
    const body = storeFlat(payload, { expressions, kinds }, offset + payloadOffset(type));
    return `(if (i32.eq ${discriminant} (i32.const ${index})) (then ${body}))\n`;
  });
  return tag + cases.join("");
}

function narrow(from: string, to: string, expression: string): string {
  if (from === to) return expression;
  if (to === "f64") return `(f64.reinterpret_i64 ${expression})`;
  const small = from === "i64" ? `(i32.wrap_i64 ${expression})` : expression;
  return to === "f32" ? `(f32.reinterpret_i32 ${small})` : small;
}

function slice(flat: Flat, from: number, to: number): Flat {
  return { expressions: flat.expressions.slice(from, to), kinds: flat.kinds.slice(from, to) };
}
