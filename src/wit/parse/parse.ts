import { nearestNames } from "../../core/nearest.ts";
import { matchName, type NameMatch } from "../names.ts";
import type { WitFunction, WitInterface } from "../types.ts";
import { witError } from "./error.ts";
import { parsePackages } from "./grammar.ts";
import { TypeScope } from "./resolve.ts";
import type { External, InterfaceNode, PackageNode, Scope, UseNode } from "./syntax.ts";

/** What a WIT text says. */
export interface WitDocument {
  /**
   * What can be called, in the order of the text: functions at the top (the short form) and exports of worlds by their
   * plain names, functions of interfaces as `iface#func`, with package and version as a component exports them:
   * `acme:math/calc@1.0.0#add`. Interfaces that a world only imports are not in it.
   */
  readonly functions: readonly WitFunction[];
  /** Every interface of the text. The functions in it have their plain names. */
  readonly interfaces: readonly WitInterface[];
}

/**
 * Reads WIT text: the short form `answer: func() -> s32;`, or interfaces, worlds and packages.
 * @throws WitError with position, what was expected and what stands there.
 */
export function parseWit(text: string): WitDocument {
  return new DocumentBuilder(text, parsePackages(text)).build();
}

/** The function that a `method` means, by the rules of `matchName`. */
export function findFunction(
  document: WitDocument,
  method: string,
): { readonly kind: "match"; readonly function: WitFunction } | Exclude<NameMatch, { kind: "match" }> {
  const match = matchName(
    method,
    document.functions.map((item) => item.name),
  );
  if (match.kind !== "match") return match;
  const found = document.functions.find((item) => item.name === match.name);
  return found === undefined ? { kind: "none", nearest: [] } : { kind: "match", function: found };
}

interface KnownInterface {
  readonly name: string;
  readonly node: InterfaceNode;
  readonly package: PackageNode;
  readonly scope: TypeScope;
}

class DocumentBuilder {
  readonly #text: string;
  readonly #packages: readonly PackageNode[];
  readonly #interfaces: KnownInterface[] = [];

  constructor(text: string, packages: readonly PackageNode[]) {
    this.#text = text;
    this.#packages = packages;
  }

  build(): WitDocument {
    const outer = new Map(this.#packages.map((item) => [item, this.#scope(item, item)] as const));
    for (const [item, parent] of outer) {
      for (const node of item.interfaces) {
        this.#interfaces.push({
          name: fullName(item, node.name),
          node,
          package: item,
          scope: this.#scope(node, item, parent),
        });
      }
    }
    const functions: WitFunction[] = [];
    const written: WitInterface[] = [];
    const imported = new Set<string>();
    for (const [item, parent] of outer)
      functions.push(...parent.functions(""), ...this.#worlds(item, imported, written));
    for (const { name, scope } of this.#interfaces) {
      const own = scope.functions(`${name}#`);
      written.push(describe(name, own, scope));
      const isExported = functions.some((item) => item.name.startsWith(`${name}#`));
      if (isExported || !imported.has(name)) functions.push(...own);
    }
    return { functions: unique(functions), interfaces: written };
  }

  /** The exports of a package's worlds; names of imported interfaces and interfaces written in place are collected. */
  #worlds(item: PackageNode, imported: Set<string>, written: WitInterface[]): WitFunction[] {
    const functions: WitFunction[] = [];
    for (const world of item.worlds) {
      const scope = this.#scope(world, item);
      functions.push(...scope.functions(""));
      const inPlace = (external: External) => {
        if (external.kind !== "interface") return [];
        const { name } = external.node;
        const inner = this.#scope(external.node, item, scope);
        const own = inner.functions(`${name}#`);
        written.push(describe(name, own, inner));
        return own;
      };
      for (const external of world.imports) {
        inPlace(external);
        if (external.kind === "function") scope.function(external.node, external.node.name);
        if (external.kind === "path") imported.add(this.#find(external.path, item)?.name ?? external.path);
      }
      for (const external of world.exports) {
        functions.push(...inPlace(external));
        if (external.kind === "function") functions.push(scope.function(external.node, external.node.name));
        if (external.kind === "path") {
          const target = this.#find(external.path, item);
          if (target !== undefined) functions.push(...target.scope.functions(`${target.name}#`));
        }
      }
    }
    return functions;
  }

  #scope(scope: Scope, inside: PackageNode, parent?: TypeScope): TypeScope {
    return new TypeScope(this.#text, scope, { find: (use) => this.#used(use, inside), parent });
  }

  #used(use: UseNode, inside: PackageNode): TypeScope {
    const target = this.#find(use.path, inside);
    if (target !== undefined) return target.scope;
    const known = this.#interfaces.map((item) => (item.package === inside ? item.node.name : item.name));
    const [nearest] = nearestNames(use.path, known, 1);
    throw witError(this.#text, {
      at: use.at,
      expected: "the name of an interface in this text",
      found: `"${use.path}"`,
      hint: nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    });
  }

  /** By its plain name inside its package, else by its full name, whose version may be left out. */
  #find(path: string, inside: PackageNode): KnownInterface | undefined {
    return (
      this.#interfaces.find((item) => item.package === inside && item.node.name === path) ??
      this.#interfaces.find((item) => item.name === path) ??
      this.#interfaces.find((item) => item.name.startsWith(`${path}@`))
    );
  }
}

function fullName(item: PackageNode, name: string): string {
  if (item.name === "") return name;
  return `${item.name}/${name}${item.version === "" ? "" : `@${item.version}`}`;
}

function describe(name: string, own: readonly WitFunction[], scope: TypeScope): WitInterface {
  const plain = own.map((item) => ({ ...item, name: item.name.slice(name.length + 1) }));
  return { name, functions: plain, resources: scope.resources() };
}

/** An interface that several worlds export is there once. */
function unique(functions: readonly WitFunction[]): WitFunction[] {
  return [...new Map(functions.map((item) => [item.name, item] as const)).values()];
}
