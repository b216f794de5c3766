import type { WitFunction, WitInterface } from "../../../wit/types.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { checkExternNames } from "./component/extern-names.ts";
import { readComponent } from "./component/read.ts";
import { resolveComponent } from "./component/resolve.ts";
import type { Entity, Exports, FunctionType } from "./component/entities.ts";

/** What a component says about itself. */
export interface ComponentInfo {
  /** Imported interfaces, those without functions included. Resource functions have names such as `[method]pollable.block`. */
  readonly imports: readonly WitInterface[];
  /** Functions imported outside of any interface. */
  readonly importedFunctions: readonly WitFunction[];
  /** Everything that can be called, by its lifted name: `top-level`, `acme:math/calc@1.2.0#add`. */
  readonly exports: readonly WitFunction[];
  readonly exportedInterfaces: readonly WitInterface[];
  /** Features that our own reading does not follow. jco may run them all the same. */
  readonly unsupported: readonly string[];
}

/**
 * Reads the imports and exports of a component with their full WIT types, without running or compiling it.
 * @throws InvalidModuleError when it is no component, malformed, or of absurd size.
 */
export function inspectComponent(bytes: Uint8Array): ComponentInfo {
  const tree = readComponent(bytes);
  checkExternNames(tree.items);
  const { imports, exports } = resolveComponent(tree);
  const unsupported = new Set(tree.unsupported);
  for (const entity of imports.values()) {
    if (entity.sort === "component" || entity.sort === "core module") unsupported.add(`imported ${entity.sort}s`);
  }
  boundFunctions([...imports.values(), ...exports.values()]);
  const exportedInterfaces = interfacesOf(exports);
  return {
    imports: interfacesOf(imports),
    importedFunctions: functionsOf(imports),
    exports: [
      ...functionsOf(exports),
      ...exportedInterfaces.flatMap((item) =>
        item.functions.map((signature) => ({ ...signature, name: `${item.name}#${signature.name}` })),
      ),
    ],
    exportedInterfaces,
    unsupported: [...unsupported],
  };
}

/** An instance may be exported under many names, and each name lists all its functions. */
const listedFunctions = 100_000;

function boundFunctions(entities: readonly Entity[]): void {
  let count = entities.length;
  for (const entity of entities) if (entity.sort === "instance") count += entity.exports.size;
  if (count > listedFunctions) throw new InvalidModuleError(`more than ${listedFunctions} imports and exports`, 0);
}

function interfacesOf(entities: Exports): WitInterface[] {
  return entriesOf(entities).flatMap(([name, entity]) => {
    if (entity.sort !== "instance") return [];
    const resources = entriesOf(entity.exports).filter(
      ([, item]) => item.sort === "type" && item.type.kind === "resource",
    );
    return [{ name, functions: functionsOf(entity.exports), resources: resources.map(([resource]) => resource) }];
  });
}

function functionsOf(entities: Exports): WitFunction[] {
  return entriesOf(entities).flatMap(([name, entity]) =>
    entity.sort === "function" ? [named(name, entity.type)] : [],
  );
}

function named(name: string, { signature }: FunctionType): WitFunction {
  return { name, ...signature };
}

function entriesOf(entities: Exports): [string, Entity][] {
  return [...entities];
}
