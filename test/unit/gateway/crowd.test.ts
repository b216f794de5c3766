import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { endpoint, router, serveApp } from "./support/app.ts";

/** What a process may have open at most: each side of the test needs as many as there are connections, and some more. */
const files = Number(execFileSync("sh", ["-c", "ulimit -Hn"]).toString()) || 1_000_000;
const crowd = Math.min(10_000, files - 1_500);
const limit = Math.floor(crowd * 0.9);

/**
 * Clients in a process of their own: opens connections that send half a head, says how many were closed by the server
 * once all were made, and lets go of them when its input ends.
 */
const clients = `
const [port, count] = process.argv.slice(1).map(Number);
const net = require("node:net");
const open = new Set();
let made = 0, over = 0;
const look = () => { if (made === count) console.log(JSON.stringify({ open: open.size, over })); };
const dial = () => {
  if (made === count) return;
  made += 1;
  const socket = net.connect(port, "127.0.0.1");
  let isNext = false;
  const next = () => { if (!isNext) { isNext = true; dial(); look(); } };
  socket.on("connect", () => { open.add(socket); socket.write("GET / HTTP/1.1\\r\\nHo"); setImmediate(next); });
  socket.on("error", () => undefined);
  socket.on("close", () => { open.delete(socket); over += 1; next(); look(); });
  socket.resume();
};
for (let each = 0; each < 200; each += 1) dial();
process.stdin.on("end", () => process.exit()).resume();
`;

test(`${crowd} connections: as many as the limit stay, the others are closed, and the server is well after them`, async () => {
  await using app = await serveApp(router() + endpoint("GET", "/", "return true"), {
    service: `    limits: { connections: ${limit} }\n    timeouts: { headers: 10m, read: 10m, idle: 10m }`,
  });
  const child = spawn(process.execPath, ["-e", clients, String(app.port), String(crowd)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      // Those beyond the limit, and nobody else.
      if (line === JSON.stringify({ open: limit, over: crowd - limit })) break;
    }
    // One more is closed as it comes, and the log says by which limit.
    await expect(app.fetch("/")).rejects.toThrow();
    expect(app.lines.some((each) => each.includes("there are too many") && each.includes(String(limit)))).toBe(true);
  } finally {
    child.stdin.end();
    await new Promise((resolve) => child.once("exit", resolve));
  }
  // As soon as there is room again.
  for (;;) {
    const response = await app.fetch("/").catch(() => undefined);
    if (response === undefined) continue;
    expect(await response.json()).toBe(true);
    break;
  }
}, 120_000);
