import { describe, expect, test } from "vitest";
import { requirementsOf, type Requiring } from "../../../../src/runtime/supervisor/requirements.ts";

const service = (id: string, requires: readonly string[], groups: readonly string[] = []): Requiring => ({
  id,
  spec: { requires, groups },
});

function needed(id: string, services: readonly Requiring[]): readonly string[] {
  const all = new Map(services.map((each) => [each.id, each]));
  const asked = all.get(id);
  return asked === undefined ? [] : requirementsOf(asked, all).map((each) => each.id);
}

describe("what a service requires", () => {
  test("is what it names, each once; ids of no service are ignored", () => {
    expect(
      needed("a:x", [service("a:x", ["a:y", "a:z", "a:y", "a:none"]), service("a:y", []), service("a:z", [])]),
    ).toEqual(["a:y", "a:z"]);
  });

  test("is everybody of a group or a namespace", () => {
    const others = [service("a:y", [], ["core"]), service("a:z", [], ["core", "more"]), service("b:z", [], ["more"])];
    expect(needed("c:x", [service("c:x", ["group:core"]), ...others])).toEqual(["a:y", "a:z"]);
    expect(needed("c:x", [service("c:x", ["ns:a", "ns:none"]), ...others])).toEqual(["a:y", "a:z"]);
  });

  test("is neither itself nor a member that needs it in turn, however far away", () => {
    const services = [
      service("a:x", ["group:core"], ["core"]),
      service("a:y", ["a:via"], ["core"]),
      service("a:via", ["ns:a"]),
      service("a:z", [], ["core"]),
    ];
    expect(needed("a:x", services)).toEqual(["a:z"]);
    expect(needed("a:via", services)).toEqual(["a:z"]);
  });
});
