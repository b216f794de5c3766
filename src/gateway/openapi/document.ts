import { problemType } from "../../hosts/http/problem.ts";
import type { Schema } from "./schemas.ts";

/** An operation of a path, as OpenAPI writes it. */
export type Operation = Readonly<Record<string, unknown>>;

/** The operations of each path, by method in lower case. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** What a document is made of. */
export interface DocumentParts {
  readonly title: string;
  readonly description: string;
  /** Changes with what is described. */
  readonly version: string;
  readonly paths: Paths;
  readonly schemas: Readonly<Record<string, Schema>>;
}

const problem: Schema = {
  type: "object",
  description: "A problem document (RFC 9457).",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", description: "A code of Weft; `weft explain CODE` tells more." },
  },
  required: ["type", "title", "status", "detail", "code"],
};

/** The name of the schema of problem documents: no WIT name has a capital letter at its start. */
const problemName = "Problem";

/** An OpenAPI 3.1 document. */
export function openApiDocument({ title, description, version, paths, schemas }: DocumentParts): object {
  return {
    openapi: "3.1.0",
    info: { title, description, version },
    paths,
    components: { schemas: { ...schemas, [problemName]: problem } },
  };
}

/** A response that is a problem document. */
export function problemResponses(described: Readonly<Record<string, string>>): Schema {
  const content = { [problemType]: { schema: { $ref: `#/components/schemas/${problemName}` } } };
  return Object.fromEntries(
    Object.entries(described).map(([status, description]) => [status, { description, content }]),
  );
}
