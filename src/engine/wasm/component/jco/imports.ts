import type { WitFunction, WitInterface } from "../../../../wit/types.ts";
import type { ComponentProgram, InstanceImports, LinkOptions } from "../../program.ts";
import { givenImport, missingImport } from "../../missing-import.ts";
import { camelCase, parseFunctionName, pascalCase, withoutVersion } from "../names.ts";

/** One thing that the glue takes from an import object: where, and what stands in when nobody provides it. */
interface Slot {
  readonly module: string;
  readonly key: string;
  readonly substitute: unknown;
}

/** Hears of calls to imports, methods of resources included. */
interface ImportWatch {
  /** What an import throws that is no `err` of its signature. */
  readonly failed: (thrown: unknown) => void;
  readonly onHostCall?: () => void;
}

/** Where the glue finds what it makes every call of a host through. No import has an empty name. */
export const watchKey = "";

/**
 * The import object of the glue: everything that was given, and stubs for all else, so that every component links.
 * What functions throw is reported before it is thrown: in a suspending component jco's glue loses it.
 */
export function importsOf(
  program: ComponentProgram,
  options: LinkOptions,
): (given: InstanceImports, watch: ImportWatch) => object {
  const slots = [
    ...program.imports.flatMap((item) => slotsOf(item, program.name, options)),
    ...program.importedFunctions.map(({ name }) => {
      return {
        module: name,
        key: "default",
        substitute: refusal({ program: program.name, module: "", name }, options),
      };
    }),
  ];
  return (given, watch) => {
    const imports = new Map<string, Map<string, unknown>>();
    for (const { module, key, substitute } of slots) {
      const members = imports.get(module) ?? new Map<string, unknown>();
      imports.set(module, members.set(key, givenImport(given, module, key) ?? substitute));
    }
    const named = Object.fromEntries([...imports].map(([module, members]) => [module, Object.fromEntries(members)]));
    return { ...named, [watchKey]: watching(watch) };
  };
}

function slotsOf(item: WitInterface, program: string, options: LinkOptions): Slot[] {
  const module = withoutVersion(item.name);
  const resources = new Map(item.resources.map((name) => [name, resourceStub(item, program, options, name)]));
  const classes = [...resources].map(([name, substitute]) => ({ module, key: pascalCase(name), substitute }));
  const functions = item.functions.flatMap(({ name }) => {
    const parsed = parseFunctionName(name);
    if (parsed.kind !== "function") return [];
    return [
      { module, key: camelCase(parsed.name), substitute: refusal({ program, module: item.name, name }, options) },
    ];
  });
  return [...classes, ...functions];
}

/** Calls a host, and tells what it throws, or rejects with, before its caller learns of it. */
function watching({ failed, onHostCall }: ImportWatch): (operation: () => unknown) => unknown {
  const fail = (thrown: unknown): never => {
    failed(thrown);
    throw thrown;
  };
  return (operation) => {
    try {
      onHostCall?.();
      const result = operation();
      return result instanceof Promise ? result.catch(fail) : result;
    } catch (thrown) {
      return fail(thrown);
    }
  };
}

/** A class for a resource that nobody provides. Handles to it can be dropped, but there is no way to get one. */
function resourceStub(item: WitInterface, program: string, options: LinkOptions, resource: string): unknown {
  const refuse = (name: string) => refusal({ program, module: item.name, name }, options);
  const stub = class {
    constructor() {
      refuse(`[constructor]${resource}`)();
    }

    [Symbol.dispose](): void {}

    /** Another host may hand out such a resource. The glue asks whether it is one, and that is where it ends. */
    static [Symbol.hasInstance](): boolean {
      return refuse(`[resource]${resource}`)();
    }
  };
  for (const { name } of item.functions satisfies readonly WitFunction[]) {
    const parsed = parseFunctionName(name);
    if (parsed.kind === "function" || parsed.kind === "constructor" || parsed.resource !== resource) continue;
    const target = parsed.kind === "static" ? stub : stub.prototype;
    Object.defineProperty(target, camelCase(parsed.name), { value: refuse(name) });
  }
  return stub;
}

interface Refused {
  readonly program: string;
  readonly module: string;
  readonly name: string;
}

function refusal({ program, module, name }: Refused, options: LinkOptions): () => never {
  return () => {
    throw options.denied?.(withoutVersion(module), name) ?? missingImport(program, module, name);
  };
}
