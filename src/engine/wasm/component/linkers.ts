import type { ComponentArtefact } from "../program.ts";
import type { LinkComponent } from "./engine.ts";
import { linkDirect } from "./direct/link.ts";
import { linkJco } from "./jco/link.ts";

/** The engines' linking halves. */
export const linkers: Readonly<Record<ComponentArtefact["engine"], LinkComponent>> = {
  jco: linkJco,
  direct: linkDirect,
};
