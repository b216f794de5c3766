import { isUtf8 } from "node:buffer";
import { WeftError } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { isRecord, type Value } from "../../core/values.ts";
import { coerceText } from "../../wit/coerce.ts";
import { parseExact } from "../../wit/json.seam.ts";
import { toKebab } from "../../wit/spellings.ts";
import type { WitField, WitFunction, WitType } from "../../wit/types.ts";
import { headerOf } from "./headers.ts";

/** A function that answers requests by its signature. */
export interface TypedTarget {
  readonly id: string;
  readonly signature: WitFunction | undefined;
}

/**
 * The arguments that a request brings for a signature, in any form that arguments are read from:
 *
 * - a `string` or `list<u8>` is the body as it came; without a body, a `string` is the parameter of the path or the query
 *   that has its name;
 * - a record is the body's JSON object, with its fields by name from the path and the query as well, which win;
 * - any other type is the body as JSON, or the parameter of its name;
 * - several parameters are found by name in the path, the query and the body's JSON object; a JSON array of their length
 *   is all of them in their order; a single one that is not found gets the body.
 *
 * Without a signature, a JSON array is the arguments, any other body the only one.
 * @throws WeftError `INVALID_ARGUMENT` for a body that is not what the signature wants, or a parameter that is missing.
 */
export function typedArguments({ id, signature }: TypedTarget, request: HttpRequest, body: Uint8Array): unknown[] {
  const given = new Given(id, request, body);
  if (signature === undefined) return given.plain();
  const [only, ...others] = signature.params;
  if (only === undefined) return [];
  return others.length === 0 ? [given.only(only)] : given.several(signature.params);
}

class Given {
  readonly #id: string;
  readonly #body: Uint8Array;
  readonly #isForm: boolean;
  readonly #names = new Map<string, readonly string[]>();

  constructor(id: string, request: HttpRequest, body: Uint8Array) {
    this.#id = id;
    this.#body = body;
    this.#isForm = (headerOf(request.headers, "content-type") ?? "").startsWith("application/x-www-form-urlencoded");
    if (request.query !== "") this.#addNames(new URLSearchParams(request.query));
    for (const [name, value] of Object.entries(request.params)) this.#names.set(toKebab(name), [value]);
  }

  plain(): unknown[] {
    if (this.#body.length === 0) return [];
    const value = this.#json();
    return value === undefined ? [this.#text()] : Array.isArray(value) ? value : [value];
  }

  only(param: WitField): unknown {
    const inner = param.type.kind === "option" ? param.type.some : param.type;
    if (isBytes(inner)) return this.#body;
    if (isText(inner)) {
      const named = this.#body.length === 0 ? this.#named(param) : undefined;
      return named ?? (this.#body.length === 0 && param.type.kind === "option" ? null : this.#text());
    }
    if (inner.kind === "record") return this.#record(inner.fields, param);
    return this.#body.length === 0 ? (this.#named(param) ?? this.#missing(param)) : this.#fromJson(param);
  }

  several(params: readonly WitField[]): unknown[] {
    const value = this.#body.length === 0 ? undefined : this.#json();
    if (Array.isArray(value) && value.length === params.length) return value;
    const fields = isRecord(value) ? byKebab(value) : new Map<string, Value>();
    const isUnread = value === undefined && this.#body.length > 0 && !this.#addForm();
    const found = params.map((param) => this.#named(param) ?? fields.get(toKebab(param.name)));
    const open = params.filter((_, index) => found[index] === undefined);
    const [last] = open;
    if (open.length === 1 && last !== undefined && this.#body.length > 0 && !fields.size) {
      found[params.indexOf(last)] = isText(last.type)
        ? this.#text()
        : isBytes(last.type)
          ? this.#body
          : this.#fromJson(last);
    }
    const missing = (param: WitField): null =>
      isUnread && open.length > 1 ? this.#noJson(param) : this.#missing(param);
    return params.map((param, index) => found[index] ?? missing(param));
  }

  #record(fields: readonly WitField[], param: WitField): unknown {
    const value = this.#body.length === 0 ? undefined : this.#json();
    if (value === undefined && this.#body.length > 0 && !this.#addForm()) this.#fromJson(param);
    if (value !== undefined && !isRecord(value)) return value;
    const merged = new Map<string, unknown>(value === undefined ? [] : byKebab(value));
    let any = value !== undefined;
    for (const field of fields) {
      const named = this.#named(field);
      if (named === undefined) continue;
      merged.set(toKebab(field.name), named);
      any = true;
    }
    if (!any && param.type.kind === "option") return null;
    // Fields that the record lacks stay as they came, to be named in the error.
    return Object.fromEntries(merged);
  }

  /** The parameter of the path or the query, as the type has it; several of a name are a list. */
  #named({ name, type }: WitField): unknown {
    const texts = this.#names.get(toKebab(name));
    const [first] = texts ?? [];
    if (texts === undefined || first === undefined) return undefined;
    const inner = type.kind === "option" ? type.some : type;
    if (inner.kind !== "list" || inner.element.kind === "u8" || first.startsWith("[")) return coerceText(type, first);
    return texts.map((text) => coerceText(inner.element, text));
  }

  /** What is missing would be in the body, if that could be read. */
  #noJson(param: WitField): null {
    if (param.type.kind === "option") return null;
    this.#fromJson(param);
    throw new Error("a body that is no JSON was read as JSON");
  }

  #missing({ name, type }: WitField): null {
    if (type.kind === "option") return null;
    const message = `${this.#id}: the request has no ${name}: give it in the path, the query or the body`;
    throw new WeftError("INVALID_ARGUMENT", message, { details: { parameter: name } });
  }

  #text(): string {
    if (!isUtf8(this.#body)) throw new WeftError("INVALID_ARGUMENT", `${this.#id}: the body is no valid UTF-8`);
    return Buffer.from(this.#body).toString("utf8");
  }

  /** The body as JSON; undefined when it is none. */
  #json(): Value | undefined {
    try {
      return parseExact(this.#text());
    } catch (thrown) {
      if (thrown instanceof SyntaxError) return undefined;
      throw thrown;
    }
  }

  #fromJson({ name }: WitField): Value {
    try {
      return parseExact(this.#text());
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new WeftError("INVALID_ARGUMENT", `${this.#id}: ${name} is JSON, and the body is none: ${cause.message}`, {
        cause,
      });
    }
  }

  /** A form's fields are as good as those of the query. */
  #addForm(): boolean {
    if (this.#isForm) this.#addNames(new URLSearchParams(this.#text()));
    return this.#isForm;
  }

  #addNames(pairs: URLSearchParams): void {
    for (const name of new Set(pairs.keys())) {
      const key = toKebab(name);
      if (!this.#names.has(key)) this.#names.set(key, pairs.getAll(name));
    }
  }
}

function isText({ kind }: WitType): boolean {
  return kind === "string";
}

function isBytes(type: WitType): boolean {
  return type.kind === "list" && type.element.kind === "u8";
}

function byKebab(fields: Readonly<Record<string, Value>>): Map<string, Value> {
  return new Map(Object.entries(fields).map(([name, value]) => [toKebab(name), value]));
}
