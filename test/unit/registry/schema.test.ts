import { expect, test } from "vitest";
import { indexSchema } from "../../../src/registry/schema.ts";
import { widget } from "./support/app.ts";

test("the schema of the whole file knows the kinds' fields and both shapes", () => {
  const schema = indexSchema([widget]);
  expect(schema).toMatchObject({
    required: ["namespace"],
    $defs: {
      widget: {
        description: "Something for tests.",
        required: ["size"],
        additionalProperties: false,
        properties: { size: { description: "How big." }, name: {}, meta: {}, kind: { const: "widget" } },
      },
    },
  });
});
