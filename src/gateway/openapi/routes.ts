import type { EndpointRoute, ServerRoutes } from "../../hosts/http/routes.ts";
import type { DispatcherPort } from "../../hosts/ports.ts";
import { fullPath, type PathPattern } from "../paths.ts";
import { openApiDocument, problemResponses, type Operation } from "./document.ts";
import { Schemas } from "./schemas.ts";

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
  const signature = describe(spec.func)?.signature;
  const [first] = signature?.params ?? [];
  const result = signature && schemas.result(signature);
  const hasBody = !["GET", "HEAD", "DELETE", "OPTIONS"].includes(spec.method);
  const parameters = pattern.segments.flatMap((segment) =>
    segment.type === "text" ? [] : [{ name: segment.name, in: "path", required: true, schema: { type: "string" } }],
  );
  const anything = { "*/*": {} };
  const asked = first === undefined ? anything : { "application/json": { schema: schemas.of(first.type) } };
  const given = result === undefined ? anything : { "application/json": { schema: result } };
  return {
    operationId: id,
    summary: `Answered by ${spec.func}`,
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && { requestBody: { content: asked } }),
    responses: {
      200: { description: "The function's answer.", content: given },
      ...problemResponses({ default: "The function failed." }),
    },
  };
}
