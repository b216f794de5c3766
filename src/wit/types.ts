/**
 * The model of WIT types: plain, structured-clonable data. Names are as WIT writes them (kebab-case, or whatever the
 * author's text used). Type aliases are resolved away; a named type keeps its name for messages.
 * Source: the Component Model's WIT grammar (https://component-model.bytecodealliance.org/design/wit.html).
 */
export type WitType =
  | { readonly kind: WitPrimitive }
  /** With a `length`, every value has exactly so many elements. */
  | { readonly kind: "list"; readonly element: WitType; readonly length?: number }
  | { readonly kind: "tuple"; readonly items: readonly WitType[] }
  | { readonly kind: "record"; readonly name?: string; readonly fields: readonly WitField[] }
  | { readonly kind: "variant"; readonly name?: string; readonly cases: readonly WitCase[] }
  | { readonly kind: "enum"; readonly name?: string; readonly cases: readonly string[] }
  | { readonly kind: "flags"; readonly name?: string; readonly flags: readonly string[] }
  | { readonly kind: "option"; readonly some: WitType }
  | { readonly kind: "result"; readonly ok?: WitType; readonly err?: WitType }
  | { readonly kind: "own" | "borrow"; readonly resource: string }
  | { readonly kind: "stream" | "future"; readonly element?: WitType }
  | { readonly kind: "error-context" };

/** The types without parts. */
export type WitPrimitive =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string";

/** A field of a record or a parameter of a function. */
export interface WitField {
  readonly name: string;
  readonly type: WitType;
}

/** A case of a variant; one without a payload has no `type`. */
export interface WitCase {
  readonly name: string;
  readonly type?: WitType;
}

/** A function's signature. `result` is absent for a function without one. */
export interface WitFunction {
  readonly name: string;
  readonly params: readonly WitField[];
  readonly result?: WitType;
  /** Arguments beyond its parameters are no mistake: they go nowhere (`compat: wippy`). */
  readonly ignoresSurplus?: true;
}

/** An interface with its functions, as a component imports or exports it: `wasi:clocks/wall-clock@0.2.3`. */
export interface WitInterface {
  readonly name: string;
  readonly functions: readonly WitFunction[];
  readonly resources: readonly string[];
}
