import { givenImport } from "../../missing-import.ts";
import type { DirectArtefact, InstanceImports, InstantiateOptions, LinkOptions } from "../../program.ts";
import { pascalCase, withoutVersion } from "../names.ts";
import { hostFunction, type BindHost, type HostCall } from "./host-functions.ts";

/** What a program imports, prepared once. */
export interface WantedHosts {
  readonly functions: readonly WantedFunction[];
  readonly classes: readonly FindClass[];
}

interface WantedFunction {
  readonly bind: BindHost;
  /** The interface without its version. */
  readonly module: string;
  readonly name: string;
}

type FindClass = ((given: InstanceImports) => unknown) | undefined;

/** Prepares the calls of all that a program imports. */
export function wantedHosts(artefact: DirectArtefact, program: string, options: LinkOptions): WantedHosts {
  return {
    functions: artefact.hostFunctions.map((wanted) => ({
      bind: hostFunction(wanted, program, options),
      module: withoutVersion(wanted.interface),
      name: wanted.signature.name,
    })),
    classes: artefact.hostClasses.map(({ interface: from, name }) => {
      const [module, key] = [withoutVersion(from), pascalCase(name)];
      return name === "" ? undefined : (given: InstanceImports) => givenImport(given, module, key);
    }),
  };
}

/** The hosts of one instance, which gets others when it is used for another call. What is never called is never looked up. */
export class GivenHosts {
  readonly #wanted: WantedHosts;
  #given: InstanceImports;
  /** What was looked up, by index. */
  readonly #found: (HostCall | undefined)[];
  /** By the indices of the artefact's `hostFunctions`. */
  readonly functions: readonly HostCall[];
  /** By those of its resources. */
  readonly classes: unknown[];

  constructor(
    wanted: WantedHosts,
    given: InstanceImports,
    { onHostCall, resetting }: Pick<InstantiateOptions, "onHostCall" | "resetting">,
  ) {
    this.#wanted = wanted;
    this.#given = given;
    this.#found = wanted.functions.map(() => undefined);
    this.classes = wanted.classes.map((find) => find?.(given));
    this.functions = wanted.functions.map(({ module, name }, index) => {
      const isHeard = resetting !== undefined && !resetting.keepsNothing(module, name);
      const hear = isHeard ? resetting.onKeeping : onHostCall;
      const call: HostCall = (args) => (this.#found[index] ?? this.#find(index))(args);
      if (hear === undefined) return call;
      return (args) => {
        hear();
        return call(args);
      };
    });
  }

  /** Other hosts take the places of those that it had. */
  give(given: InstanceImports): void {
    this.#given = given;
    this.#found.fill(undefined);
    for (const [index, find] of this.#wanted.classes.entries()) this.classes[index] = find?.(given);
  }

  #find(index: number): HostCall {
    const call = this.#wanted.functions[index]?.bind(this.#given);
    if (call === undefined) throw new Error(`the program imports no function ${index}`);
    this.#found[index] = call;
    return call;
  }
}
