import type { EndpointRoute, ServerRoutes } from "../../hosts/http/routes.ts";
import type { DispatcherPort } from "../../hosts/ports.ts";
import { toKebab } from "../../wit/spellings.ts";
import type { WitField, WitFunction, WitType } from "../../wit/types.ts";
import { fullPath, type PathPattern } from "../paths.ts";
import { openApiDocument, problemResponses, type Operation } from "./document.ts";
import { Schemas, type Schema } from "./schemas.ts";

/** The OpenAPI document of a server's endpoints; bodies follow from WIT where the function has a signature. */
export function routesDocument(routes: ServerRoutes, { describe }: Pick<DispatcherPort, "describe">): object {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes.endpoints) {
    const pattern = fullPath(route);
    const operations = (paths[openApiPath(pattern)] ??= {});
    operations[route.spec.method.toLowerCase()] = operationOf(route, pattern, { schemas, describe });
  }
  return openApiDocument({
    title: "Endpoints",
    description: "What this server answers. Bodies are described where the function behind an endpoint has WIT types.",
    version: "1",
    paths,
    schemas: schemas.components,
  });
}

/** `/users/{id}/{rest}`: OpenAPI knows no names for all the rest of a path. */
function openApiPath({ segments }: PathPattern): string {
  return `/${segments.map((segment) => (segment.type === "text" ? segment.text : `{${segment.name}}`)).join("/")}`;
}

interface Describing {
  readonly schemas: Schemas;
  readonly describe: DispatcherPort["describe"];
}

function operationOf({ id, spec }: EndpointRoute, pattern: PathPattern, { schemas, describe }: Describing): Operation {
  const callee = describe(spec.func);
  const signature = callee?.transport === "wasi-http" ? callee.signature : undefined;
  const inPath = pattern.segments.flatMap((segment) => (segment.type === "text" ? [] : [segment.name]));
  const hasBody = !["GET", "HEAD", "DELETE", "OPTIONS"].includes(spec.method);
  const input = inputOf(signature, { schemas, inPath, hasBody });
  return {
    operationId: id,
    summary: `Answered by ${spec.func}`,
    ...(input.parameters.length > 0 && { parameters: input.parameters }),
    ...(input.body !== undefined && { requestBody: { content: input.body } }),
    responses: responsesOf(signature, schemas),
  };
}

type Content = Readonly<Record<string, Schema>>;

/** What is known of bodies that nobody declared. */
const anything: Content = { "*/*": {} };

/** What a request brings: see `hosts/http/typed-request.ts` for how it becomes arguments. */
function inputOf(
  signature: WitFunction | undefined,
  {
    schemas,
    inPath,
    hasBody,
  }: { readonly schemas: Schemas; readonly inPath: readonly string[]; readonly hasBody: boolean },
): { readonly parameters: readonly object[]; readonly body: Content | undefined } {
  const fields = namedFields(signature);
  const typeOf = new Map(fields.map(({ name, type }) => [toKebab(name), type]));
  const isText = (name: string): Schema => ({ name, in: "path", required: true, schema: { type: "string" } });
  const paths = inPath.map((name) => {
    const type = typeOf.get(toKebab(name));
    return type === undefined ? isText(name) : { ...isText(name), schema: schemas.of(type) };
  });
  const named = new Set(inPath.map(toKebab));
  const rest = fields.filter(({ name }) => !named.has(toKebab(name)));
  if (hasBody)
    return { parameters: paths, body: signature === undefined ? anything : bodyOf(signature, rest, schemas) };
  const queries = rest.map(({ name, type }) => {
    const required = type.kind !== "option";
    return { name, in: "query", ...(required && { required }), schema: schemas.of(type) };
  });
  return { parameters: [...paths, ...queries], body: undefined };
}

/** What may be given by name: the parameters, or the fields of the only one. */
function namedFields(signature: WitFunction | undefined): readonly WitField[] {
  const [only, ...others] = signature?.params ?? [];
  const inner = only?.type.kind === "option" ? only.type.some : only?.type;
  if (others.length === 0 && inner?.kind === "record") return inner.fields;
  return signature?.params ?? [];
}

function bodyOf({ params }: WitFunction, rest: readonly WitField[], schemas: Schemas): Content | undefined {
  const [only, ...others] = params;
  if (only === undefined || rest.length === 0) return undefined;
  const inner = only.type.kind === "option" ? only.type.some : only.type;
  if (others.length === 0 && inner.kind !== "record") return contentOf(inner, schemas);
  const properties = Object.fromEntries(rest.map(({ name, type }) => [name, schemas.of(type)]));
  const required = rest.filter(({ type }) => type.kind !== "option").map(({ name }) => name);
  return { "application/json": { schema: { type: "object", properties, required } } };
}

function responsesOf(signature: WitFunction | undefined, schemas: Schemas): Schema {
  const failed = problemResponses({ default: "The function failed." });
  const result = signature?.result;
  const given = result?.kind === "result" ? result.ok : result;
  if (signature !== undefined && given === undefined) return { 204: { description: "It went well." }, ...failed };
  const content = given === undefined ? anything : contentOf(given, schemas);
  return { 200: { description: "The function's answer.", content }, ...failed };
}

/** Text and bytes are themselves, all else is JSON. */
function contentOf(type: WitType, schemas: Schemas): Content {
  if (type.kind === "string") return { "text/plain": { schema: { type: "string" } } };
  if (type.kind === "list" && type.element.kind === "u8") return { "application/octet-stream": {} };
  return { "application/json": { schema: schemas.of(type) } };
}
