import type { Definition, TypeDescription } from "./shape.ts";

/** A type that a program declared, as a value: `T:is(v)`, `T(v)`. */
export class LuaType {
  readonly name: string;
  readonly definitions: Readonly<Record<string, Definition>>;
  /** The values of the program that it refers to, where they are types. */
  readonly outside: readonly (LuaType | undefined)[];

  constructor({ name, definitions }: TypeDescription, outside: readonly (LuaType | undefined)[]) {
    this.name = name;
    this.definitions = definitions;
    this.outside = outside;
  }
}
