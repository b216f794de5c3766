// Seam for JSON.rawJSON, which TypeScript does not declare yet (https://tc39.es/proposal-json-parse-with-source/).

interface RawJson {
  rawJSON(text: string): unknown;
}

/** A number that JSON.stringify writes with all its digits. */
export function rawNumber(value: bigint): unknown {
  return (JSON as unknown as RawJson).rawJSON(String(value));
}
