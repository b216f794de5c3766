/** `wasi:io/poll` for `wasi:io/poll@0.2.3`: import objects are keyed without versions. */
export function withoutVersion(name: string): string {
  const at = name.lastIndexOf("@");
  return at > 0 && !name.includes("#", at) ? name.slice(0, at) : name;
}

/** `subscribeDuration` for `subscribe-duration`, as jco names functions and fields. */
export function camelCase(name: string): string {
  return name
    .split("-")
    .map((word, index) => (index === 0 ? word.toLowerCase() : capitalize(word)))
    .join("");
}

/** `OutputStream` for `output-stream`, as jco names classes of resources. */
export function pascalCase(name: string): string {
  return name.split("-").map(capitalize).join("");
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}

/** What the name of a function says: `[method]pollable.block` is the method `block` of the resource `pollable`. */
export type FunctionName =
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly name: string };

/** Takes a function's name apart. Attributes of async functions are dropped. */
export function parseFunctionName(full: string): FunctionName {
  const [, attribute = "", rest = ""] = /^\[([a-z ]+)\](.*)$/.exec(full) ?? ["", "", full];
  const kind = attribute.replace(/^async ?/, "");
  if (kind === "constructor") return { kind, resource: rest };
  if (kind !== "method" && kind !== "static") return { kind: "function", name: rest };
  const [resource = "", name = ""] = rest.split(".");
  return { kind, resource, name };
}

/** The parts of a lifted name: `acme:math/calc@1.2.0#add` is `add` of that interface, `add` is one of the world. */
export function parseLiftedName(lifted: string): { readonly interface: string | undefined; readonly function: string } {
  const hash = lifted.indexOf("#");
  if (hash < 0) return { interface: undefined, function: lifted };
  return { interface: lifted.slice(0, hash), function: lifted.slice(hash + 1) };
}
