import type { ErrorObject, ValidateFunction } from "ajv";
import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";

/** Validators that are kept: programs use few schemas, again and again. */
const keptSchemas = 64;
/** A schema is compiled to code: this bounds how long that takes. */
const schemaBytes = 256 * 1_024;
/** Problems that an error lists. */
const listedProblems = 20;

/** Lists in a schema; where anything else is empty, an empty mapping is meant, which in Lua is the same table. */
const listKeywords = new Set(["required", "enum", "examples", "type", "allOf", "anyOf", "oneOf", "prefixItems"]);

let loading: ReturnType<typeof load> | undefined;

/** The compiler is heavy, and few programs need it. */
async function load() {
  const [{ Ajv }, { Ajv2020 }, { RE2JS: re2 }] = await Promise.all([
    import("ajv"),
    import("ajv/dist/2020.js"),
    import("re2js"),
  ]);
  return { Ajv, Ajv2020, re2 };
}

const validators = new Map<string, ValidateFunction>();

/**
 * Checks what JSON text says, or `plainJson` makes, against a JSON Schema (draft 7, or 2020-12 if `$schema` says so). `format` is not checked; patterns run on RE2.
 * @throws WeftError `INVALID_ARGUMENT` naming every place that does not fit, or what is wrong with the schema.
 */
export async function validate(schema: Value, value: unknown): Promise<void> {
  const check = validators.get(schemaKey(schema)) ?? (await compile(schema));
  const problems = problemsOf(check, value);
  if (problems.length === 0) return;
  const listed = problems.slice(0, listedProblems).map((problem) => ({
    path: problem.instancePath,
    keyword: problem.keyword,
    message: problem.message ?? "does not fit",
  }));
  const [first] = listed;
  const place = first === undefined || first.path === "" ? "the value" : first.path;
  throw new WeftError("INVALID_ARGUMENT", `${place} ${first?.message}`, { details: { errors: listed } });
}

/** Problems of a value. An empty Lua table is a list or a mapping, whichever the schema asks for. */
function problemsOf(check: ValidateFunction, value: unknown): readonly ErrorObject[] {
  let tried: unknown = value;
  for (;;) {
    if (check(tried)) return [];
    const problems = check.errors ?? [];
    const empty = problems.find(
      ({ keyword, params, data }) => keyword === "type" && wantsMapping(params) && isEmptyList(data),
    );
    if (empty === undefined) return problems;
    tried = withEmptyMapping(tried, empty.instancePath.split("/").slice(1));
  }
}

function wantsMapping(params: Readonly<Record<string, unknown>>): boolean {
  const { type } = params;
  return type === "object" || (Array.isArray(type) && type.includes("object"));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The value with an empty mapping at a place. */
function withEmptyMapping(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return {};
  const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
  if (Array.isArray(value))
    return value.map((item: unknown, i) => (String(i) === name ? withEmptyMapping(item, rest) : item));
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([key, item]: [string, unknown]) => [
      key,
      key === name ? withEmptyMapping(item, rest) : item,
    ]),
  );
}

async function compile(schema: Value): Promise<ValidateFunction> {
  const key = schemaKey(schema);
  loading ??= load();
  const { Ajv, Ajv2020, re2 } = await loading;
  const document = schemaDocument(schema);
  const draft = typeof document === "object" ? document["$schema"] : undefined;
  const isRecent = typeof draft === "string" && /2019-09|2020-12/.test(draft);
  const Compiler = isRecent ? Ajv2020 : Ajv;
  // The compiler tells patterns apart by what `toString` gives.
  const engine = (pattern: string) => {
    const compiled = re2.compile(pattern);
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  };
  const regExp = Object.assign(engine, { code: "new RegExp" });
  const compiler = new Compiler({
    strict: false,
    allErrors: true,
    verbose: true,
    validateFormats: false,
    logger: false,
    code: { regExp },
  });
  let made: ValidateFunction;
  try {
    made = compiler.compile(document);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WeftError("INVALID_ARGUMENT", `this is no JSON Schema: ${reason}`, { cause: error });
  }
  const [oldest] = validators.keys();
  if (validators.size >= keptSchemas && oldest !== undefined) validators.delete(oldest);
  validators.set(key, made);
  return made;
}

function schemaKey(schema: Value): string {
  const text = typeof schema === "string" ? schema : JSON.stringify(plainJson(schema));
  if (text.length > schemaBytes)
    throw new WeftError("INVALID_ARGUMENT", `the schema is longer than ${schemaBytes} bytes`);
  return text;
}

/** A schema as a table or as JSON text. */
function schemaDocument(schema: Value): boolean | Record<string, unknown> {
  let document: unknown;
  try {
    document = typeof schema === "string" ? JSON.parse(schema) : withMappings(plainJson(schema), "");
  } catch (error) {
    if (error instanceof WeftError) throw error;
    throw new WeftError("INVALID_ARGUMENT", "the schema is not JSON", { cause: error });
  }
  if (typeof document === "boolean") return document;
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new WeftError("INVALID_ARGUMENT", "a schema is a table, or a text that holds a JSON object");
  }
  // Such a validator answers with promises, and nothing here could make use of them.
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== "$async"));
}

function withMappings(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.length === 0 && !listKeywords.has(key) ? {} : items.map((item) => withMappings(item, ""));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, unknown]) => [name, withMappings(item, name)]),
  );
}

/** A value of Lua as JSON would have it. @throws WeftError `INVALID_ARGUMENT` for what it cannot say. */
export function plainJson(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) throw new WeftError("INVALID_ARGUMENT", "a string is not valid UTF-8");
  if (value instanceof Map)
    throw new WeftError("INVALID_ARGUMENT", "a table has names and positions, or gaps between them");
  if (isList(value)) return value.map(plainJson);
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, Value]) => [name, plainJson(item)]));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
