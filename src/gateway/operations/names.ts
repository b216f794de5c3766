/** What an http.service may do beside its routes. */
export const operationNames = ["health", "metrics", "openapi", "log"] as const;

/** One of `operationNames`. */
export type OperationName = (typeof operationNames)[number];
