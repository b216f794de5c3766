import { expect, test } from "vitest";
import { openLua } from "../../../../src/engine/lua/state/fengari.seam.ts";
import { Objects } from "../../../../src/engine/lua/values/objects.ts";

class Kept {
  readonly is = "kept";
}
class Once {
  readonly is = "once";
}
class Unknown {
  readonly is = "unknown";
}

function objects(): Objects {
  const lua = openLua();
  const made = new Objects(lua);
  made.define(Kept, lua.newTable(), false);
  made.define(Once, lua.newTable(), true);
  return made;
}

test("an object is the same userdata each time, in each state of Lua one of its own", () => {
  const [first, second] = [objects(), objects()];
  const object = Object.freeze(new Kept());
  const [here, there] = [first.wrap(object), second.wrap(object)];
  expect(here).toBeDefined();
  expect(there).toBeDefined();
  expect(there).not.toBe(here);
  expect(first.wrap(object)).toBe(here);
  expect(second.wrap(object)).toBe(there);
  expect(first.wrap(new Kept())).not.toBe(here);
});

test("what is handed out once is another userdata each time, and what has no class is none", () => {
  const known = objects();
  const once = new Once();
  expect(known.wrap(once)).not.toBe(known.wrap(once));
  expect(known.wrap(new Unknown())).toBeUndefined();
});
