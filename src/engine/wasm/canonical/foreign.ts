import { distinctSpellings, spellingIndex } from "../../../wit/spellings.ts";
import type { WitType } from "../../../wit/types.ts";
import type { AnyWriter } from "../../../wit/values/backend.ts";
import { hasParts } from "../../../wit/values/straight.ts";
import { caseNames } from "../../../wit/values/mismatch.ts";
import type { ValueBuilder, ValueSource } from "./value-source.ts";

type Kind<K extends WitType["kind"]> = Extract<WitType, { kind: K }>;

/** The parts that written code refers to under the name `f`, besides functions. */
export interface ForeignParts {
  /** Types that are read as a whole: `f.r[i]`. */
  readonly read: WitType[];
  /** Spellings of fields: `f.keys[i]`. */
  readonly keys: (readonly string[])[];
  /** Names of cases, by every spelling: `f.cases[i]`. */
  readonly cases: { readonly names: readonly string[]; readonly index: ReadonlyMap<string, number> }[];
  /** Types that are written as a whole: `f.o[i]`. */
  readonly write: WitType[];
  /** Names of the fields of tables: `f.shapes[i]`. */
  readonly shapes: (readonly string[])[];
}

/** Reads values through a backend's functions, in code that lowers them. What does not fit ends in `f.unfit()`. */
export class ForeignSource implements ValueSource {
  readonly #parts: ForeignParts;

  constructor(parts: ForeignParts) {
    this.#parts = parts;
  }

  whole(type: WitType, value: string): string | undefined {
    return hasParts(type) ? undefined : `f.r[${indexOf(this.#parts.read, type)}](${value})`;
  }

  list(type: Kind<"list" | "tuple">, value: string): string {
    if (type.kind === "list") {
      return type.length === undefined ? `f.list(${value})` : `f.tuple(${value}, ${type.length}, ${type.length})`;
    }
    const least = type.items.findLastIndex((item) => item.kind !== "option") + 1;
    return `f.tuple(${value}, ${least}, ${type.items.length})`;
  }

  length(list: string): string {
    return `f.length(${list})`;
  }

  item(list: string, index: string): string {
    return `f.item(${list}, ${index})`;
  }

  record(_type: Kind<"record">, value: string): string {
    return `f.table(${value})`;
  }

  field(record: string, type: Kind<"record">, index: number): string {
    const spellings = distinctSpellings(type.fields.map((field) => field.name))[index] ?? [];
    return `f.field(${record}, f.keys[${this.#parts.keys.push(spellings) - 1}])`;
  }

  isNone(value: string): string {
    return `f.isNil(${value})`;
  }

  some(_type: Kind<"option">, value: string): string {
    return value;
  }

  caseOf(type: Kind<"variant" | "result">, value: string): string {
    const names = caseNames(type);
    return `f.caseOf(f.cases[${this.#parts.cases.push({ names, index: spellingIndex(names) }) - 1}], ${value})`;
  }

  payload(value: string): string {
    return `f.payload(${value})`;
  }
}

/** Builds values through a backend's functions, in code that lifts them. */
export class ForeignBuilder implements ValueBuilder {
  readonly #parts: ForeignParts;
  readonly #keepsNil: boolean;
  /** The result type whose case is told apart by the caller. */
  readonly #split: WitType | undefined;

  constructor(parts: ForeignParts, writer: AnyWriter, split: WitType | undefined) {
    this.#parts = parts;
    this.#keepsNil = writer.keepsNil;
    this.#split = split;
  }

  whole(type: WitType, value: string): string | undefined {
    return this.#isBuiltByParts(type) ? undefined : `f.o[${indexOf(this.#parts.write, type)}](${value})`;
  }

  list(items: string): string {
    return `f.newList(${items})`;
  }

  record(type: Kind<"record">, values: readonly string[]): string {
    return this.#table(
      type.fields.map((field) => field.name),
      values,
    );
  }

  caseOf(type: Kind<"variant" | "option" | "result">, index: number, payload: string | undefined): string {
    if (type.kind === "option") return payload ?? "f.nil";
    if (type.kind === "result") {
      const name = index === 0 ? "ok" : "err";
      return type === this.#split ? `{ ${name}: ${payload ?? "f.yes"} }` : this.#table([name], [payload ?? "f.yes"]);
    }
    const name = type.cases[index]?.name ?? "";
    return payload === undefined ? `f.newText(${JSON.stringify(name)})` : this.#table([name], [payload]);
  }

  #table(names: readonly string[], values: readonly string[]): string {
    return `f.newTable(f.shapes[${this.#parts.shapes.push(names) - 1}], [${values.join(", ")}])`;
  }

  /** A case that holds none needs a look at its payload where tables cannot hold nil. */
  #isBuiltByParts(type: WitType): boolean {
    if (!hasParts(type)) return false;
    if (this.#keepsNil || type === this.#split) return true;
    if (type.kind === "variant") return !type.cases.some((item) => item.type?.kind === "option");
    return type.kind !== "result" || (type.ok?.kind !== "option" && type.err?.kind !== "option");
  }
}

function indexOf(types: WitType[], type: WitType): number {
  const known = types.indexOf(type);
  return known >= 0 ? known : types.push(type) - 1;
}
