import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";

/** Series of an app: a label that holds an id would make one for each. */
const maxSeries = 10_000;

/** Upper bounds of a histogram's buckets, in seconds: Prometheus' own. */
const bucketBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** A sort of metric. */
type MetricType = "counter" | "gauge" | "histogram";

/** What isolates tell, and ask. */
export type MetricRequest =
  | { readonly do: "add"; readonly type: "counter" | "gauge"; readonly metric: Metric; readonly value: number }
  | { readonly do: "set" | "observe"; readonly metric: Metric; readonly value: number }
  | { readonly do: "collect" };

/** One series: a name, and the labels that tell it from others of the name. */
export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Series extends Metric {
  value: number;
  count: number;
  readonly buckets: number[];
}

interface Family {
  readonly type: MetricType;
  readonly series: Map<string, Series>;
}

/** Counts what programs report. */
export class MetricService implements Service<MetricRequest, never> {
  readonly #families = new Map<string, Family>();
  #count = 0;

  add(): void {}
  remove(): void {}

  ask(request: MetricRequest): Value {
    switch (request.do) {
      case "add":
        this.#series(request.metric, request.type).value += request.value;
        return true;
      case "set":
        this.#series(request.metric, "gauge").value = request.value;
        return true;
      case "observe":
        observe(this.#series(request.metric, "histogram"), request.value);
        return true;
      case "collect":
        return [...this.#families].map(([name, { type, series }]) => ({
          name,
          type,
          series: [...series.values()].map(({ labels, value, count, buckets }): Value =>
            type === "histogram" ? { labels, sum: value, count, buckets } : { labels, value },
          ),
        }));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#families.clear();
  }

  #series({ name, labels }: Metric, type: MetricType): Series {
    const family = this.#families.get(name) ?? { type, series: new Map<string, Series>() };
    if (family.type !== type)
      throw new WeftError("INVALID_ARGUMENT", `the metric ${name} is a ${family.type}, not a ${type}`);
    const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const known = family.series.get(key);
    if (known !== undefined) return known;
    if (this.#count >= maxSeries) {
      throw new WeftError("INVALID_ARGUMENT", `there are ${maxSeries} series already: labels must not hold ids`);
    }
    this.#count += 1;
    this.#families.set(name, family);
    const made = { name, labels, value: 0, count: 0, buckets: bucketBounds.map(() => 0) };
    family.series.set(key, made);
    return made;
  }
}

/** Buckets count what is at most their bound. */
function observe(series: Series, value: number): void {
  series.value += value;
  series.count += 1;
  for (const [i, bound] of bucketBounds.entries()) if (value <= bound) series.buckets[i] = (series.buckets[i] ?? 0) + 1;
}
