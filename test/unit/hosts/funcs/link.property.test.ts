import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { toJco } from "../../../../src/engine/wasm/component/jco/values.seam.ts";
import { linkedImports } from "../../../../src/hosts/funcs/link.ts";
import type { CalleeTypes } from "../../../../src/hosts/funcs/link-types.ts";
import type { CallRequest } from "../../../../src/hosts/ports.ts";
import type { WitFunction, WitType } from "../../../../src/wit/types.ts";
import { witType, witValue } from "../../../support/wit-arbitraries.ts";
import { errorOf } from "../support/descriptors.seam.ts";
import { imported } from "../support/imports.seam.ts";
import { instance, ports } from "../support/instance.ts";

/** A linked function over a callee. */
function linked(wit: WitFunction, callee: CalleeTypes, answer: (request: CallRequest) => Value) {
  const bind = linkedImports([{ from: "a:b/c", name: wit.name, target: "app:callee", type: { wit, callee } }]);
  const result = callee === "ok" && wit.result?.kind === "result" ? wit.result.ok : wit.result;
  const { result: _result, ...rest } = wit;
  const signature = callee === "untyped" ? undefined : { ...rest, ...(result === undefined ? {} : { result }) };
  const describe = () => ({ signature, resultForm: "pair" as const });
  const imports = bind(instance({ ports: ports({ describe, call: answer }) }));
  return imported(imports, "a:b/c", "theFunction");
}

function func(type: WitType, result: WitType): WitFunction {
  return { name: "the-function", params: [{ name: "v", type }], result };
}

const typed = witType().chain((type) => fc.tuple(fc.constant(type), witValue(type)));

test.each(["same", "untyped"] as const)("any value goes there and back (%s types)", (callee) => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      fc.pre(type.kind !== "result");
      const seen: CallRequest[] = [];
      const call = linked(func(type, type), callee, (request) => {
        seen.push(request);
        return request.args[0] ?? null;
      });
      const given = toJco(type)(value);
      expect(call(given)).toEqual(given);
      expect(seen.map(({ id, args, checked }) => ({ id, args, checked }))).toEqual([
        { id: "app:callee", args: [value], checked: callee === "same" },
      ]);
    }),
    { numRuns: 300 },
  );
});

test("any result is returned, or thrown as the engines' err", () => {
  fc.assert(
    fc.property(typed, typed, ([ok, value], [err, problem]) => {
      const wit = func(ok, { kind: "result", ok, err });
      const given = toJco(ok)(value);
      expect(linked(wit, "same", () => ({ ok: value }))(given)).toEqual(given);
      expect(linked(wit, "ok", () => value)(given)).toEqual(given);
      expect(linked(wit, "untyped", () => ({ ok: value }))(given)).toEqual(given);
      for (const callee of ["same", "untyped"] as const) {
        expect(errorOf(() => linked(wit, callee, () => ({ err: problem }))(given))).toEqual(toJco(err)(problem));
      }
    }),
    { numRuns: 300 },
  );
});
