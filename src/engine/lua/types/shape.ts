/** What a type annotation says of values, as plain data: it stands as JSON in the compiled program. */
export type Shape =
  | { readonly is: "any" | "never" | "function" | "table" }
  | { readonly is: "basic"; readonly name: string }
  | { readonly is: "literal"; readonly value: string | number | boolean }
  | { readonly is: "option"; readonly of: Shape }
  | { readonly is: "list"; readonly of: Shape }
  | { readonly is: "either"; readonly of: readonly Shape[] }
  | { readonly is: "both"; readonly of: readonly Shape[] }
  | { readonly is: "record"; readonly fields: readonly Field[]; readonly rest?: { key: Shape; value: Shape } }
  | { readonly is: "named"; readonly name: string; readonly args: readonly Shape[] }
  /** A value of the program that should be a type, such as `users.User`: by its place among the outside ones. */
  | { readonly is: "outside"; readonly index: number }
  | { readonly is: "limited"; readonly of: Shape; readonly rule: string; readonly value: string | number };

/** A field of a record. */
export interface Field {
  readonly name: string;
  readonly of: Shape;
  readonly optional: boolean;
}

/** A declared type: its parameters, and what it says. */
export interface Definition {
  readonly params: readonly string[];
  readonly shape: Shape;
}

/** A type with every other one that it names. */
export interface TypeDescription {
  readonly name: string;
  readonly definitions: Readonly<Record<string, Definition>>;
}

/** Types that are there without a declaration, as `type` names their values. */
export const basicTypes: ReadonlySet<string> = new Set(
  "nil boolean number integer float string thread userdata".split(" "),
);

/** A type as an author would write it, for messages. */
export function showShape(shape: Shape): string {
  switch (shape.is) {
    case "basic":
      return shape.name;
    case "literal":
      return JSON.stringify(shape.value);
    case "option":
      return `${showShape(shape.of)}?`;
    case "list":
      return `{${showShape(shape.of)}}`;
    case "either":
      return shape.of.map(showShape).join(" | ");
    case "both":
      return shape.of.map(showShape).join(" & ");
    case "record":
      return "table";
    case "named":
      return shape.name;
    case "outside":
      return "type";
    case "limited":
      return showShape(shape.of);
    default:
      return shape.is;
  }
}
