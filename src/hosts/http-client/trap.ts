import { WeftError } from "../../core/errors.ts";

/** Ends the call of a guest that breaks a rule of the interface. */
export function trap(message: string): never {
  throw new WeftError("TRAP_INVALID_VALUE", message);
}
