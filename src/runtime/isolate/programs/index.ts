import type { Program } from "../../../registry/placement.ts";
import type { IsolateServices, ProgramType } from "../program.ts";
import { componentPrograms } from "./component.ts";
import { corePrograms } from "./core.ts";
import { luaPrograms } from "./lua.ts";

/** How each program type runs in an isolate. */
export const programTypes: Readonly<Record<Program["type"], (services: IsolateServices) => ProgramType>> = {
  lua: luaPrograms,
  core: corePrograms,
  component: componentPrograms,
};
