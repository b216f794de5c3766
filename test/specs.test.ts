import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { createRuntime, WeftError, type Runtime } from "../src/index.ts";

/**
 * Runs `test/specs/<area>/<case>`: an app (`_index.yaml` and what it names) and a `case.yaml` that says what calling
 * it gives. Guests are found under `guests/` of the app's root; files of a
 * `root/` folder are put at the root itself (`wippy.lock`, `weft.yaml`).
 */
const specs = fileURLToPath(new URL("specs/", import.meta.url));
const guests = fileURLToPath(new URL("guests/", import.meta.url));

const errorSchema = z.strictObject({
  code: z.string().optional(),
  kind: z.string().optional(),
  message: z.string().optional(),
});
const caseSchema = z.strictObject({
  about: z.string(),
  calls: z
    .array(
      z.strictObject({
        call: z.string(),
        args: z.array(z.unknown()).default([]),
        result: z.unknown().optional(),
        error: errorSchema.optional(),
        timeout_ms: z.number().optional(),
      }),
    )
    .default([]),
  diagnostics: z
    .array(z.strictObject({ code: z.string(), at: z.string().optional(), message: z.string().optional() }))
    .default([]),
});

const cases = readdirSync(specs, { recursive: true, withFileTypes: true })
  .filter((file) => file.name === "case.yaml")
  .map((file) => file.parentPath)
  .toSorted();

describe.each(cases.map((directory) => [relative(specs, directory), directory]))("%s", (_name, directory) => {
  const spec = caseSchema.parse(parse(readFileSync(join(directory, "case.yaml"), "utf8")));
  let app = "";
  let runtime: Runtime;

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), "weft-spec-"));
    await cp(directory, join(app, "registry"), { recursive: true });
    await rm(join(app, "registry", "case.yaml"));
    await rm(join(app, "registry", "root"), { recursive: true, force: true });
    if (existsSync(join(directory, "root"))) await cp(join(directory, "root"), app, { recursive: true });
    await cp(guests, join(app, "guests"), { recursive: true, filter: (source) => !source.includes(".build") });
    runtime = await createRuntime({ app, isolates: 1 });
  });

  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    await rm(app, { recursive: true, force: true });
  });

  test(`reports just what it should: ${spec.about}`, () => {
    const found = runtime.diagnostics.map(({ code, position, message }) => ({
      code,
      at: `${relative(join(app, "registry"), join(app, position.file))}:${position.line}:${position.column}`,
      message,
    }));
    const wanted = spec.diagnostics.map(({ code, at, message }) => ({
      code,
      at: at ?? expect.any(String),
      message: message === undefined ? expect.any(String) : expect.stringContaining(message),
    }));
    expect(found).toEqual(wanted);
  });

  test.each(spec.calls.map((call) => [`${call.call}(${JSON.stringify(call.args).slice(1, -1)})`, call] as const))(
    "%s",
    async (_title, call) => {
      const outcome = await runtime
        .callWith(call.call, call.args, call.timeout_ms === undefined ? {} : { timeoutMs: call.timeout_ms })
        .catch((error: unknown) => error);
      if (call.error === undefined) {
        expect(outcome).toEqual(call.result ?? null);
        return;
      }
      expect(outcome).toBeInstanceOf(WeftError);
      const { message, ...exact } = call.error;
      expect(outcome).toMatchObject({
        ...exact,
        ...(message === undefined ? {} : { message: expect.stringContaining(message) }),
      });
    },
  );
});
