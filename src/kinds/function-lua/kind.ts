import { z } from "zod";
import { limitsSchema } from "../shared/limits.ts";
import { checkedLua, luaFields, luaMethodSchema, moduleProblems } from "../shared/lua.ts";
import { poolSchema } from "../shared/pool.ts";
import { defineProgramKind } from "../shared/program-kind.ts";

const schema = z.strictObject({
  ...luaFields,
  method: luaMethodSchema,
  pool: poolSchema.optional(),
  limits: limitsSchema.optional(),
});

/** A function in Lua. */
export const functionLuaKind = defineProgramKind({
  name: "function.lua",
  summary: "A function in Lua.",
  schema,
  rules: [moduleProblems],
  build: (spec, entry) => checkedLua(entry, spec, "function"),
});
