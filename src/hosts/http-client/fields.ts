import { ResultError } from "../io/result-error.ts";
import { fieldOverheadBytes, fieldsBytes } from "./limits.ts";
import type { HttpScope } from "./scope.ts";
import { trap } from "./trap.ts";

/** A name and one of its values. */
export type Field = readonly [name: string, value: Uint8Array];

/** What Node gives and takes: names and values in turn, one character a byte. */
export type RawFields = readonly string[];

/** The variant `header-error`. */
export type HeaderError = { readonly tag: "invalid-syntax" | "forbidden" | "immutable" };

/** Fields that belong to the connection, which is the host's business: guests neither set nor see them. */
const forbidden: ReadonlySet<string> = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The resource `fields` of wasi:http: headers and trailers. Order and casing are kept; names are equal without regard to
 * case. Those of messages that were received or given away are immutable.
 */
export class Fields implements Disposable {
  readonly scope: HttpScope;
  #known: Field[] | undefined;
  /** Those that were received, until somebody looks at them. */
  #raw: RawFields = [];
  #bytes = 0;
  #immutable = false;
  /** Those of a message, seen through another handle: whoever has the message counts them. */
  #isView = false;

  constructor(scope: HttpScope) {
    this.scope = scope;
  }

  get #entries(): Field[] {
    return (this.#known ??= entriesOf(this.#raw));
  }

  /** WIT: `from-list`. */
  static of(scope: HttpScope, entries: readonly Field[]): Fields {
    const fields = new Fields(scope);
    for (const [name, value] of entries) fields.#add(checkedName(name), [checkedValue(value)]);
    return fields;
  }

  /** What was received, without what is the host's business. Immutable. */
  static received(scope: HttpScope, raw: RawFields): Fields {
    const fields = new Fields(scope);
    fields.#raw = raw;
    fields.#immutable = true;
    fields.#isView = true;
    return fields;
  }

  get(name: string): Uint8Array[] {
    return this.#entries.filter(isNamed(name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#entries.some(isNamed(name));
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#change();
    const checked = checkedName(name);
    const kept = values.map(checkedValue);
    this.#remove(name);
    this.#add(checked, kept);
  }

  delete(name: string): void {
    this.#change();
    this.#remove(checkedName(name));
  }

  append(name: string, value: Uint8Array): void {
    this.#change();
    this.#add(checkedName(name), [checkedValue(value)]);
  }

  entries(): Field[] {
    return [...this.#entries];
  }

  /** A copy that may be changed. */
  clone(): Fields {
    const copy = new Fields(this.scope);
    for (const [name, value] of this.#entries) copy.#add(name, [value]);
    return copy;
  }

  /** They belong to a message now, and change no more. */
  freeze(): void {
    this.#immutable = true;
  }

  /** The same fields for another handle, immutable from now on. */
  view(): Fields {
    this.freeze();
    const view = new Fields(this.scope);
    view.#known = this.#entries;
    view.#immutable = true;
    view.#isView = true;
    return view;
  }

  /** As Node takes them. */
  raw(): string[] {
    return this.#entries.flatMap(([name, value]) => [name, latin1(value)]);
  }

  /** The only value of a field as text; undefined without one, or with several that differ. */
  text(name: string): string | undefined {
    const values = new Set(this.get(name).map(latin1));
    return values.size === 1 ? [...values][0] : undefined;
  }

  /** Bytes of the section that they make. */
  get sectionBytes(): number {
    return this.#entries.reduce((sum, [name, value]) => sum + name.length + value.length + ": \r\n".length, 0);
  }

  [Symbol.dispose](): void {
    if (!this.#isView) this.scope.charge(-this.#bytes);
    this.#bytes = 0;
  }

  #change(): void {
    if (this.#immutable) throw headerError("immutable");
  }

  #add(name: string, values: readonly Uint8Array[]): void {
    const bytes = values.reduce((sum, value) => sum + sizeOf(name, value), 0);
    if (this.#bytes + bytes > fieldsBytes) trap(`HTTP fields of more than ${fieldsBytes} bytes`);
    this.scope.charge(bytes);
    this.#bytes += bytes;
    for (const value of values) this.#entries.push([name, value]);
  }

  #remove(name: string): void {
    const matches = isNamed(name);
    const gone = this.#entries.filter(matches);
    if (gone.length === 0) return;
    const bytes = gone.reduce((sum, [each, value]) => sum + sizeOf(each, value), 0);
    this.scope.charge(-bytes);
    this.#bytes -= bytes;
    this.#known = this.#entries.filter((field) => !matches(field));
  }
}

function entriesOf(raw: RawFields): Field[] {
  const entries: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    if (!forbidden.has(name.toLowerCase())) entries.push([name, Buffer.from(raw[at + 1] ?? "", "latin1")]);
  }
  return entries;
}

function isNamed(name: string): (field: Field) => boolean {
  const wanted = name.toLowerCase();
  return ([each]) => each.length === name.length && each.toLowerCase() === wanted;
}

function sizeOf(name: string, value: Uint8Array): number {
  return name.length + value.length + fieldOverheadBytes;
}

function checkedName(name: string): string {
  if (!fieldName.test(name)) throw headerError("invalid-syntax");
  if (forbidden.has(name.toLowerCase())) throw headerError("forbidden");
  return name;
}

/** A copy, because guests may use their buffer again. No control character but the tab may be in it. */
function checkedValue(value: Uint8Array): Uint8Array {
  const isControl = (byte: number): boolean => (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
  if (value.some(isControl)) throw headerError("invalid-syntax");
  return Uint8Array.from(value);
}

function headerError(tag: HeaderError["tag"]): ResultError<HeaderError> {
  return new ResultError<HeaderError>({ tag });
}

function latin1(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
}
