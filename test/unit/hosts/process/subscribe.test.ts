import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRuntime } from "../../../../src/index.ts";

const index = `
namespace: s
entries:
  - name: main
    kind: function.lua
    source: |
      return function()
        local channel = subscribe("topic")
        process.send(process.pid(), "topic", "letter")
        local letter = channel:receive()
        unsubscribe(channel)
        return { letter, package.loaded == nil, package.path }
      end
`;

test("subscribe and unsubscribe are globals for listen and unlisten; package searches nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-subscribe-"));
  try {
    writeFileSync(join(folder, "_index.yaml"), index);
    await using runtime = await createRuntime({ app: folder, isolates: 0 });
    expect(await runtime.call("s:main")).toEqual(["letter", true, ""]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
