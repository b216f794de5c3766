import type { Pid, ProcessEvent } from "../../hosts/ports.ts";

/** Events that wait for a pid which nobody listens to; the oldest go first when there are more. */
const maxWaiting = 1_000;

/** Where events for the processes and functions of this isolate arrive. */
export class Mail {
  readonly #boxes = new Map<Pid, Mailbox>();

  /** Opens a box before events can arrive: when a task asks to be told of something. Most tasks never do. */
  open(pid: Pid): void {
    if (!this.#boxes.has(pid)) this.#boxes.set(pid, { waiting: [], listeners: new Set() });
  }

  /** Forgets the box of a task that ended. */
  close(pid: Pid): void {
    if (this.#boxes.size > 0) this.#boxes.delete(pid);
  }

  deliver(pid: Pid, event: ProcessEvent): void {
    const box = this.#boxes.get(pid);
    if (box === undefined) return;
    if (box.listeners.size === 0) {
      box.waiting.push(event);
      if (box.waiting.length > maxWaiting) box.waiting.shift();
    }
    for (const listener of box.listeners) listener(event);
  }

  /** Hears what arrives for a pid, starting with what waits already. */
  listen(pid: Pid, listener: (event: ProcessEvent) => void): Disposable {
    this.open(pid);
    const box = this.#boxes.get(pid);
    if (box === undefined) return { [Symbol.dispose]() {} };
    box.listeners.add(listener);
    for (const event of box.waiting.splice(0)) listener(event);
    return { [Symbol.dispose]: () => box.listeners.delete(listener) };
  }
}

interface Mailbox {
  readonly waiting: ProcessEvent[];
  readonly listeners: Set<(event: ProcessEvent) => void>;
}
