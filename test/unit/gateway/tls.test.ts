import { readFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { endpoint, router, serveApp } from "./support/app.ts";

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`support/tls/${name}`, import.meta.url)), "utf8");
const files = { "tls/cert.pem": read("cert.pem"), "tls/key.pem": read("key.pem") };
const hello = router() + endpoint("GET", "/", "return 1");
const tls = (more = ""): string => `    tls: { mode: manual, cert: tls/cert.pem, key: tls/key.pem${more} }`;

/** Asks by TLS, with the certificate as the only authority. */
async function ask(url: string, own: { readonly cert?: string; readonly key?: string } = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request(url, { ca: read("cert.pem"), ...own }, (response) => void text(response).then(resolve, reject))
    .on("error", reject)
    .end();
  return await promise;
}

test("a server with a certificate speaks TLS, and nothing else", async () => {
  await using app = await serveApp(hello, { files, service: tls() });
  expect(app.url).toMatch(/^https:/);
  expect(await ask(app.url)).toBe("1");
  await expect(fetch(app.url.replace("https", "http"))).rejects.toThrow("fetch failed");
  expect(await ask(app.url)).toBe("1");
});

test("a server that wants a certificate of its clients refuses those that have none", async () => {
  const service = tls(", ca: tls/cert.pem, client_auth: require");
  await using app = await serveApp(hello, { files, service });
  await expect(ask(app.url)).rejects.toThrow();
  expect(await ask(app.url, { cert: read("cert.pem"), key: read("key.pem") })).toBe("1");
});

test("a certificate that is not there keeps the app from starting, and is named", async () => {
  const service = "    tls: { mode: manual, cert: tls/none.pem, key_env: WEFT_TEST_NO_KEY }";
  await expect(serveApp(hello, { files, service })).rejects.toThrow(
    "api:server: tls.cert: tls/none.pem cannot be read",
  );
});

test("certificates that nobody can get are refused when the app loads, with the way to mend it", async () => {
  const service = "    tls: { mode: auto }";
  await expect(serveApp(hello, { service })).rejects.toThrow("tls.mode: auto gets certificates by ACME");
});

test("a WebSocket goes by TLS as well", async () => {
  const entries = `
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - name: echo
    kind: process.lua
    source: |
      return function()
        local inbox = process.inbox()
        while true do
          local letter = inbox:receive()
          if letter:topic() == "ws.message" then process.send(letter:from(), "echo", letter:payload():data()) end
          if letter:topic() == "ws.leave" then return end
        end
      end
`;
  const relay = endpoint(
    "GET",
    "/ws",
    `res:set_header("X-WS-Relay", require("json").encode({ target_pid = process.spawn("api:echo", "api:host") }))`,
  );
  await using app = await serveApp(entries + router("post_middleware: [websocket_relay]") + relay, {
    files,
    service: tls(),
  });
  const socket = new WebSocket(`${app.url.replace("https", "wss")}/ws`, { ca: read("cert.pem") });
  socket.on("open", () => socket.send("grüße"));
  const said = await new Promise((resolve, reject) => {
    socket.on("error", reject).on("message", (data: Buffer) => resolve(data.toString()));
  });
  expect(said).toBe('{"topic":"echo","data":"grüße"}');
  socket.close();
});
