import { expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import { startControl } from "../../../support/control.ts";
import { luaPlacement } from "../../../support/placements.ts";

test("the loss of an isolate gives back the locks that its programs held", async () => {
  await using control = await startControl(1);
  const modules = ["system", "time"];
  const locks = `local lock = require("system").lock`;
  control.place(
    luaPlacement("t:hold", `${locks} return function() lock.acquire("x") require("time").sleep("10m") end`, modules),
  );
  control.place(
    luaPlacement("t:take", `${locks} return function(timeout) return lock.acquire("x", timeout) end`, modules),
  );
  const call = async (id: string, ...args: string[]) =>
    await control.dispatcher.call({ id, args, checked: false, context: rootContext() });
  const holder = call("t:hold").catch((error: unknown) => error);
  await expect.poll(() => call("t:take", "0s")).toBe(false);
  control.endIsolate(0);
  expect(await holder).toMatchObject({ code: "ISOLATE_LOST" });
  expect(await call("t:take", "20s")).toBe(true);
});
