// Seam for the inspector's domain of worker threads, which @types/node does not describe.
import { Session } from "node:inspector";

interface Attached {
  readonly params: { readonly sessionId: string; readonly workerInfo: { readonly title: string } };
}

/** Cuts what a thread runs in its scope, from outside. */
export class Killer {
  #session: Session | undefined;
  readonly #threads = new Map<number, string>();
  #last = 0;

  /**
   * Has the thread's scope cut. The caller made sure that it is in one: anywhere else this could end the process.
   * False where the inspector is refused or does not know the thread.
   */
  kill(threadId: number): boolean {
    const sessionId = this.#threads.get(threadId);
    if (this.#session === undefined || sessionId === undefined) return false;
    this.#last += 1;
    const message = JSON.stringify({ id: this.#last, method: "Runtime.terminateExecution" });
    this.#session.post("NodeWorker.sendMessageToWorker", { sessionId, message });
    return true;
  }

  /** Whether it is connected and can reach a thread. */
  reaches(threadId: number): boolean {
    return this.#session !== undefined && this.#threads.has(threadId);
  }

  /** Connects, if it has not, and says whether it can reach a thread. */
  async canReach(threadId: number): Promise<boolean> {
    this.#session ??= await this.#connect();
    return this.#threads.has(threadId);
  }

  dispose(): void {
    this.#session?.disconnect();
    this.#session = undefined;
  }

  async #connect(): Promise<Session | undefined> {
    const session = new Session();
    try {
      session.connect();
    } catch {
      return undefined;
    }
    session.on("NodeWorker.attachedToWorker", ({ params }: Attached) => {
      // The domain's own worker ids count from 1 for each session; the title begins with "[worker 7]", the thread's.
      const [, threadId] = /^\[worker (\d+)\]/.exec(params.workerInfo.title) ?? [];
      if (threadId !== undefined) this.#threads.set(Number(threadId), params.sessionId);
    });
    await new Promise((resolve) => session.post("NodeWorker.enable", { waitForDebuggerOnStart: false }, resolve));
    return session;
  }
}
