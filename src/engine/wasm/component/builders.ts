import type { ComponentArtefact } from "../program.ts";
import type { ComponentBuilder } from "./engine.ts";
import { directBuilder } from "./direct/build.ts";
import { jcoBuilder } from "./jco/build.ts";

/** The engines' building halves. */
export const builders: Readonly<Record<ComponentArtefact["engine"], ComponentBuilder>> = {
  jco: jcoBuilder,
  direct: directBuilder,
};
