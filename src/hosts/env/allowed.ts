import { WeftError } from "../../core/errors.ts";
import type { InstanceContext } from "../context.ts";

/** A variable as its asker writes it. */
interface Asked {
  readonly name: string;
  readonly namespace: string;
}

/**
 * Refuses what may not be read or set. A variable has several names: one must be allowed, and none may be denied.
 * @throws WeftError `PERMISSION_DENIED`.
 */
export async function checkVariable(
  { ports, call }: Pick<InstanceContext, "ports" | "call">,
  action: "env.get" | "env.set",
  { name, namespace }: Asked,
): Promise<void> {
  const { security } = ports;
  if (!security.judges(call)) return;
  let names: readonly string[] = [name];
  try {
    const found = await ports.services.ask({ service: "env", request: { do: "names", name, namespace } });
    if (Array.isArray(found)) names = found.filter((each) => typeof each === "string");
  } catch (error) {
    // Whether it exists is told only to those who may know.
    if (!(error instanceof WeftError) || error.code !== "VARIABLE_NOT_FOUND") throw error;
  }
  security.checkAny(action, names, call);
}
