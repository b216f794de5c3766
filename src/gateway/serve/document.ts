import { openApiDocument, problemResponses, type Operation, type Paths } from "../openapi/document.ts";
import { Schemas, type Schema } from "../openapi/schemas.ts";
import type { ModuleLibrary } from "./library.ts";
import { handlerOf, handlerPath } from "./handlers.ts";
import { paths as pathsOf } from "./listing.ts";
import type { ServedFunction, ServedModule } from "./module.ts";

/** The OpenAPI document of everything that can be called now. */
export function serveDocument(library: ModuleLibrary): object {
  const schemas = new Schemas();
  const modules = library.states.flatMap(({ module }) => module ?? []);
  const calls = modules.flatMap(({ functions, file }) =>
    functions
      .filter(isCalled)
      .map((fn) => [pathsOf(fn.id, fn.name, file).call, { post: callOperation(fn, file, schemas) }] as const),
  );
  const executable = modules.filter(({ functions }) => functions.some(isCalled));
  const executes = executable.map((module) => [executePath(module), { post: executeOperation(module) }] as const);
  const paths: Paths = {
    ...Object.fromEntries([...calls, ...executes, ...modules.flatMap(handled)]),
    "/functions": { get: listOperation() },
  };
  return openApiDocument({
    title: "Functions of a folder",
    description: "What `weft serve` makes callable. Schemas of /call follow from the functions' types.",
    version: String(library.version),
    paths,
    schemas: schemas.components,
  });
}

const failures = problemResponses({
  400: "The arguments are wrong.",
  413: "The body is too large.",
  500: "The function trapped, or exited with another status than 0.",
  503: "Too many calls wait, or the function crossed a limit.",
  504: "The function took too long.",
});

/** Those that answer requests themselves are reached at a path of their own. */
function isCalled({ style }: ServedFunction): boolean {
  return style !== "requests";
}

/** Which paths and methods a component answers is its own business, and no document of ours. */
function handled(module: ServedModule): readonly (readonly [string, Readonly<Record<string, Operation>>])[] {
  const { file } = module;
  if (handlerOf(module) === undefined) return [];
  const parameters = [{ name: "rest", in: "path", required: true, schema: { type: "string" } }];
  const operation = (method: string): Operation => ({
    operationId: `${method} ${file}`,
    summary: `A request that ${file} answers itself`,
    description: "The component sees what follows as path and query: `rest` may hold slashes.",
    tags: [file],
    parameters,
    ...(bodied.has(method) && { requestBody: { content: { "*/*": {} } } }),
    responses: { default: { description: "What the component answers." }, ...failures },
  });
  const operations = handledMethods.map((method) => [method, operation(method)] as const);
  return [[`${handlerPath(file)}{rest}`, Object.fromEntries(operations)]];
}

const handledMethods = ["get", "head", "post", "put", "patch", "delete", "options"] as const;
const bodied: ReadonlySet<string> = new Set(["post", "put", "patch"]);

function callOperation(fn: ServedFunction, file: string, schemas: Schemas): Operation {
  const result = resultSchema(fn, schemas);
  const outcome = fn.wit?.result?.kind === "result" ? problemResponses({ "4XX": "The function gave an error." }) : {};
  const answer =
    result === undefined
      ? { 204: { description: "It gave nothing." } }
      : { 200: { description: "What it gave.", content: { "application/json": { schema: result } } } };
  return {
    operationId: fn.id,
    summary: `${fn.name}: ${fn.signature}`,
    tags: [file],
    requestBody: {
      description: fn.style === "command" ? "Standard input." : "The arguments.",
      content: { "application/json": { schema: argumentsSchema(fn, schemas) } },
    },
    responses: { ...answer, ...outcome, ...failures },
  };
}

function argumentsSchema({ style, wit, placement }: ServedFunction, schemas: Schemas): Schema {
  if (style === "command") return {};
  if (wit !== undefined) return schemas.arguments(wit);
  const { program } = placement;
  const params = program.type === "core" ? program.coreType.params : [];
  return {
    type: "array",
    maxItems: params.length,
    ...(params.length > 0 && { prefixItems: params.map(numberSchema) }),
  };
}

function resultSchema({ style, wit, placement }: ServedFunction, schemas: Schemas): Schema | undefined {
  if (style === "command") return { description: "What it printed: JSON, or a text." };
  if (wit !== undefined) return schemas.result(wit);
  const { program } = placement;
  const results = program.type === "core" ? program.coreType.results : [];
  const [only] = results;
  if (only === undefined) return undefined;
  return results.length === 1 ? numberSchema(only) : { type: "array", prefixItems: results.map(numberSchema) };
}

function numberSchema(kind: WebAssembly.ValueKind): Schema {
  return { type: kind === "f32" || kind === "f64" ? "number" : "integer" };
}

function executePath({ file }: ServedModule): string {
  return `/execute/${file.split("/").map(encodeURIComponent).join("/")}`;
}

function executeOperation({ file, functions }: ServedModule): Operation {
  const body = { "application/octet-stream": {}, "text/plain": {}, "application/json": {} };
  return {
    operationId: `execute ${file}`,
    summary: `Call a function of ${file} with a body as it is`,
    tags: [file],
    parameters: [
      {
        name: "func",
        in: "query",
        description: "Which function.",
        schema: { type: "string", enum: functions.filter(isCalled).map(({ name }) => name) },
      },
      {
        name: "arg",
        in: "query",
        description: "Arguments as words, in their order, in place of a JSON body; words of a command.",
        schema: { type: "array", items: { type: "string" } },
      },
    ],
    requestBody: { content: body },
    responses: {
      200: { description: "What it gave.", content: body },
      204: { description: "It gave nothing." },
      ...failures,
      ...problemResponses({ 404: "There is no such function." }),
    },
  };
}

function listOperation(): Operation {
  const content = { "application/json": { schema: { type: "object" } } };
  return {
    operationId: "functions",
    summary: "Every file, with its functions or what is wrong with it",
    responses: { 200: { description: "The list.", content } },
  };
}
