import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Letter, Pid, ProcessEvent } from "../../hosts/ports.ts";
import type { CorrespondentEars } from "../../registry/service.ts";
import type { ProcessCells } from "./cells.ts";
import { controlPlane, parsePid, processPid } from "./pid.ts";
import { PassingMap } from "../../core/passing.ts";

/** Letters that may wait for one of them: a client that reads slowly is told to its writers soon. */
const mailbox = 1_000;

/** Those on the control plane itself who have a pid: clients of servers, to whom processes write as to each other. */
export class Correspondents {
  readonly #cells: ProcessCells;
  readonly #open = new PassingMap<Pid, CorrespondentEars>();

  constructor(cells: ProcessCells) {
    this.#cells = cells;
  }

  /** Gives a pid to somebody who hears from now on. @throws WeftError `HOST_BUSY`. */
  open(host: EntryId, ears: CorrespondentEars): Pid {
    const number = this.#cells.claim(mailbox);
    if (number === undefined) throw new WeftError("HOST_BUSY", "the runtime has no room for more processes");
    const pid = processPid(host, controlPlane, number);
    this.#open.set(pid, ears);
    return pid;
  }

  has(pid: Pid): boolean {
    return this.#open.has(pid);
  }

  /** Gives it a letter that was counted. False when nobody here has the pid. */
  deliver(pid: Pid, letter: Letter): boolean {
    const ears = this.#open.get(pid);
    const number = parsePid(pid)?.process;
    if (ears === undefined || number === undefined) return false;
    ears.letter(letter, () => this.#cells.taken(number));
    return true;
  }

  /** Tells it of an event. False when nobody here has the pid. */
  tell(pid: Pid, event: ProcessEvent): boolean {
    const ears = this.#open.get(pid);
    ears?.event(event);
    return ears !== undefined;
  }

  /** Has it end. False when nobody here has the pid. */
  terminate(pid: Pid, at: number): boolean {
    return this.tell(pid, { kind: "pid.cancel", from: "", at, reason: "process terminated" });
  }

  /** Forgets one. False when it was forgotten before. */
  close(pid: Pid): boolean {
    const number = parsePid(pid)?.process;
    if (number !== undefined) this.#cells.release(number);
    return this.#open.delete(pid);
  }
}
