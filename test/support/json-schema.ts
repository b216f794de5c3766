/** A small evaluator of JSON Schema (draft 2020-12): the keywords that Weft's own schema uses, and an error for any other. */

type Data = unknown;
type Schema = Readonly<Record<string, unknown>>;
type Check = (value: unknown, data: Data, at: Place) => string[];

interface Place {
  readonly root: Schema;
  /** The schema that the keyword stands in. */
  readonly schema: Schema;
  readonly path: string;
}

/** What a schema has against some data, as `path: message`. @throws Error for a schema that is not well-formed. */
export function schemaProblems(root: Schema, data: Data): string[] {
  return evaluate(root, data, { root, path: "" });
}

function evaluate(schema: unknown, data: Data, at: Omit<Place, "schema">): string[] {
  if (schema === true) return [];
  if (schema === false) return [`${at.path}: nothing may stand here`];
  const object = asSchema(schema);
  return Object.entries(object).flatMap(([keyword, value]) => {
    const check = keywords.get(keyword);
    if (check === undefined) throw new Error(`unknown keyword ${keyword}`);
    return check(value, data, { ...at, schema: object });
  });
}

const annotation: Check = (value) => {
  if (typeof value !== "string") throw new Error("an annotation is a text");
  return [];
};

const keywords = new Map<string, Check>([
  ["$schema", annotation],
  ["title", annotation],
  ["description", annotation],
  ["$defs", () => []],
  ["then", () => []],
  ["else", () => []],
  ["$ref", (value, data, at) => evaluate(resolve(at.root, String(value)), data, at)],
  [
    "type",
    (value, data, at) => {
      const types = list(Array.isArray(value) ? value : [value]);
      return types.some((type) => hasType(String(type), data)) ? [] : [`${at.path}: must be ${types.join(" or ")}`];
    },
  ],
  ["const", (value, data, at) => (value === data ? [] : [`${at.path}: must be ${String(value)}`])],
  [
    "enum",
    (value, data, at) => (list(value).includes(data) ? [] : [`${at.path}: must be one of ${list(value).join()}`]),
  ],
  [
    "minimum",
    (value, data, at) => (typeof data !== "number" || data >= Number(value) ? [] : [`${at.path}: too small`]),
  ],
  [
    "maximum",
    (value, data, at) => (typeof data !== "number" || data <= Number(value) ? [] : [`${at.path}: too large`]),
  ],
  [
    "minLength",
    (value, data, at) => (typeof data !== "string" || data.length >= Number(value) ? [] : [`${at.path}: too short`]),
  ],
  [
    "pattern",
    (value, data, at) =>
      typeof data !== "string" || new RegExp(String(value), "u").test(data)
        ? []
        : [`${at.path}: must match ${String(value)}`],
  ],
  [
    "required",
    (value, data, at) =>
      isObject(data)
        ? list(value).flatMap((key) => (String(key) in data ? [] : [`${at.path}: needs ${String(key)}`]))
        : [],
  ],
  [
    "properties",
    (value, data, at) =>
      isObject(data)
        ? Object.entries(asSchema(value)).flatMap(([key, inner]) =>
            Object.hasOwn(data, key) ? evaluate(inner, data[key], { ...at, path: `${at.path}/${key}` }) : [],
          )
        : [],
  ],
  [
    "additionalProperties",
    (value, data, at) => {
      if (!isObject(data)) return [];
      const known = Object.keys(asSchema(at.schema["properties"] ?? {}));
      return Object.keys(data)
        .filter((key) => !known.includes(key))
        .flatMap((key) => evaluate(value, data[key], { ...at, path: `${at.path}/${key}` }));
    },
  ],
  [
    "propertyNames",
    (value, data, at) => (isObject(data) ? Object.keys(data).flatMap((key) => evaluate(value, key, at)) : []),
  ],
  [
    "items",
    (value, data, at) =>
      Array.isArray(data)
        ? data.flatMap((item, index) => evaluate(value, item, { ...at, path: `${at.path}/${index}` }))
        : [],
  ],
  ["allOf", (value, data, at) => list(value).flatMap((inner) => evaluate(inner, data, at))],
  [
    "anyOf",
    (value, data, at) => {
      const found = list(value).map((inner) => evaluate(inner, data, at));
      return found.some((problems) => problems.length === 0) ? [] : found.flat();
    },
  ],
  [
    "if",
    (value, data, at) => {
      const branch = evaluate(value, data, at).length === 0 ? at.schema["then"] : at.schema["else"];
      return branch === undefined ? [] : evaluate(branch, data, at);
    },
  ],
]);

function resolve(root: Schema, reference: string): unknown {
  const [start, ...steps] = reference.split("/");
  if (start !== "#") throw new Error(`unknown reference ${reference}`);
  return steps.reduce<unknown>((found, step) => {
    const inner = asSchema(found)[step];
    if (inner === undefined) throw new Error(`${reference} leads nowhere`);
    return inner;
  }, root);
}

function hasType(type: string, data: Data): boolean {
  switch (type) {
    case "null":
      return data === null;
    case "array":
      return Array.isArray(data);
    case "object":
      return isObject(data);
    case "integer":
      return Number.isInteger(data);
    case "string":
    case "number":
    case "boolean":
      return typeof data === type;
    default:
      throw new Error(`unknown type ${type}`);
  }
}

function isObject(data: Data): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function asSchema(value: unknown): Schema {
  if (!isObject(value)) throw new Error("a schema is an object");
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("a list was expected");
  return value;
}
