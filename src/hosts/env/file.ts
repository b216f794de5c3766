import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { WeftError } from "../../core/errors.ts";
import type { EnvironmentSpec } from "./spec.ts";
import type { Storage } from "./storage.ts";

type FileSpec = Extract<EnvironmentSpec, { type: "file" }>;
type Parse = (text: string) => Readonly<Record<string, string>>;

/** A name that a dotenv file can hold. */
const namePattern = /^[\w.-]+$/;

/** Variables in a file in dotenv format. It is read at each look-up, because people edit such files while the app runs. */
export function fileStorage(spec: FileSpec): Storage {
  let lastWrite = Promise.resolve();
  return {
    async get(key) {
      const { parse } = await import("dotenv");
      const values = parse((await readText(spec.path)) ?? "");
      return Object.hasOwn(values, key) ? values[key] : undefined;
    },
    set(key, value) {
      // One write after the other: each keeps what the one before it wrote.
      const write = lastWrite.then(() => writeValue(spec, key, value));
      lastWrite = write.catch(() => undefined);
      return write;
    },
  };
}

async function writeValue(spec: FileSpec, key: string, value: string): Promise<void> {
  const { parse } = await import("dotenv");
  const text = await readText(spec.path);
  if (text === undefined && !spec.create) {
    throw new WeftError("FILE_NOT_FOUND", `the file of the variable ${key} is missing; auto_create makes it`);
  }
  const changed = withValue(text ?? "", { key, value, parse });
  await mkdir(dirname(spec.path), { recursive: true, mode: spec.dirMode });
  // Whoever reads meanwhile sees the old file or the new one, never half of it.
  const draft = `${spec.path}.${randomUUID()}`;
  try {
    await writeFile(draft, changed, { mode: spec.fileMode });
    await rename(draft, spec.path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The text of a dotenv file with one value set; its other lines stay as they are. @throws WeftError `INVALID_ARGUMENT`. */
export function withValue(
  text: string,
  { key, value, parse }: { readonly key: string; readonly value: string; readonly parse: Parse },
): string {
  if (!namePattern.test(key))
    throw new WeftError("INVALID_ARGUMENT", `"${key}" is no name that a dotenv file can hold`);
  const kept = withoutValue(text, key, parse);
  const line = [value, `'${value}'`, `\`${value}\``, `"${value.replaceAll("\n", String.raw`\n`)}"`]
    .map((written) => `${key}=${written}`)
    .find((written) => Object.keys(parse(written)).length === 1 && parse(written)[key] === value);
  if (line === undefined) {
    throw new WeftError("INVALID_ARGUMENT", `the value of ${key} cannot be written to a dotenv file`);
  }
  return `${kept}${kept === "" || kept.endsWith("\n") ? "" : "\n"}${line}\n`;
}

/** The text without the lines that give a key its value, which may be several. */
function withoutValue(text: string, key: string, parse: Parse): string {
  const lines = text.split("\n");
  const starts = (line: string): boolean => /^\s*(?:export\s+)?([\w.-]+)\s*(?:=|:\s)/.exec(line)?.[1] === key;
  let rest = lines;
  for (let at = rest.findIndex(starts); at >= 0; at = rest.findIndex(starts)) {
    const others = { ...parse(rest.join("\n")) };
    delete others[key];
    // The shortest run of lines whose removal leaves every other value as it was: a quoted value may go over lines.
    const count = Array.from({ length: rest.length - at }, (_, i) => i + 1).find((size) => {
      const left = { ...parse(rest.toSpliced(at, size).join("\n")) };
      delete left[key];
      return sameValues(left, others);
    });
    rest = rest.toSpliced(at, count ?? 1);
  }
  return rest.join("\n");
}

function sameValues(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
