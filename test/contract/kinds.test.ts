import * as fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, describe, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { kinds } from "../../src/kinds/index.ts";
import { indexSchema } from "../../src/registry/schema.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { isDiagnostics } from "../../src/registry/define.ts";
import { toValue, type Value } from "../../src/core/values.ts";
import { brief, checked, entryOf, problemsOf } from "../unit/kinds/support/entry.ts";
import { smallest } from "../unit/kinds/support/smallest.ts";

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => toValue(value, "it"));

test("kinds have names of their own, and each has an example here", () => {
  const names = kinds.map((kind) => kind.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.toSorted()).toEqual(Object.keys(smallest).toSorted());
});

/** Kinds of data that nobody but people and programs reads. */
const takesAnything = new Set(["registry.entry", "ns.definition"]);

const repository = fileURLToPath(new URL("../..", import.meta.url));
const schema = indexSchema(kinds);

test("the schema that ships is that of the kinds: `weft schema --out registry/index.schema.json` writes it", () => {
  expect(JSON.parse(readFileSync(join(repository, "registry/index.schema.json"), "utf8"))).toEqual(schema);
});

const shipped = ["registry", "examples", "test/specs"].flatMap((folder) =>
  readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_index.yaml"))
    .map((path) => join(folder, path)),
);

test.each(shipped)("%s fits the schema", (path) => {
  expect(schemaProblems(schema, parse(readFileSync(join(repository, path), "utf8"), { merge: true }))).toEqual([]);
});

describe.each(kinds)("$name", (kind) => {
  const data = smallest[kind.name] ?? {};

  test("lives in a folder of its name and says in one sentence what it is", () => {
    expect(existsSync(new URL(`../../src/kinds/${kind.name.replaceAll(".", "-")}/kind.ts`, import.meta.url))).toBe(
      true,
    );
    expect(kind.summary).toMatch(/^[A-Z][^\n]*\.$/);
  });

  test("describes every field for editors and docs", () => {
    const undescribed: string[] = [];
    const visit = (schema: unknown, path: string, named: boolean): void => {
      if (typeof schema !== "object" || schema === null) return;
      if (named && !("description" in schema)) undescribed.push(path);
      const { properties, items, anyOf }: { properties?: unknown; items?: unknown; anyOf?: unknown } = schema;
      if (typeof properties === "object" && properties !== null) {
        for (const [name, field] of Object.entries(properties)) visit(field, `${path}.${name}`, true);
      }
      if (Array.isArray(anyOf)) for (const branch of anyOf) visit(branch, path, false);
      visit(items, `${path}[]`, false);
    };
    visit(z.toJSONSchema(kind.schema, { io: "input" }), kind.name, false);
    expect(undescribed).toEqual([]);
  });

  test("takes its smallest example", () => {
    const { references, warnings } = checked(entryOf(kind.name, data));
    expect(warnings).toEqual([]);
    for (const reference of references) expect(reference.id).toContain(":");
  });

  test("fits its schema where its check has nothing to say", () => {
    const entry = { name: "it", kind: kind.name, ...data };
    expect(schemaProblems(schema, { namespace: "app", entries: [entry] })).toEqual([]);
    const wrong = schemaProblems(schema, { namespace: "app", entries: [{ ...entry, nonsense: 1 }] });
    expect(wrong.length).toBe(takesAnything.has(kind.name) ? 0 : 1);
  });

  test("reports an unknown field at its key", () => {
    if (takesAnything.has(kind.name)) return;
    expect(problemsOf(entryOf(kind.name, { ...data, nonsense: 1 })).map(brief)).toEqual([
      "unknown-field at key nonsense",
    ]);
  });

  test("answers whatever stands in its fields, and never throws", () => {
    const known = kind.schema instanceof z.ZodObject ? Object.keys(kind.schema.shape) : [];
    // A folder that may be made is made: names that mean nothing must not lead anywhere.
    const names = known.filter((name) => name !== "directory");
    const field = names.length === 0 ? fc.string() : fc.constantFrom(...names);
    const fields = fc.dictionary<Value>(field, json, { maxKeys: 4 });
    fc.assert(
      fc.property(
        fields,
        fc.dictionary<Value>(fc.constantFrom("options", "default_host", "depends_on"), json),
        (wild, meta) => {
          const result = kind.check(entryOf(kind.name, { ...data, ...wild }, meta), { compat: "weft" });
          expect(isDiagnostics(result) ? result.length : 1).toBeGreaterThan(0);
        },
      ),
    );
  });
});
