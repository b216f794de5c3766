import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RuntimeStats } from "../../core/stats.ts";
import type { Value } from "../../core/values.ts";
import type { DispatcherPort } from "../../hosts/ports.ts";
import { callChannel, type EndedCall } from "../../runtime/control/stats.ts";
import { programMetrics } from "./program-metrics.ts";

/** The runtime that is watched. */
export interface Watched {
  readonly dispatcher: DispatcherPort;
  readonly stats: RuntimeStats;
  /** Whether there is such a route, where routes come and go. */
  readonly hasRoute?: (route: string) => boolean;
  /** What programs counted themselves. */
  readonly collect?: () => Value | Promise<Value>;
}

type Labels = Partial<Record<string, string | number>>;

/** Codes of calls that ended at a limit of theirs. */
const limitCodes: ReadonlySet<string> = new Set([
  "CALL_TIMEOUT",
  "MEMORY_EXCEEDED",
  "MEMORY_UNAVAILABLE",
  "FUEL_EXHAUSTED",
  "STACK_OVERFLOW",
  "OUTPUT_EXCEEDED",
  "HOST_CALLS_EXCEEDED",
  "POOL_FULL",
  "CALL_DEPTH",
]);

/** Seconds, from what a call on the same thread takes to what a client waits for. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One answered request. */
export interface EndedRequest {
  readonly method: string;
  /** The pattern that matched, never the path: every path would be a series. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Figures of a runtime and its HTTP door, in Prometheus' text format. Dispose it to stop listening. */
export class Metrics implements Disposable {
  readonly #watched: Watched;
  readonly #registry = new Registry();
  readonly #requests = this.#counter("weft_http_requests_total", "Requests answered.", ["method", "route", "status"]);
  readonly #requestSeconds = this.#histogram(
    "weft_http_request_duration_seconds",
    "Time until the head of the answer.",
    ["method", "route"],
  );
  readonly #inFlight = this.#gauge("weft_http_requests_in_flight", "Requests being answered.");
  readonly #calls = this.#counter("weft_function_calls_total", "Calls from outside that ended.", [
    "function_id",
    "status",
  ]);
  readonly #callSeconds = this.#histogram(
    "weft_function_duration_seconds",
    "Time of calls from outside, waits for a slot included.",
    ["function_id"],
  );
  readonly #limits = this.#counter("weft_limits_crossed_total", "Calls from outside that ended at a limit.", [
    "function_id",
    "code",
  ]);
  readonly #hear = (message: unknown): void => this.#ended(message);

  constructor(watched: Watched) {
    this.#watched = watched;
    collectDefaultMetrics({ register: this.#registry });
    this.#state();
    subscribe(callChannel, this.#hear);
  }

  /** A request came; call what this gives when it was answered. */
  began(): (ended: EndedRequest) => void {
    this.#inFlight.inc();
    return ({ method, route, status, seconds }) => {
      this.#inFlight.dec();
      this.#requests.inc({ method, route, status: String(status) });
      this.#requestSeconds.observe({ method, route }, seconds);
    };
  }

  /** Everything, as `GET /metrics` answers it. */
  async text(): Promise<string> {
    const { collect } = this.#watched;
    const isOurs = (name: string): boolean => this.#registry.getSingleMetric(name) !== undefined;
    const own = collect === undefined ? "" : programMetrics(await collect(), isOurs);
    const text = `${await this.#registry.metrics()}\n${own}`;
    await this.#forgetGone();
    return text;
  }

  [Symbol.dispose](): void {
    unsubscribe(callChannel, this.#hear);
    this.#registry.clear();
  }

  /** What is no longer there has been told of once more: an app that makes and removes entries keeps no series of each. */
  async #forgetGone(): Promise<void> {
    const { dispatcher, hasRoute } = this.#watched;
    const isGone = ({ function_id: id }: Labels): boolean => dispatcher.describe(String(id)) === undefined;
    for (const { labels } of (await this.#calls.get()).values) {
      if (!isGone(labels)) continue;
      this.#calls.remove(labels);
      this.#callSeconds.remove({ function_id: String(labels["function_id"]) });
    }
    for (const { labels } of (await this.#limits.get()).values) if (isGone(labels)) this.#limits.remove(labels);
    if (hasRoute === undefined) return;
    for (const { labels } of (await this.#requests.get()).values) {
      const { method = "", route = "" } = labels;
      if (hasRoute(String(route))) continue;
      this.#requests.remove(labels);
      this.#requestSeconds.remove({ method, route });
    }
  }

  #ended(message: unknown): void {
    if (!isEndedCall(message) || message.by !== this.#watched.dispatcher) return;
    const { id, ms, code } = message;
    this.#calls.inc({ function_id: id, status: code === undefined ? "success" : "error" });
    this.#callSeconds.observe({ function_id: id }, ms / 1_000);
    if (code !== undefined && limitCodes.has(code)) this.#limits.inc({ function_id: id, code });
  }

  /** Gauges that are read when somebody looks. */
  #state(): void {
    const stats = (): RuntimeStats => this.#watched.stats;
    const byIsolate = (
      name: string,
      help: string,
      read: (isolate: RuntimeStats["isolates"][number]) => number,
    ): void => {
      const gauge: Gauge = this.#gauge(name, help, ["isolate"], () => {
        for (const each of stats().isolates) gauge.set({ isolate: String(each.isolate) }, read(each));
      });
    };
    const byPool = (name: string, help: string, read: (pool: RuntimeStats["pools"][number]) => number): void => {
      const gauge: Gauge = this.#gauge(name, help, ["function_id"], () => {
        gauge.reset();
        for (const each of stats().pools) gauge.set({ function_id: each.id }, read(each));
      });
    };
    byIsolate("weft_isolate_up", "1 while the thread serves.", ({ isUp }) => Number(isUp));
    byIsolate("weft_isolate_calls_in_flight", "Calls in flight on an isolate.", ({ load }) => load);
    byIsolate("weft_instance_memories", "Linear memories of instances on an isolate.", ({ memories }) => memories);
    byPool("weft_function_in_flight", "Slots in use: calls that run.", ({ used }) => used);
    byPool("weft_function_slots", "Calls that may run at once.", ({ slots }) => slots);
    byPool("weft_function_queue_length", "Calls that wait for a slot.", ({ waiting }) => waiting);
    byPool(
      "weft_function_finished",
      "Calls that ended, those of other functions included.",
      ({ finished }) => finished,
    );
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[] = [], collect?: () => void): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry], ...(collect && { collect }) });
  }

  #histogram(name: string, help: string, labelNames: string[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }
}

function isEndedCall(message: unknown): message is EndedCall {
  return typeof message === "object" && message !== null && "id" in message && "by" in message;
}
