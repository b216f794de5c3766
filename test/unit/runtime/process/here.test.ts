import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRuntime } from "../../../../src/index.ts";

const index = `
namespace: h
entries:
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - name: greeter
    kind: process.lua
    source: |
      return function(spawner)
        local ok, err = process.registry.register("greeter")
        process.send(spawner, "answer", err and tostring(err) or "registered")
        local msg = process.inbox():receive()
        process.send(msg:from(), "answer", "hello " .. msg:payload():data())
      end
  - name: main
    kind: function.lua
    source: |
      return function()
        local answers = process.listen("answer")
        process.spawn("h:greeter", "h:host", process.pid())
        local registered = answers:receive()
        process.send("greeter", "ask", "you")
        return { registered, (answers:receive()) }
      end
`;

test.each([0, 1, 2])("a process may register itself first of all, with %d isolates", async (isolates) => {
  const folder = mkdtempSync(join(tmpdir(), "weft-here-"));
  try {
    writeFileSync(join(folder, "_index.yaml"), index);
    await using runtime = await createRuntime({ app: folder, isolates });
    expect(await runtime.call("h:main")).toEqual(["registered", "hello you"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
