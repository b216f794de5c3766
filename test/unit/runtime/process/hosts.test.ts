import { describe, expect, test } from "vitest";
import { ProcessHosts } from "../../../../src/runtime/process/hosts.ts";

function withHosts(...workers: readonly (number | undefined)[]): ProcessHosts {
  const hosts = new ProcessHosts();
  for (const [index, count] of workers.entries()) {
    hosts.add(`h:${index}`, { type: "pool", maxProcesses: 2, workers: count });
  }
  return hosts;
}

describe("a process host", () => {
  test("uses all isolates, or as many as it has workers; hosts that use few begin at different ones", () => {
    const hosts = withHosts(undefined, 1, 1, 1, 2, 9);
    const all = [4, 5, 6];
    const used = Array.from({ length: 6 }, (_, index) => hosts.isolatesOf(`h:${index}`, all));
    expect(used[0]).toEqual(all);
    expect(new Set([used[1], used[2], used[3]].flat())).toEqual(new Set(all));
    expect(used.slice(1, 4).map((isolates) => isolates?.length)).toEqual([1, 1, 1]);
    expect(used[4]).toHaveLength(2);
    expect(used[5]).toEqual(all);
    expect(hosts.isolatesOf("h:none", all)).toEqual(all);
  });

  test("takes as many processes as it may run, also when its entry was replaced or away meanwhile", () => {
    const hosts = withHosts(undefined);
    const spec = { type: "pool", maxProcesses: 2 } as const;
    hosts.started("h:0");
    hosts.add("h:0", spec);
    hosts.started("h:0");
    expect(() => hosts.admit("h:0")).toThrow("h:0 already runs 2 of at most 2 processes");
    hosts.remove("h:0");
    expect(() => hosts.admit("h:0")).toThrow("there is no process host h:0 (hosts: none)");
    hosts.ended("h:0");
    hosts.add("h:0", spec);
    expect(hosts.admit("h:0")).toBe(spec);
    hosts.started("h:0");
    expect(() => hosts.admit("h:0")).toThrow("already runs 2");
  });
});
