import type { Log } from "../../../core/log.ts";
import type { ComponentInfo } from "../inspect/component.ts";
import type { WasmLimits } from "../limits/plan.ts";
import type { ComponentArtefact, ComponentProgram, LinkedWasm, LinkOptions } from "../program.ts";

/**
 * A component engine has two halves that never import each other's dependencies: `build` runs on the control plane and
 * may be slow and heavy; `link` runs in isolates, from the artefact alone. `builders.ts` and `linkers.ts` are the tables.
 */
export interface ComponentBuilder {
  readonly engine: ComponentArtefact["engine"];
  /**
   * Makes what `link` needs, or declines, so that another engine is asked.
   * @throws InvalidModuleError for a malformed component.
   * @throws WeftError `UNSUPPORTED` for one that the engine cannot run.
   */
  build(source: ComponentSource, options: BuildOptions): Promise<ComponentArtefact | EngineDeclined>;
}

/** An engine's answer to a component that it does not do, though another may. */
export interface EngineDeclined {
  readonly engine: undefined;
  /** Goes after "because": `it uses stream.new`. */
  readonly reason: string;
}

/** A component and what was read from it. */
export interface ComponentSource {
  /** The entry's id. */
  readonly name: string;
  /** The lifted export that will be called. */
  readonly method: string;
  readonly bytes: Uint8Array;
  readonly info: ComponentInfo;
}

export interface BuildOptions {
  /** Where artefacts are kept; undefined keeps none. */
  readonly cacheDir: string | undefined;
  /** True for an imported function (interface without version, or "" for the world; WIT name) that may wait. */
  readonly suspending: (interfaceName: string, functionName: string) => boolean;
  /** What instances are held to: `limitModules` makes core modules keep to it. */
  readonly limits: WasmLimits;
  /** Instances are put back after their calls. */
  readonly pristine?: boolean | undefined;
  readonly log: Log;
}

/** The half that runs in isolates. */
export type LinkComponent = (program: ComponentProgram, options: LinkOptions) => LinkedWasm;
