import type { WitType } from "../../../../src/wit/types.ts";
import { echoWat } from "./echo-module.ts";

/** The module of `echoWat` inside a component that exports `echo: func(v: T) -> T`, and T's named types. */
export function echoComponentWat(type: WitType): string {
  const definitions: string[] = [];
  const use = writeType(type, definitions);
  return `(component
    (core ${echoWat(type).replace("(module $echo", "module $m")}
    (core instance $i (instantiate $m))
    ${definitions.join("\n")}
    (func (export "echo") (param "v" ${use}) (result ${use})
      (canon lift (core func $i "echo")
        (memory (core memory $i "memory"))
        (realloc (core func $i "cabi_realloc")))))`;
}

/** Writes what a type needs, and gives the text that means it. */
export function writeType(type: WitType, into: string[]): string {
  const part = (inner: WitType) => writeType(inner, into);
  const define = (text: string) => {
    const name = `$d${into.length}`;
    into.push(`(type ${name} ${text})`);
    return name;
  };
  const named = (name: string | undefined, text: string) => {
    const defined = define(text);
    // A world's types are imports, equal to their definitions.
    into.push(`(import "${name}" (type $${name} (eq ${defined})))`);
    return `$${name}`;
  };
  switch (type.kind) {
    case "list":
      return define(`(list ${part(type.element)}${type.length === undefined ? "" : ` ${type.length}`})`);
    case "option":
      return define(`(option ${part(type.some)})`);
    case "tuple":
      return define(`(tuple ${type.items.map(part).join(" ")})`);
    case "result": {
      const ok = type.ok === undefined ? "" : part(type.ok);
      const err = type.err === undefined ? "" : `(error ${part(type.err)})`;
      return define(`(result ${ok} ${err})`);
    }
    case "record":
      return named(
        type.name,
        `(record ${type.fields.map((item) => `(field "${item.name}" ${part(item.type)})`).join(" ")})`,
      );
    case "variant": {
      const cases = type.cases.map((item) => `(case "${item.name}" ${item.type === undefined ? "" : part(item.type)})`);
      return named(type.name, `(variant ${cases.join(" ")})`);
    }
    case "enum":
      return named(type.name, `(enum ${type.cases.map((name) => `"${name}"`).join(" ")})`);
    case "flags":
      return named(type.name, `(flags ${type.flags.map((name) => `"${name}"`).join(" ")})`);
    default:
      return type.kind;
  }
}
