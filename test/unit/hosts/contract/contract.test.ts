import { describe, expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import type { BoundContract } from "../../../../src/hosts/contract/service.ts";
import type { ServiceOffer } from "../../../../src/hosts/services.ts";
import { instance } from "../lua/support/instance.ts";

const binding = (
  ...contracts: readonly (Partial<BoundContract> & Pick<BoundContract, "contract" | "methods">)[]
): ServiceOffer => ({
  service: "contract",
  spec: { type: "binding", contracts: contracts.map((each) => ({ isDefault: false, contextRequired: [], ...each })) },
});
const definition = (...names: readonly string[]): ServiceOffer => ({
  service: "contract",
  spec: { type: "definition", methods: names.map((name) => ({ name, description: `does ${name}` })) },
});

const { run } = instance({
  offers: {
    "app:greeter": definition("greet", "who"),
    "app:lonely": definition("wait"),
    "app:german": binding({
      contract: "app:greeter",
      methods: { greet: "app:hallo", who: "app:who" },
      isDefault: true,
    }),
    "app:french": binding(
      { contract: "app:greeter", methods: { greet: "app:salut", who: "app:who" }, contextRequired: ["tenant"] },
      { contract: "app:lonely", methods: { wait: "app:who" } },
    ),
  },
  functions: {
    "app:hallo": `return "Hallo " .. (...)`,
    "app:salut": `local name = ... if name == nil then error(errors.new({ message = "qui?", kind = errors.INVALID })) end return "Salut " .. name`,
    "app:who": `return ctx.all()`,
  },
});
const failure = async (source: string): Promise<Value> =>
  await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`);

describe("contract.get", () => {
  test("tells what a contract has, and who implements it", async () => {
    expect(
      await run(`local c = contract.get("greeter")
        return { c:id(), #c:methods(), c:method("who").description, c:implementations(), contract.find_implementations("app:lonely") }`),
    ).toEqual(["app:greeter", 2, "does who", ["app:french", "app:german"], ["app:french"]]);
  });
});

describe("an open binding", () => {
  test("calls the functions behind its methods", async () => {
    expect(
      await run(`local c = contract.get("greeter")
        local first, second = c:open(), contract.open("french?tenant=x")
        local v, e = second:greet()
        local future = first:greet_async("Cid")
        return { first:greet("Ann"), second:greet("Bob"), e:kind(), future:response():receive():data(),
          contract.is(first, "app:greeter"), contract.is(first, "lonely"), contract.is(second, "lonely"), contract.is(1, "lonely") }`),
    ).toEqual(["Hallo Ann", "Salut Bob", "Invalid", "Hallo Cid", true, false, true, false]);
  });

  test("passes on the values it was opened with, beside those of its caller", async () => {
    expect(
      await run(`local c = contract.get("greeter"):with_context({ a = 1, b = 1 })
        return { c:open("french?tenant=x&b=2", { b = 3 }):who(), contract.get("greeter"):open():who() }`),
    ).toEqual([{ a: 1, b: 3, tenant: "x" }, []]);
  });

  test.each([
    ["contract.get('greter')", "NotFound", "did you mean app:greeter?"],
    ["contract.get('')", "Invalid", "the id of a contract"],
    ["contract.get('greeter'):method('x')", "NotFound", "has no method x"],
    ["contract.get('lonely'):open()", "NotFound", "no binding of app:lonely is its default"],
    ["contract.get('lonely'):open('german')", "Invalid", "app:german does not implement app:lonely"],
    ["contract.open('french')", "Invalid", "needs the context values tenant"],
    ["contract.open('frensh')", "NotFound", "did you mean app:french?"],
    ["contract.open()", "Invalid", "the id of a binding"],
    ["contract.find_implementations('x')", "NotFound", "there is no contract"],
    ["contract.get('greeter'):with_options({timeout = 'x'})", "Invalid", "the option timeout"],
  ])("%s fails with %s", async (source, kind, message) => {
    expect(await failure(source)).toEqual([true, kind, expect.stringContaining(message)]);
  });

  test("has its calls carry the options of their contract", async () => {
    const waiting = instance({
      offers: {
        "app:greeter": definition("greet"),
        "app:slow": binding({ contract: "app:greeter", methods: { greet: "app:wait" }, isDefault: true }),
      },
      callees: { "app:wait": { run: () => "done" } },
    });
    expect(await waiting.run(`return contract.get("greeter"):with_options({ timeout = "5s" }):open():greet()`)).toBe(
      "done",
    );
  });

  test("raises for methods that it has not, and calls with a dot", async () => {
    expect(
      await run(`local i = contract.get("greeter"):open()
        local _, a = pcall(function() return i:shout() end)
        local _, b = pcall(function() return i.greet("x") end)
        return { tostring(a), tostring(b) }`),
    ).toEqual([expect.stringContaining("no method shout; it has greet, who"), expect.stringContaining("with a colon")]);
  });
});
