import { callSource } from "../../canonical/call-source.ts";
import type { HandleType, CallCustoms } from "../../canonical/handle.ts";
import { importSource } from "../../canonical/import-source.ts";
import { partsOf } from "../../../../wit/format.ts";
import type { WitFunction, WitType } from "../../../../wit/types.ts";
import { sourceLength, tooLarge } from "./bounds.ts";
import { decline } from "./declined.ts";
import type { CoreTypes } from "./core-types.ts";
import type {
  CoreInstanceRef,
  CoreRef,
  FunctionRef,
  LinkedOptions,
  LinkedResource,
  LinkProgram,
  Step,
  StepOf,
} from "./program.ts";

type ResourceStep = Extract<Step, { resource: number }>;

/**
 * Writes the body of `(core, host, classes, rt) => { exports, tables }`, which makes one instance. Steps become constants in their order:
 * I… exports of core instances, F… core functions made here, L… lifted functions, made when first wanted; C… are the
 * handle tables and D… the destructors. Names from the binary enter only as quoted strings.
 */
export function emitProgram(program: LinkProgram, options: EmitOptions): string {
  return new Emitter(program, options).source();
}

/** What of a program is wanted, and how. */
export interface EmitOptions {
  readonly suspending: boolean;
  /** Steps to write; the others are left out. */
  readonly steps: ReadonlySet<number>;
  readonly types: CoreTypes;
}

class Emitter {
  readonly #program: LinkProgram;
  readonly #suspending: boolean;
  readonly #wanted: ReadonlySet<number>;
  readonly #types: CoreTypes;
  readonly #memories = new Map<string, string>();
  readonly #destructors = new Set<number>();
  /** Steps whose core function may wait. */
  readonly #waiting = new Set<number>();
  readonly #lines: string[] = ['"use strict";'];
  #length = 0;

  constructor(program: LinkProgram, { suspending, steps, types }: EmitOptions) {
    this.#types = types;
    this.#program = program;
    this.#suspending = suspending;
    this.#wanted = steps;
  }

  source(): string {
    const { components, steps, exports } = this.#program;
    for (let index = 0; index < components; index++) this.#lines.push(`const C${index} = new rt.HandleTable();`);
    for (const [index, step] of steps.entries()) {
      if (this.#wanted.has(index)) this.#step(step, index);
    }
    const lifted = [...exports].map(([name, ref]) => {
      return `[${quote(name)}, ${ref.kind === "lift" ? `L${ref.step}` : `() => host[${ref.index}]`}]`;
    });
    const tables = Array.from({ length: components }, (_, index) => `C${index}`);
    const parts = [...exports].flatMap(([name, ref]) => {
      return ref.kind === "lift" ? `[${quote(name)}, P${ref.step}]` : [];
    });
    const maps = `exports: new Map([${lifted.join(", ")}]), parts: new Map([${parts.join(", ")}])`;
    const made = `return { ${maps}, tables: [${tables.join(", ")}] };`;
    const starts = steps.some((step) => step.kind === "start");
    // Only then does making an instance run guest code that may wait.
    if (!starts || !this.#suspending) return [...this.#lines, made].join("\n");
    return ['"use strict"; return (async () => {', ...this.#lines, made, "})();"].join("\n");
  }

  #write(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#length > sourceLength) tooLarge(`its code would have more than ${sourceLength} characters`);
  }

  #step(step: Step, index: number): void {
    switch (step.kind) {
      case "instantiate": {
        const imports = step.args.map(({ name, from }) => `${key(name)}: ${instanceOf(from)}`);
        this.#write(`const I${index} = core(${quote(step.module)}, { ${imports.join(", ")} });`);
        return;
      }
      case "lower":
        this.#lower(step, index);
        return;
      case "lift":
        this.#lift(step, index);
        return;
      case "resource.new":
        this.#write(
          `const F${index} = (rep) => { ${trapping(`C${step.component}.leave(); return C${step.component}.add(${step.resource}, rep);`)} };`,
        );
        return;
      case "resource.rep":
        this.#write(
          `const F${index} = (handle) => { ${trapping(`return C${step.component}.rep(${step.resource}, handle);`)} };`,
        );
        return;
      case "resource.drop":
        this.#drop(step, index);
        return;
      case "start": {
        const args = step.args.map((value) => `V${value.step}`);
        this.#write(
          `const V${index} = ${this.#suspending ? "await " : ""}${functionOf(step.function)}([${args.join(", ")}]);`,
        );
      }
    }
  }

  /** Writes a function for core modules; f… is what it does. */
  #make(index: number, run: string, waits: boolean): void {
    if (waits) this.#waiting.add(index);
    this.#write(
      waits
        ? `const f${index} = ${run}, F${index} = new WebAssembly.Suspending(f${index});`
        : `const F${index} = ${run};`,
    );
  }

  #drop({ component, resource }: ResourceStep, index: number): void {
    const { owner, destructor } = this.#resource(resource);
    const dropped = `const found = C${component}.drop(${resource}, handle);`;
    const waits = this.#suspending && destructor !== undefined;
    const end = owner === undefined ? "rt.disposeHost(found.rep)" : this.#destroyIn(component, resource);
    const ending = waits ? `return WebAssembly.settle(${end}, (v) => v);` : `${end};`;
    const run = trapping(`C${component}.leave(); ${dropped} if (found !== undefined) { ${ending} }`);
    const drop = `(handle) => { ${run} }`;
    this.#make(index, drop, waits);
  }

  /** The end of a resource, dropped by a component. It enters the owner, unless the owner itself drops it. */
  #destroyIn(component: number, resource: number): string {
    const destroy = this.#destroy(resource);
    const { owner, destructor } = this.#resource(resource);
    if (destructor !== undefined) return `${owner === component ? `R${resource}` : destroy}(found.rep)`;
    return owner === component ? "" : `C${owner}.enter(); C${owner}.exit()`;
  }

  /** The function `(rep)` with which others drop a resource, or undefined. Written when it is first needed. */
  #destroy(resource: number): string {
    const { owner, destructor } = this.#resource(resource);
    if (destructor === undefined || owner === undefined) return "undefined";
    if (!this.#destructors.has(resource)) {
      this.#destructors.add(resource);
      this.#write(
        `const R${resource} = ${this.#guest(destructor)}, D${resource} = C${owner}.destructor(R${resource});`,
      );
    }
    return `D${resource}`;
  }

  /** A core function that may wait when the component may. */
  #guest(ref: CoreRef): string {
    if (!this.#suspending) return coreOf(ref);
    // Only a guest's function can be made to promise, so one of ours is passed through a module.
    const type = ref.kind === "made" ? this.#types.of(ref) : undefined;
    const guest =
      type?.kind === "function"
        ? `rt.forwarder(WebAssembly, ${coreOf(ref)}, ${JSON.stringify(type.type)})`
        : coreOf(ref);
    return `WebAssembly.promising(${guest})`;
  }

  #resource(index: number): LinkedResource {
    return this.#program.resources[index] ?? decline("a resource from nowhere");
  }

  #lower({ component, options, target }: StepOf<"lower">, index: number): void {
    const { signature } = target;
    checkTypes(signature);
    const waits =
      this.#suspending && (target.kind === "lift" || this.#program.hostFunctions[target.index]?.suspending === true);
    const lends = signature.params.some(({ type }) => borrows(type));
    const source = importSource(signature, waits, {
      ...this.#handles(component),
      before: `C${component}.leave();`,
      after: lends ? `C${component}.unlend();` : "",
    });
    const made = `((m, host) => { ${source}\n})(${this.#memory(component, options)}, ${functionOf(target)})`;
    this.#make(index, made, waits);
  }

  #lift({ component, options, core, signature }: StepOf<"lift">, index: number): void {
    checkTypes(signature);
    const call = { suspending: this.#suspending, cleansUp: options.postReturn !== undefined };
    const source = callSource(signature, call, {
      ...this.#handles(component),
      before: `C${component}.enter();`,
      after: `C${component}.exit();`,
    });
    const guest = this.#guest(core);
    const memory = this.#newMemory(component, options);
    this.#write(
      `let l${index}; const L${index} = () => l${index} ??= ((m, guest) => { ${source}\n})(${memory}, ${guest});`,
    );
    const around = `before: () => { C${component}.enter(); }, after: () => { C${component}.exit(); }`;
    this.#write(`const P${index} = () => ({ memory: ${memory}, call: ${guest}, ${around} });`);
  }

  /** Imports with the same options share a view of the memory: one of them at a time uses it. */
  #memory(component: number, options: LinkedOptions): string {
    const made = this.#newMemory(component, { ...options, postReturn: undefined });
    let name = this.#memories.get(made);
    if (name === undefined) {
      name = `M${this.#memories.size}`;
      this.#memories.set(made, name);
      this.#write(`const ${name} = ${made};`);
    }
    return name;
  }

  /** A view of a memory. A guest that may wait cleans up as it was called, so that a watch over it sees that. */
  #newMemory(component: number, { encoding, memory, realloc, postReturn }: LinkedOptions): string {
    const inside = (ref: CoreRef | undefined, params: string) => {
      if (ref === undefined) return "undefined";
      const isWaiting = ref.kind === "made" && this.#waiting.has(ref.step);
      return `(${params}) => C${component}.inside(() => ${isWaiting ? `f${ref.step}` : coreOf(ref)}(${params}))`;
    };
    const cleanUp =
      this.#suspending && postReturn !== undefined
        ? `C${component}.insideLater(${this.#guest(postReturn)})`
        : inside(postReturn, "r");
    const parts = [
      `memory: ${memory === undefined ? "undefined" : coreOf(memory)}`,
      `realloc: ${inside(realloc, "a, b, c, d")}`,
      "free: undefined",
      `postReturn: ${cleanUp}`,
    ];
    return `rt.memoryFor(${quote(encoding)}, { ${parts.join(", ")} })`;
  }

  #handles(component: number): CallCustoms {
    const table = `C${component}`;
    return {
      lift: (type, index) => {
        const resource = resourceOf(type);
        const isOwn = type.kind === "own";
        const rep = `${table}.${isOwn ? "take" : "lend"}(${resource}, ${index})`;
        const { owner } = this.#resource(resource);
        if (owner === undefined) return rep;
        const destroy = isOwn ? this.#destroy(resource) : "undefined";
        return `new rt.GuestResource(C${owner}, ${resource}, { rep: ${rep}, isOwn: ${isOwn}, destroy: ${destroy} })`;
      },
      lower: (type, value) => {
        const resource = resourceOf(type);
        const { owner } = this.#resource(resource);
        const isOwn = type.kind === "own";
        const rep =
          owner === undefined
            ? `rt.hostResource(${value}, classes[${resource}])`
            : `rt.GuestResource.${isOwn ? "take" : "rep"}(${value}, C${owner}, ${resource})`;
        // Its own resources a component gets as it knows them.
        if (owner === component && !isOwn) return rep;
        return `${table}.${isOwn ? "add" : "addBorrow"}(${resource}, ${rep})`;
      },
    };
  }
}

/** Statements whose failure no guest can catch. */
function trapping(statements: string): string {
  return `try { ${statements} } catch (thrown) { throw rt.uncatchable(thrown); }`;
}

function checkTypes({ params, result }: WitFunction): void {
  for (const type of [...params.map((param) => param.type), result]) if (type !== undefined) checkType(type);
}

function checkType(type: WitType): void {
  if (type.kind === "stream" || type.kind === "future" || type.kind === "error-context")
    decline(`it uses ${type.kind}`);
  for (const part of partsOf(type)) checkType(part);
}

function borrows(type: WitType): boolean {
  return type.kind === "borrow" || partsOf(type).some(borrows);
}

/** A function of canonical values. */
function functionOf(ref: FunctionRef): string {
  return ref.kind === "host" ? `host[${ref.index}]` : `L${ref.step}()`;
}

function resourceOf(type: HandleType): number {
  return Number(type.resource);
}

function instanceOf(ref: CoreInstanceRef): string {
  if (ref.kind === "instance") return `I${ref.step}`;
  return `{ ${[...ref.exports].map(([name, item]) => `${key(name)}: ${coreOf(item)}`).join(", ")} }`;
}

function coreOf(ref: CoreRef): string {
  return ref.kind === "made" ? `F${ref.step}` : `I${ref.instance}[${quote(ref.name)}]`;
}

function quote(name: string): string {
  return JSON.stringify(name);
}

/** A key of an object literal. `__proto__` is a name like any other here, so it is written as a computed one. */
function key(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : quote(name);
}
