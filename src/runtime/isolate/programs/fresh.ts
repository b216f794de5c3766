import { monotonicMs } from "../../../core/clock.ts";
import type { Value } from "../../../core/values.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { RunProgram } from "../program.ts";
import { exitOutcome } from "./command.ts";
import { LiveInstance, type GuestInput, type GuestProgram } from "./instances.ts";
import { contextAhead, LiveContext } from "./live-context.ts";
import { ResetCost } from "./reset-cost.ts";

/** An instance that was made before its call. */
interface Prepared {
  readonly live: LiveInstance;
  readonly context: LiveContext;
  /** What the context is while the instance is in no call. */
  readonly ahead: InstanceContext;
  readonly marks: boolean;
}

/** An instance for one call, and what becomes of it after a call that came back. */
interface Lent {
  readonly live: LiveInstance;
  /** `tookMs` is how long the call was. */
  giveBack(tookMs: number): void;
  /** Ends it in place of that, once: its call failed, or is not waited for any more. */
  giveUp(): void;
}

/** Instances of one entry that wait for their call; calls that come closer together make theirs themselves. */
const maxPrepared = 4;
/** Used ones that are made as good as new. Calls beyond so many at once have instances for themselves. */
const maxReturned = 32;
/** All of them, where each has as much as is put back at all. */
const maxReturnedBytes = 256 * 1024 * 1024;
/** Instances that wait in one thread: they hold memory. */
const maxPreparedInThread = 128;
/** Nobody waits for it, but neighbours do. */
const prepareMs = 1_000;

let preparedInThread = 0;

/**
 * Runs each call on an instance of its own, and ends it after the call, whatever happens. After an answer is on its way,
 * the next instance is made, so that making it is not waited for (`spec/limits.md` §5).
 */
export function freshInstances(program: GuestProgram): RunProgram {
  const ahead = new InstancesAhead(program);
  const run: RunProgram = (args, context, straight) => ahead.run({ args, straight }, context);
  const atBottom: RunProgram = (args, context, straight) => ahead.run({ args, straight, atBottom: true }, context);
  return Object.assign(run, { atBottom, retire: () => ahead.retire() });
}

/** Runs one call on a new instance that knows its call from the start: a command's, above all. */
export function runOnce(
  program: GuestProgram,
  args: readonly Value[],
  context: InstanceContext,
): Value | Promise<Value> {
  return callAndEnd(open(program, context), { args, straight: undefined }, context);
}

class InstancesAhead {
  readonly #program: GuestProgram;
  readonly #prepared: Prepared[] = [];
  /** Used ones that have yet to be made as good as new. */
  readonly #used: Prepared[] = [];
  /** Those that are in a call and may come back. */
  #out = 0;
  #isScheduled = false;
  /** A guest that calls out, waits or fails while it is made is made in its call. */
  #canPrepare = true;
  #isRetired = false;

  /** One was made ahead. */
  #hasPrepared = false;
  /** The last one could be made as good as new. */
  #comesBack = false;
  /** Where there is a choice. */
  readonly #cost: ResetCost | undefined;

  constructor(program: GuestProgram) {
    const { marking } = program.linked;
    this.#program = program;
    this.#cost = marking === undefined ? undefined : new ResetCost(marking.bytes);
  }

  run(input: GuestInput, context: InstanceContext): Value | Promise<Value> {
    this.#prepareLater(context);
    const prepared = context.usage === undefined ? this.#lend(context) : undefined;
    if (prepared === undefined) return callAndEnd(open(this.#program, context), input, context);
    prepared.context.current = context;
    return callAndEnd(this.#lent(prepared), input, context);
  }

  /** Counts an instance that is in a call. */
  #lent(prepared: Prepared): Lent {
    const { live } = prepared;
    let isOut = true;
    const comeBack = (): void => {
      if (isOut) this.#out -= 1;
      isOut = false;
    };
    this.#out += 1;
    return {
      live,
      giveBack: (tookMs) => {
        comeBack();
        this.#takeBack(prepared, tookMs);
      },
      giveUp: () => {
        comeBack();
        live[Symbol.dispose]();
      },
    };
  }

  /** An instance that has no part in its first call beyond serving it. */
  #lend(context: InstanceContext): Prepared | undefined {
    const prepared = this.#takePrepared(context);
    // One that could not be taken back would be made with all that a reset takes, and for one call.
    const isWorth = this.#hasPrepared && this.#comesBack && this.#out < maxReturned;
    return prepared === undefined && isWorth ? this.#open(context) : prepared;
  }

  #open(of: InstanceContext): Prepared {
    const ahead = contextAhead(of);
    const context = new LiveContext(ahead);
    const willReset = this.#program.linked.resets === true;
    const marks = this.#cost?.marks === true;
    return {
      live: new LiveInstance(this.#program, context, { lives: true, isCounted: false, willReset, marks }),
      context,
      ahead,
      marks,
    };
  }

  /** After its call an instance is ended, or made as good as new when the answer is on its way, for the next one. */
  #takeBack(prepared: Prepared, tookMs: number): void {
    const { live, context, ahead, marks } = prepared;
    if (this.#cost !== undefined) {
      this.#cost.noteCall(tookMs);
      if (this.#cost.marks !== marks) return live[Symbol.dispose]();
    }
    const waiting = (this.#prepared.length + this.#used.length) * live.memoryBytes;
    if (this.#isRetired || this.#isFull(maxReturned) || waiting > maxReturnedBytes) return live[Symbol.dispose]();
    this.#comesBack = live.endCall();
    if (!this.#comesBack) return live[Symbol.dispose]();
    // What was to be done after the answer may have been done while the call waited.
    this.#prepareLater(context.current);
    context.current = ahead;
    preparedInThread += 1;
    this.#used.push(prepared);
  }

  /** Makes a used instance as good as new. Undefined when there is none with which that can be done. */
  #renew(): Prepared | undefined {
    for (let used = this.#used.pop(); used !== undefined; used = this.#used.pop()) {
      this.#comesBack = used.live.reset();
      if (this.#comesBack) return used;
      preparedInThread -= 1;
      used.live[Symbol.dispose]();
    }
    return undefined;
  }

  #isFull(most: number): boolean {
    return this.#prepared.length + this.#used.length >= most || preparedInThread >= maxPreparedInThread;
  }

  /** No instance is made ahead any more, and those that were are ended. */
  retire(): void {
    this.#isRetired = true;
    this.#canPrepare = false;
    preparedInThread -= this.#prepared.length + this.#used.length;
    for (const { live } of [...this.#prepared.splice(0), ...this.#used.splice(0)]) live[Symbol.dispose]();
  }

  /** An instance that was made for the same environment; others are of no use any more. */
  #takePrepared({ env }: InstanceContext): Prepared | undefined {
    const next = (): Prepared | undefined => this.#prepared.pop() ?? this.#renew();
    for (let prepared = next(); prepared !== undefined; prepared = next()) {
      preparedInThread -= 1;
      if (isSameEnvironment(prepared.context.env, env)) return prepared;
      prepared.live[Symbol.dispose]();
    }
    return undefined;
  }

  #prepareLater(context: InstanceContext): void {
    if (this.#isScheduled || !this.#canPrepare) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#prepare(context);
    });
  }

  #prepare(of: InstanceContext): void {
    for (let used = this.#renew(); used !== undefined; used = this.#renew()) this.#prepared.push(used);
    if (!this.#canPrepare || this.#isFull(maxPrepared)) return;
    // Those that come back are enough.
    if (this.#comesBack && this.#prepared.length > 0) return;
    let prepared: Prepared | undefined;
    try {
      prepared = this.#open(of);
      this.#canPrepare = prepared.live.prepare(prepareMs);
    } catch {
      this.#canPrepare = false;
    }
    if (!this.#canPrepare || prepared === undefined) return prepared?.live[Symbol.dispose]();
    this.#hasPrepared = true;
    preparedInThread += 1;
    this.#prepared.push(prepared);
  }
}

function isSameEnvironment(a: InstanceContext["env"], b: InstanceContext["env"]): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function open(program: GuestProgram, context: InstanceContext): Lent {
  const live = new LiveInstance(program, context, { lives: false, isCounted: context.usage !== undefined });
  const end = (): void => live[Symbol.dispose]();
  return { live, giveBack: end, giveUp: end };
}

/** Calls an instance and ends it. A guest that ends itself is told apart from one that fails. */
function callAndEnd(lent: Lent, input: GuestInput, { id, call }: InstanceContext): Value | Promise<Value> {
  const { live } = lent;
  let isOver = false;
  const [started, ranBefore] = [monotonicMs(), live.busyMs];
  const result = live.turns.protect<Value | Promise<Value>>(
    () => live.call(input),
    (thrown) => {
      isOver = true;
      lent.giveUp();
      return exitOutcome(thrown, id);
    },
  );
  if (isOver) return result;
  if (!(result instanceof Promise)) {
    lent.giveBack(monotonicMs() - started);
    return result;
  }
  // A guest that swallows its cancellation never ends; what it holds is taken from it all the same.
  const watch = call.cancellation.onCancel(() => lent.giveUp());
  return result.then(
    (value) => {
      watch[Symbol.dispose]();
      const ran = live.busyMs;
      lent.giveBack(ran === undefined || ranBefore === undefined ? monotonicMs() - started : ran - ranBefore);
      return value;
    },
    (thrown: unknown) => {
      watch[Symbol.dispose]();
      lent.giveUp();
      return exitOutcome(thrown, id);
    },
  );
}
