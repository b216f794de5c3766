import type { CallContext } from "../core/context.ts";
import type { EntryId } from "../core/ids.ts";
import type { Limits } from "../core/limits.ts";
import type { CallUsage } from "../core/report.ts";
import type { Stdio } from "../core/stdio.ts";
import type { HttpExchange } from "./http/exchange.ts";
import type { Pid, Ports } from "./ports.ts";

/** What one instance of a guest, or one Lua task, may know and do: given to every host when it binds. */
export interface InstanceContext {
  /** The entry that runs. */
  readonly id: EntryId;
  /** Its address while it runs. */
  readonly pid: Pid;
  /** Identity, request values, deadline and cancellation of the call or process. */
  readonly call: CallContext;
  readonly ports: Ports;
  /** The request that the call answers, and its response; undefined when it answers none. */
  readonly exchange?: HttpExchange | undefined;
  readonly limits: Limits;
  /** Counts what the execution uses, where somebody wants to know or a limit hangs on it. */
  readonly usage?: CallUsage | undefined;
  readonly stdio: Stdio;
  /** What the entry's `wasi` block grants; Lua programs have only `args`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  /** Where random numbers begin, for a run that can be repeated; without, they are secure. */
  readonly randomSeed?: bigint | undefined;
  /** Where it may connect; without rules, anywhere. */
  readonly network?: NetworkRules | undefined;
}

/** What an instance may reach. What a rule leaves out is not allowed at all. */
export interface NetworkRules {
  /** Asked for each address, after a name was looked up. */
  mayConnect(address: string, port: number): boolean;
  /** Whether it may bind a socket to an address of this machine. */
  mayListen?(address: string, port: number): boolean;
  /** Whether it may look a name up. */
  mayResolve?(name: string): boolean;
  /** Told what a name that may be looked up came to, so that rules for the name hold for its addresses. */
  resolved?(name: string, addresses: readonly string[]): void;
}

/** A directory of the host at a path of the guest. */
export interface Mount {
  readonly guest: string;
  readonly path: string;
  readonly readOnly: boolean;
}
