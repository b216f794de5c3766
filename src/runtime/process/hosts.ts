import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";

/** A place where processes run, as its entry describes it. */
export interface HostSpec {
  readonly type: "pool" | "terminal";
  readonly maxProcesses: number;
  /** Isolates over which its processes are spread; undefined is all. */
  readonly workers?: number | undefined;
  /** Letters that may wait for one of its processes; undefined is as many as for a function. */
  readonly mailbox?: number | undefined;
}

interface Host {
  spec: HostSpec;
  /** Hosts that use few isolates begin at different ones. */
  readonly order: number;
  running: number;
}

/** The hosts of an app and how many processes each runs. */
export class ProcessHosts {
  readonly #hosts = new Map<EntryId, Host>();
  /** Processes of hosts that are gone run to their end, and count again should the host come back. */
  readonly #left = new Map<EntryId, number>();
  #last = 0;

  add(id: EntryId, spec: HostSpec): void {
    const known = this.#hosts.get(id);
    if (known !== undefined) {
      known.spec = spec;
      return;
    }
    this.#hosts.set(id, { spec, order: this.#last, running: this.#left.get(id) ?? 0 });
    this.#left.delete(id);
    this.#last += 1;
  }

  remove(id: EntryId): void {
    const running = this.#hosts.get(id)?.running ?? 0;
    if (running > 0) this.#left.set(id, running);
    this.#hosts.delete(id);
  }

  /** A host that takes one more process. @throws WeftError `HOST_NOT_FOUND`, `HOST_BUSY`. */
  admit(id: EntryId): HostSpec {
    const host = this.#hosts.get(id);
    if (host === undefined) {
      const known = [...this.#hosts.keys()].join(", ") || "none";
      throw new WeftError("HOST_NOT_FOUND", `there is no process host ${id} (hosts: ${known})`);
    }
    const { spec, running } = host;
    if (running >= spec.maxProcesses) {
      throw new WeftError("HOST_BUSY", `${id} already runs ${running} of at most ${spec.maxProcesses} processes`);
    }
    return spec;
  }

  /** The isolates among `all` that a host uses. */
  isolatesOf(id: EntryId, all: readonly number[]): readonly number[] {
    const host = this.#hosts.get(id);
    const workers = host?.spec.workers ?? all.length;
    if (host === undefined || workers >= all.length) return all;
    const first = host.order * workers;
    return all.filter((_, index) => (index - (first % all.length) + all.length) % all.length < workers);
  }

  started(id: EntryId): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) host.running += 1;
  }

  ended(id: EntryId): void {
    const host = this.#hosts.get(id);
    const left = (this.#left.get(id) ?? 0) - 1;
    if (host !== undefined) host.running -= 1;
    else if (left > 0) this.#left.set(id, left);
    else this.#left.delete(id);
  }
}
