import { expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";

const user = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
const methods: readonly { readonly [key: string]: Value }[] = [
  {
    name: "rename",
    input_schemas: [{ format: "application/schema+json", definition: user }, { definition: '{"type": "string"}' }],
    output_schemas: [{ format: "application/schema+json", definition: user }],
  },
  { name: "free", input_schemas: [{ format: "text/wit", definition: "string" }] },
];

const { run } = instance({
  offers: {
    "app:users": { service: "contract", spec: { type: "definition", methods } },
    "app:plain": {
      service: "contract",
      spec: {
        type: "binding",
        contracts: [
          {
            contract: "app:users",
            methods: { rename: "app:rename", free: "app:free" },
            isDefault: true,
            contextRequired: [],
          },
        ],
      },
    },
  },
  functions: {
    "app:rename": `local u, name = ... if name == "bad" then return { title = name } end return { name = name }`,
    "app:free": `return (...)`,
  },
});
const on = (body: string): Value | Promise<Value> => run(`local i = assert(contract.open("plain")) ${body}`);

test("a call that fits its method's schemas is made, also beside its caller", async () => {
  expect(
    await on(`local future = i:rename_async({ name = "a" }, "c")
      return { i:rename({ name = "a" }, "b"), future:response():receive():data(), i:free(7) }`),
  ).toEqual([{ name: "b" }, { name: "c" }, 7]);
});

test.each([
  [`i:rename({}, "b")`, "Invalid", "argument 1 of rename: the value must have required property 'name'"],
  [`i:rename({ name = "a" }, 7)`, "Invalid", "argument 2 of rename: the value must be string"],
  [`i:rename({ name = "a" })`, "Invalid", "argument 2 of rename: the value must be string"],
  [`i:rename({ name = "a" }, "bad")`, "Internal", "app:rename: the result of rename: the value must have required"],
])("%s fails with %s", async (source, kind, message) => {
  expect(await on(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
    true,
    kind,
    expect.stringContaining(message),
  ]);
});
