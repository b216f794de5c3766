import { z } from "zod";
import { limitsSchema } from "../shared/limits.ts";
import { checkedLua, luaFields, luaMethodSchema, moduleProblems } from "../shared/lua.ts";
import { defineProgramKind } from "../shared/program-kind.ts";

const schema = z.strictObject({
  ...luaFields,
  method: luaMethodSchema,
  limits: limitsSchema.optional(),
});

/** A program in Lua, run as a process. */
export const processLuaKind = defineProgramKind({
  name: "process.lua",
  summary: "A program in Lua, run as a process to the end of its method.",
  schema,
  rules: [moduleProblems],
  build: (spec, entry) => checkedLua(entry, spec, "process"),
});
