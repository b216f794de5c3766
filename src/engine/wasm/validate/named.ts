import { InvalidModuleError } from "../binary/invalid-module.ts";
import type { NamedSide, Scope } from "./scope.ts";
import {
  renamed,
  type DefinedType,
  type Extern,
  type Externs,
  type FunctionType,
  type ResourceIdentity,
  type ValueType,
} from "./types.ts";

/** One side of a component, or of a type, to which a name is added. */
export interface Naming {
  readonly kind: "import" | "export";
  readonly name: string;
  readonly at: number;
}

/**
 * Adds an import or export to a scope, under the rules for both: names are unique, functions named after a resource
 * are what they say, and every record, variant, enum, flags and resource of the types has a name by which others can
 * speak of it.
 */
export function addNamed(scope: Scope, extern: Extern, naming: Naming): void {
  const { kind, name } = naming;
  const side = kind === "import" ? scope.imported : scope.exported;
  const entity: Extern = extern.sort === "type" ? { ...extern, type: renamed(extern.type) } : extern;
  checkAnnotated(entity, side.externs, naming);
  if (scope.kind !== "instance type") {
    // What is imported has a name for whoever uses the exports, too.
    const also = kind === "import" ? scope.exported.types : undefined;
    checkTypes(entity, side, { naming, also });
  }
  scope.add(entity);
  side.externs.set(name, entity);
  const value = entity.sort === "value" && kind === "export" ? scope.values.at(-1) : undefined;
  if (value !== undefined) value.isUsed = true;
}

interface Check {
  readonly naming: Naming;
  readonly also: Set<DefinedType> | undefined;
}

function checkTypes(extern: Extern, side: NamedSide, check: Check): void {
  switch (extern.sort) {
    case "type":
      if (!isNamedInside(extern.of, side.types)) unnamed(check.naming);
      side.types.add(extern.type);
      check.also?.add(extern.type);
      return;
    case "function":
      if (!isNamedInside(extern.type, side.types)) unnamed(check.naming);
      return;
    case "value":
      if (!isNamed(extern.type, side.types)) unnamed(check.naming);
      return;
    case "instance":
      // Once is enough: what has a name keeps it.
      if (side.instances.has(extern.type.exports)) return;
      side.instances.add(extern.type.exports);
      for (const inner of extern.type.exports.values()) checkTypes(inner, side, check);
      return;
    default:
    // Types of modules have no such parts, and those of components name their own.
  }
}

/** Whether everything directly inside of a type has a name, or needs none. */
function isNamedInside(type: DefinedType, names: Set<DefinedType>): boolean {
  switch (type.kind) {
    case "value":
      if (type.resource !== undefined) return names.has(type.resource);
      return type.parts.every((part) => isNamed(part, names));
    case "function":
      return (
        type.params.every((param) => isNamed(param.type, names)) &&
        (type.result === undefined || isNamed(type.result, names))
      );
    default:
      return true;
  }
}

function isNamed(type: ValueType, names: Set<DefinedType>): boolean {
  if (names.has(type)) return true;
  if (mustBeNamed(type) || !isNamedInside(type, names)) return false;
  // Needs no name, and need not be looked into again.
  names.add(type);
  return true;
}

function mustBeNamed({ wit: { kind } }: ValueType): boolean {
  return kind === "record" || kind === "variant" || kind === "enum" || kind === "flags";
}

function unnamed({ kind, name, at }: Naming): never {
  throw new InvalidModuleError(`the ${kind} "${name}" uses a type that is not ${kind}ed under a name of its own`, at);
}

const annotation = /^\[(constructor|method|static)\]([^.]*)(?:\.|$)/;

/** Checks a function whose name says that it belongs to a resource. */
export function checkAnnotated(extern: Extern, siblings: Externs, { kind, name, at }: Naming): void {
  const [, what, owner = ""] = annotation.exec(name) ?? [];
  if (what === undefined) return;
  const fail = (why: string): never => {
    throw new InvalidModuleError(`the ${kind} "${name}" ${why}`, at);
  };
  if (extern.sort !== "function") return fail("is no function");
  const resource = siblings.get(owner);
  if (resource?.sort !== "type" || resource.type.kind !== "resource") {
    return fail(`belongs to "${owner}", which is no resource that is ${kind}ed before it`);
  }
  const { identity } = resource.type;
  if (what === "constructor" && !constructs(extern.type, identity)) fail(`does not give a ${owner}`);
  if (what === "method" && !takesSelf(extern.type, identity)) {
    fail(`does not take a borrowed ${owner} called self first`);
  }
}

function constructs({ result }: FunctionType, identity: ResourceIdentity): boolean {
  const made = result?.wit.kind === "result" && result.head.startsWith("result true") ? result.parts[0] : result;
  return made?.head === "own" && made.resource?.identity === identity;
}

function takesSelf({ params: [self] }: FunctionType, identity: ResourceIdentity): boolean {
  return self?.name === "self" && self.type.head === "borrow" && self.type.resource?.identity === identity;
}
