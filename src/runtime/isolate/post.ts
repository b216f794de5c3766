import type { Letter } from "../../hosts/ports.ts";
import type { ProcessCells } from "../process/cells.ts";
import { controlPlane, parsePid } from "../process/pid.ts";
import { mailboxFull, notFound } from "../process/problems.ts";
import type { Mail } from "./mail.ts";
import type { Peers } from "./peers.ts";
import type { Uplink } from "./uplink.ts";

/** What sending needs of the isolate. */
export interface PostParts {
  readonly isolate: number;
  readonly mail: Mail;
  readonly cells: ProcessCells;
  readonly uplink: Uplink;
  /** Made after the ports, which need this. */
  readonly peers: () => Peers;
}

/**
 * Sends letters from this isolate. A process is written to directly, wherever it is: the shared cells say at once that
 * it is gone, or that its mailbox is full.
 */
export function createPost(parts: PostParts): (to: string, letter: Letter) => undefined | Promise<undefined> {
  const { isolate, mail, cells, uplink, peers } = parts;
  const send = (pid: string, letter: Letter): undefined | Promise<undefined> => {
    const address = parsePid(pid);
    if (address === undefined) throw notFound(pid);
    if (address.process === undefined) {
      if (address.isolate !== isolate) return throughControl(pid, letter);
      mail.deliverToFunction(pid, letter);
      return undefined;
    }
    if (!cells.isAlive(address.process)) throw notFound(pid);
    if (!cells.post(address.process)) throw mailboxFull(pid, cells.mailboxOf(address.process));
    if (address.isolate === isolate) mail.deliverLetter(pid, letter);
    else if (address.isolate === controlPlane) uplink.send({ type: "letter", pid, letter });
    else if (!peers().post(address.isolate, { type: "letter", pid, letter })) {
      cells.taken(address.process);
      return throughControl(pid, letter);
    }
    return undefined;
  };
  const throughControl = async (to: string, letter: Letter): Promise<undefined> => {
    await uplink.askProcesses({ do: "send", to, letter });
  };
  const byName = async (name: string, letter: Letter): Promise<undefined> => {
    const pid = await uplink.askProcesses({ do: "lookup", name }).catch(() => null);
    if (typeof pid !== "string") throw notFound(name);
    await send(pid, letter);
  };
  return (to, letter) => (parsePid(to) === undefined ? byName(to, letter) : send(to, letter));
}
