import { WeftError } from "../../core/errors.ts";
import type { Letter, LetterListener, Pid, ProcessEvent } from "../../hosts/ports.ts";
import { maxMailbox, type ProcessCells } from "../process/cells.ts";
import { mailboxFull, notFound } from "../process/problems.ts";
import { parsePid } from "../process/pid.ts";
import { PassingMap } from "../../core/passing.ts";

/**
 * Events that wait for a pid which nobody listens to; the oldest go first when there are more. The end of every process
 * that there may be (65,536) has room.
 */
const maxEvents = 100_000;

interface Mailbox {
  /** In the shared table; undefined for a function's execution. */
  readonly number: number | undefined;
  readonly events: ProcessEvent[];
  readonly eventListeners: Set<(event: ProcessEvent) => void>;
  /** Letters that nobody listens for yet, in the order they came. */
  letters: Letter[];
  readonly topics: Map<string, LetterListener>;
  inbox: LetterListener | undefined;
  /** Somebody wants to know how it ends. */
  isWatched: boolean;
}

/** A mailbox that was closed. */
export interface Closed {
  readonly isWatched: boolean;
}

/** Where letters and events for the processes and functions of this isolate arrive. */
export class Mail {
  readonly #boxes = new PassingMap<Pid, Mailbox>();
  readonly #cells: ProcessCells;

  constructor(cells: ProcessCells) {
    this.#cells = cells;
  }

  /** Opens a box before anything can arrive: when a process starts, or a function asks for its address. */
  open(pid: Pid): void {
    this.#box(pid);
  }

  isOpen(pid: Pid): boolean {
    return this.#boxes.has(pid);
  }

  /** Notes that somebody wants to know how a function ends. False when it has. */
  watch(pid: Pid): boolean {
    const box = this.#boxes.get(pid);
    if (box !== undefined) box.isWatched = true;
    return box !== undefined;
  }

  /** Forgets the box of one that ended, if it had one; nobody can write to it from now on. */
  close(pid: Pid): Closed | undefined {
    const box = this.#boxes.size === 0 ? undefined : this.#boxes.get(pid);
    if (box === undefined) return undefined;
    if (box.number !== undefined) this.#cells.release(box.number);
    this.#boxes.delete(pid);
    return box;
  }

  /** Gives an event to who listens, or keeps it. False when nobody listens now. */
  deliverEvent(pid: Pid, event: ProcessEvent): boolean {
    const box = this.#boxes.get(pid);
    if (box === undefined) return false;
    if (box.eventListeners.size === 0) {
      box.events.push(event);
      if (box.events.length > maxEvents) box.events.shift();
    }
    for (const listener of box.eventListeners) listener(event);
    return box.eventListeners.size > 0;
  }

  /** Gives a letter to who listens for its topic, else to the inbox, else keeps it. Silent when the receiver is gone. */
  deliverLetter(pid: Pid, letter: Letter): void {
    // The first letters to a new process may come before the word that it starts, on another line.
    const box = this.#boxes.get(pid) ?? (this.#isStarting(pid) ? this.#box(pid) : undefined);
    if (box === undefined) return;
    const listener = box.topics.get(letter.topic) ?? box.inbox;
    if (listener === undefined) box.letters.push(letter);
    else this.#hand(box, letter, listener);
  }

  /** Puts a letter to a function's execution into its box. @throws WeftError when there is none, or it is full. */
  deliverToFunction(pid: Pid, letter: Letter): void {
    const box = this.#boxes.get(pid);
    if (box === undefined) throw notFound(pid);
    if (box.letters.length >= maxMailbox) throw mailboxFull(pid, maxMailbox);
    this.deliverLetter(pid, letter);
  }

  /** Hears what happens to a pid, starting with what waits already. */
  events(pid: Pid, listener: (event: ProcessEvent) => void): Disposable {
    const box = this.#box(pid);
    box.eventListeners.add(listener);
    for (const event of box.events.splice(0)) listener(event);
    return { [Symbol.dispose]: () => box.eventListeners.delete(listener) };
  }

  /** Gets every letter whose topic nobody listens for, those that wait already first. */
  inbox(pid: Pid, listener: LetterListener): Disposable {
    const box = this.#box(pid);
    box.inbox = listener;
    this.#handWaiting(box, listener, () => true);
    return {
      [Symbol.dispose]() {
        if (box.inbox === listener) box.inbox = undefined;
      },
    };
  }

  /** Gets the letters of one topic. @throws WeftError `NAME_TAKEN` when somebody listens for it already. */
  listen(pid: Pid, topic: string, listener: LetterListener): Disposable {
    const box = this.#box(pid);
    if (box.topics.has(topic)) throw new WeftError("NAME_TAKEN", `the topic "${topic}" is listened for already`);
    box.topics.set(topic, listener);
    this.#handWaiting(box, listener, (letter) => letter.topic === topic);
    return { [Symbol.dispose]: () => void box.topics.delete(topic) };
  }

  #isStarting(pid: Pid): boolean {
    const number = parsePid(pid)?.process;
    return number !== undefined && this.#cells.isAlive(number);
  }

  #box(pid: Pid): Mailbox {
    let box = this.#boxes.get(pid);
    if (box === undefined) {
      box = {
        number: parsePid(pid)?.process,
        events: [],
        eventListeners: new Set(),
        letters: [],
        topics: new Map(),
        inbox: undefined,
        isWatched: false,
      };
      this.#boxes.set(pid, box);
    }
    return box;
  }

  #handWaiting(box: Mailbox, listener: LetterListener, isWanted: (letter: Letter) => boolean): void {
    const waiting = box.letters;
    if (waiting.length === 0) return;
    box.letters = waiting.filter((letter) => !isWanted(letter));
    for (const letter of waiting) if (isWanted(letter)) this.#hand(box, letter, listener);
  }

  #hand({ number }: Mailbox, letter: Letter, listener: LetterListener): void {
    listener(letter, () => {
      if (number !== undefined) this.#cells.taken(number);
    });
  }
}
