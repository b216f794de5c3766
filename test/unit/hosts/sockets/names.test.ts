import { describe, expect, test } from "vitest";
import { lookupsPerInstance, nameLength } from "../../../../src/hosts/sockets/limits.ts";
import { addresses, errorOf, sockets } from "./support/sockets.seam.ts";

describe("looking a name up", () => {
  test("gives its addresses, then their end", async () => {
    using guest = sockets();
    const stream = guest.resolve("localhost");
    expect(errorOf(() => stream.resolveNextAddress())).toBe("would-block");
    const found = await addresses(stream);
    expect([
      { tag: "ipv4", val: [127, 0, 0, 1] },
      { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] },
    ]).toContainEqual(found[0]);
    expect(stream.resolveNextAddress()).toBeUndefined();
    stream[Symbol.dispose]();
  });

  test.each([
    ["192.0.2.7", { tag: "ipv4", val: [192, 0, 2, 7] }],
    ["2001:db8::7:0:1", { tag: "ipv6", val: [0x2001, 0xdb8, 0, 0, 0, 7, 0, 1] }],
    ["::", { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 0] }],
    ["::ffff:1.2.3.4", { tag: "ipv6", val: [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304] }],
  ])("needs no look-up for %s", async (text, address) => {
    using guest = sockets();
    expect(await addresses(guest.resolve(text))).toEqual([address]);
  });

  test.each(["", " ", "a b", "a/b", "user@host", "host:80", "[::1]", "a%20b", "x".repeat(nameLength + 1)])(
    "refuses %j as a name",
    (name) => {
      using guest = sockets();
      expect(errorOf(() => guest.resolve(name))).toBe("invalid-argument");
    },
  );

  test("says when there is no such name", async () => {
    using guest = sockets();
    const stream = guest.resolve("does-not-exist.invalid");
    await stream.subscribe().block();
    expect(["name-unresolvable", "temporary-resolver-failure"]).toContain(errorOf(() => stream.resolveNextAddress()));
  });

  test("happens a limited number of times at once", async () => {
    using guest = sockets();
    const streams = Array.from({ length: lookupsPerInstance }, () => guest.resolve("localhost"));
    expect(errorOf(() => guest.resolve("localhost"))).toBe("temporary-resolver-failure");
    await Promise.all(streams.map(addresses));
    expect(await addresses(guest.resolve("localhost"))).not.toEqual([]);
  });
});
