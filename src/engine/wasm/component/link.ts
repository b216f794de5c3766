import type { ComponentProgram, LinkedWasm, LinkOptions } from "../program.ts";
import { linkers } from "./linkers.ts";

/** Links a component in this isolate, with the engine that made its artefact. */
export function linkComponent(program: ComponentProgram, options: LinkOptions = {}): LinkedWasm {
  return linkers[program.artefact.engine](program, options);
}
