import { z } from "zod";
import { checkedLua, luaFields, moduleProblems } from "../shared/lua.ts";
import { defineProgramKind } from "../shared/program-kind.ts";

/** Lua code that other Lua entries import. */
export const libraryLuaKind = defineProgramKind({
  name: "library.lua",
  summary: "Lua code that other Lua entries import under a name of theirs.",
  schema: z.strictObject(luaFields),
  rules: [moduleProblems],
  build: (spec, entry) => checkedLua(entry, spec, "library"),
});
