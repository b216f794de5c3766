import type { Letter, Pid, ProcessEvent } from "../../hosts/ports.ts";
import type { IsolateHandle } from "../control/handle.ts";
import type { ProcessCells } from "./cells.ts";
import type { Correspondents } from "./correspondents.ts";
import { parsePid } from "./pid.ts";
import { mailboxFull, notFound } from "./problems.ts";

/** Where the receivers of letters are. */
export interface OutboxParts {
  seatAt(isolate: number): IsolateHandle | undefined;
  readonly cells: ProcessCells;
}

/** What the control plane writes to processes and functions, wherever they are, and to correspondents. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #correspondents: Correspondents;

  constructor(parts: OutboxParts, correspondents: Correspondents) {
    this.#parts = parts;
    this.#correspondents = correspondents;
  }

  /** Tells of an event. With `orUnheard`, the isolate answers `unheard` when nobody listens for events. */
  tell(pid: Pid, event: ProcessEvent, { orUnheard = false } = {}): void {
    if (this.#correspondents.tell(pid, event)) return;
    this.#seatOf(pid)?.link.send({ type: "event", pid, event, orUnheard });
  }

  /** Asks a function's isolate to say `gone` when the function ends, or at once if it has. False when there is none. */
  watch(pid: Pid): boolean {
    const seat = this.#seatOf(pid);
    seat?.link.send({ type: "watch", pid });
    return seat !== undefined;
  }

  /** Puts a letter into a mailbox. @throws WeftError `PROCESS_NOT_FOUND`, `MAILBOX_FULL`. */
  post(pid: Pid, letter: Letter): void {
    const number = parsePid(pid)?.process;
    if (this.#seatOf(pid) === undefined && !this.#correspondents.has(pid)) throw notFound(pid);
    if (number !== undefined) {
      if (!this.#parts.cells.isAlive(number)) throw notFound(pid);
      if (!this.#parts.cells.post(number)) throw mailboxFull(pid, this.#parts.cells.mailboxOf(number));
    }
    this.postAgain(pid, letter);
  }

  /** Sends a letter that was counted before. */
  postAgain(pid: Pid, letter: Letter): void {
    if (!this.#correspondents.deliver(pid, letter)) this.#seatOf(pid)?.link.send({ type: "letter", pid, letter });
  }

  #seatOf(pid: Pid): IsolateHandle | undefined {
    const address = parsePid(pid);
    return address === undefined ? undefined : this.#parts.seatAt(address.isolate);
  }
}
