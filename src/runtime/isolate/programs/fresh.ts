import type { Value } from "../../../core/values.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { RunProgram } from "../program.ts";
import { exitOutcome } from "./command.ts";
import { LiveInstance, type GuestInput, type GuestProgram } from "./instances.ts";
import { contextAhead, LiveContext } from "./live-context.ts";

/** An instance that was made before its call. */
interface Prepared {
  readonly live: LiveInstance;
  readonly context: LiveContext;
}

/** Instances of one entry that wait for their call; calls that come closer together make theirs themselves. */
const maxPrepared = 4;
/** Instances that wait in one thread: they hold memory. */
const maxPreparedInThread = 64;
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
  #isScheduled = false;
  /** A guest that calls out, waits or fails while it is made is made in its call. */
  #canPrepare = true;

  constructor(program: GuestProgram) {
    this.#program = program;
  }

  run(input: GuestInput, context: InstanceContext): Value | Promise<Value> {
    this.#prepareLater(context);
    const prepared = context.usage === undefined ? this.#takePrepared(context) : undefined;
    if (prepared === undefined) return callAndEnd(open(this.#program, context), input, context);
    prepared.context.current = context;
    return callAndEnd(prepared.live, input, context);
  }

  /** No instance is made ahead any more, and those that were are ended. */
  retire(): void {
    this.#canPrepare = false;
    preparedInThread -= this.#prepared.length;
    for (const { live } of this.#prepared.splice(0)) live[Symbol.dispose]();
  }

  /** An instance that was made for the same environment; others are of no use any more. */
  #takePrepared({ env }: InstanceContext): Prepared | undefined {
    for (let prepared = this.#prepared.pop(); prepared !== undefined; prepared = this.#prepared.pop()) {
      preparedInThread -= 1;
      if (isSameEnvironment(prepared.context.env, env)) return prepared;
      prepared.live[Symbol.dispose]();
    }
    return undefined;
  }

  #prepareLater(context: InstanceContext): void {
    if (!this.#canPrepare || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#prepare(context);
    });
  }

  #prepare(of: InstanceContext): void {
    if (!this.#canPrepare || this.#prepared.length >= maxPrepared || preparedInThread >= maxPreparedInThread) return;
    const context = new LiveContext(contextAhead(of));
    let live: LiveInstance | undefined;
    try {
      live = new LiveInstance(this.#program, context, { lives: true, isCounted: false });
      this.#canPrepare = live.prepare(prepareMs);
    } catch {
      this.#canPrepare = false;
    }
    if (!this.#canPrepare || live === undefined) return live?.[Symbol.dispose]();
    preparedInThread += 1;
    this.#prepared.push({ live, context });
  }
}

function isSameEnvironment(a: InstanceContext["env"], b: InstanceContext["env"]): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function open(program: GuestProgram, context: InstanceContext): LiveInstance {
  return new LiveInstance(program, context, { lives: false, isCounted: context.usage !== undefined });
}

/** Calls an instance and ends it. A guest that ends itself is told apart from one that fails. */
function callAndEnd(live: LiveInstance, input: GuestInput, { id, call }: InstanceContext): Value | Promise<Value> {
  let isOver = false;
  const result = live.turns.protect<Value | Promise<Value>>(
    () => live.call(input),
    (thrown) => {
      isOver = true;
      live[Symbol.dispose]();
      return exitOutcome(thrown, id);
    },
  );
  if (isOver) return result;
  if (!(result instanceof Promise)) {
    live[Symbol.dispose]();
    return result;
  }
  // A guest that swallows its cancellation never ends; what it holds is taken from it all the same.
  const watch = call.cancellation.onCancel(() => live[Symbol.dispose]());
  return result
    .catch((thrown: unknown) => exitOutcome(thrown, id))
    .finally(() => {
      watch[Symbol.dispose]();
      live[Symbol.dispose]();
    });
}
