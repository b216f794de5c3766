import type { LookupAddress } from "node:dns";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import type { PolicySpec } from "../../../../src/hosts/security/spec.ts";
import { instance } from "../lua/support/instance.ts";

/** What name servers answer, one time after the other: they are the far end of a network. */
const answers: LookupAddress[][] = [];
vi.mock("node:dns", async (original) => ({
  ...(await original<object>()),
  lookup: (_name: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) =>
    setImmediate(() => callback(null, answers.length > 1 ? (answers.shift() ?? []) : (answers[0] ?? []))),
}));

const address = (text: string): LookupAddress => ({ address: text, family: text.includes(":") ? 6 : 4 });
const [open, shut] = ["127.0.0.2", "127.0.0.3"];

/** The addresses that were connected to: both belong to this machine, one of them is allowed. */
const reached: (string | undefined)[] = [];
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    response.writeHead(request.url === "/away" ? 302 : 200, { Location: "/", Connection: "close" }).end();
  });
  server.on("connection", (socket) => reached.push(socket.localAddress));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const at = server.address();
  port = typeof at === "object" && at !== null ? at.port : 0;
});
beforeEach(() => void reached.splice(0));
afterAll(() => server.close());

async function get(path: string, ...found: readonly LookupAddress[][]): Promise<Value> {
  answers.splice(0, answers.length, ...found);
  const policy = (id: string, actions: readonly string[], resources: readonly string[]): PolicySpec => ({
    id,
    groups: [],
    effect: "allow",
    actions: [...actions],
    resources: [...resources],
    conditions: [],
  });
  const policies = [
    policy("app:ask", ["http_client.request"], ["*"]),
    policy("app:open", ["http_client.private_ip"], [open]),
  ];
  const context = { actor: { id: "ada", meta: {} }, scope: { policies: policies.map(({ id }) => id) } };
  const { run } = instance({ security: { policies, broken: [], strict: false }, context });
  return await run(
    `local r, e = http_client.get("http://changing.example:${port}${path}") return e and e:kind() or r.status_code`,
  );
}

test("a name is looked up once for a connection, and what was checked is what is connected to", async () => {
  expect(await get("/", [address(open)], [address(shut)])).toBe(200);
  expect(reached).toEqual([open]);
});

test("a name that leads elsewhere the next time is checked again", async () => {
  expect(await get("/", [address(shut)])).toBe("PermissionDenied");
  expect(await get("/away", [address(open)], [address(shut)])).toBe("PermissionDenied");
  expect(reached).toEqual([open]);
});

test("of several addresses only those are tried that are allowed, whatever their order and their form", async () => {
  expect(await get("/", [address(shut), address(open), address("::ffff:127.0.0.3")])).toBe(200);
  expect(await get("/", [address("::1"), address("::ffff:127.0.0.3"), address("169.254.169.254")])).toBe(
    "PermissionDenied",
  );
  expect(reached).toEqual([open]);
});
