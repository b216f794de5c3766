import { createServer as createSecureServer } from "node:https";
import { expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import type { PolicySpec } from "../../../../src/hosts/security/spec.ts";
import { instance } from "../lua/support/instance.ts";
import { certificate } from "./support/certificate.ts";
import { listening, serve } from "./support/guest.ts";

/** Runs Lua as someone who may do what these pairs of action and resource say. */
async function as(allowed: readonly (readonly [string, string])[], body: string): Promise<Value> {
  const policies = allowed.map(([action, resource], i): PolicySpec => ({
    id: `app:p${i}`,
    groups: [],
    effect: "allow",
    actions: [action],
    resources: [resource],
    conditions: [],
  }));
  const context = { actor: { id: "ada", meta: {} }, scope: { policies: policies.map(({ id }) => id) } };
  const { run } = instance({ security: { policies, broken: [], strict: false }, context });
  return await run(
    `local function get(url, o) local r, e = http_client.get(url, o) return e and { e:kind(), tostring(e) } or r.status_code end ${body}`,
  );
}

const anything = ["http_client.request", "*"] as const;
const anyAddress = ["http_client.private_ip", "*"] as const;
const refused = (what: string) => ["PermissionDenied", expect.stringContaining(what)];

test("a request needs its address to be allowed", async () => {
  await using server = await serve((_request, response) => void response.end());
  const url = `http://${server.authority}`;
  expect(
    await as(
      [["http_client.request", `${url}/open*`], anyAddress],
      `return { get("${url}/open/x"), get("${url}/shut"), get("${url}/open/../shut") }`,
    ),
  ).toEqual([200, refused("/shut"), refused("/shut")]);
});

test("a private address needs leave of its own, whatever name leads to it", async () => {
  await using server = await serve((_request, response) => void response.end());
  const port = server.authority.split(":")[1] ?? "";
  const go = `return { get("http://127.0.0.1:${port}"), get("http://localhost:${port}"), get("http://2130706433:${port}") }`;
  const no = refused("private address");
  expect(await as([anything], go)).toEqual([no, no, no]);
  expect(await as([anything, anyAddress], go)).toEqual([200, 200, 200]);
});

test("a redirect is checked like the request itself", async () => {
  await using inner = await serve((_request, response) => void response.end());
  await using outer = await serve(
    (_request, response) => void response.writeHead(302, { Location: `http://${inner.authority}/` }).end(),
  );
  const url = `http://${outer.authority}/`;
  expect(await as([["http_client.request", url], anyAddress], `return get("${url}")`)).toEqual(
    refused(inner.authority),
  );
});

test("a Unix socket and an unchecked certificate need leave of their own", async () => {
  await using server = await listening(createSecureServer(certificate(), (_request, response) => void response.end()));
  const url = `https://${server.authority}/`;
  const go = `return { get("${url}", { tls = { insecure = true } }), get("http://docker/", { unix_socket = "/nowhere/s" }) }`;
  expect(await as([anything, anyAddress], go)).toEqual([
    refused("http_client.insecure_tls"),
    refused("http_client.unix_socket"),
  ]);
  expect(
    await as([anything, anyAddress, ["http_client.insecure_tls", url], ["http_client.unix_socket", "/nowhere/*"]], go),
  ).toEqual([200, ["Unavailable", expect.stringContaining("ENOENT")]]);
});

test("a connection that was allowed to one caller is not for another", async () => {
  await using server = await serve((_request, response) => void response.end());
  const url = `http://${server.authority}/`;
  const go = `return get("${url}")`;
  expect(await instance().run(`return http_client.get("${url}").status_code`)).toBe(200);
  expect(await as([anything], go)).toEqual(refused("private address"));
});
