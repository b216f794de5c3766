import type { FieldPath } from "../entry.ts";

/** A path as authors write it: `wasi.mounts[1].guest`. */
export function fieldText(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
