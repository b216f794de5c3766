import { isRecord, type Value } from "../../core/values.ts";

/** What a method's arguments and result must look like, as JSON Schemas; null where anything goes. */
export interface MethodSchemas {
  readonly input: readonly Value[];
  readonly output: readonly Value[];
}

/** The schemas of a contract's methods, as its definition has them: those that are JSON Schemas. */
export function readSchemas(methods: readonly { readonly [key: string]: Value }[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    methods.flatMap(({ name, input_schemas: input, output_schemas: output }): [string, Value][] => {
      const schemas = { input: definitions(input), output: definitions(output) };
      const isChecked = [...schemas.input, ...schemas.output].some((each) => each !== null);
      return typeof name === "string" && isChecked ? [[name, schemas]] : [];
    }),
  );
}

function definitions(list: Value | undefined): readonly Value[] {
  return listOf(list).map((each) => {
    const { format, definition } = isRecord(each) ? each : {};
    const isJson = format === undefined || (typeof format === "string" && /json/i.test(format));
    return isJson && definition !== undefined ? definition : null;
  });
}

/** The same, as an isolate gets it. */
export function schemasOf(found: Value | undefined): ReadonlyMap<string, MethodSchemas> {
  if (!isRecord(found)) return new Map();
  return new Map(
    Object.entries(found).map(([name, schemas]) => {
      const { input, output } = isRecord(schemas) ? schemas : {};
      return [name, { input: listOf(input), output: listOf(output) }];
    }),
  );
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}
