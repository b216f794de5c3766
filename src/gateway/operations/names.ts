/** What an http.service may do beside its routes. */
export const operationNames = ["health", "metrics", "openapi", "log"] as const;

/** One of `operationNames`. */
export type OperationName = (typeof operationNames)[number];

/** The paths that operations answer, before any endpoint. */
export const operationPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics", "/openapi.json"]);
