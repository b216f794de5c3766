// Seam for JSON.rawJSON, which TypeScript does not declare yet (https://tc39.es/proposal-json-parse-with-source/).

/** A part of a value that `JSON.stringify` writes as it is. The text must be a JSON literal. */
export function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}
