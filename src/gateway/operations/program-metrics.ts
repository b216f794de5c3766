import type { Value } from "../../core/values.ts";
import { toJson } from "../json.ts";

type Table = Readonly<Record<string, Value>>;

/** Upper bounds of the buckets that programs' histograms have, in seconds; `hosts/metrics` counts by them. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** What programs counted with the Lua module `metrics`, in Prometheus' text format, but for names that are taken. */
export function programMetrics(collected: Value, isTaken: (name: string) => boolean = () => false): string {
  const all = Array.isArray(collected) ? collected.filter(isTable) : [];
  const families = all.filter(({ name }) => !isTaken(shown(name)));
  return families.map((family) => familyText(family)).join("");
}

function familyText({ name, type, series }: Table): string {
  const metric = shown(name)
    .replaceAll(/[^\w:]/g, "_")
    .replace(/^(?=\d)/, "_");
  const rows = (Array.isArray(series) ? series.filter(isTable) : []).flatMap((each) => seriesLines(metric, each));
  return [`# TYPE ${metric} ${shown(type)}`, ...rows, ""].join("\n");
}

function seriesLines(name: string, { labels, value, sum, count, buckets }: Table): string[] {
  const own = isTable(labels) ? labels : {};
  if (!Array.isArray(buckets)) return [`${name}${labelText(own)} ${shown(value)}`];
  const upTo = bounds.map(
    (bound, i) => `${name}_bucket${labelText({ ...own, le: String(bound) })} ${shown(buckets[i])}`,
  );
  return [
    ...upTo,
    `${name}_bucket${labelText({ ...own, le: "+Inf" })} ${shown(count)}`,
    `${name}_sum${labelText(own)} ${shown(sum)}`,
    `${name}_count${labelText(own)} ${shown(count)}`,
  ];
}

function labelText(labels: Table): string {
  const parts = Object.entries(labels).map(
    ([name, value]) =>
      `${name.replaceAll(/\W/g, "_")}="${shown(value).replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`,
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function shown(value: Value | undefined): string {
  return typeof value === "string" ? value : toJson(value ?? 0);
}

function isTable(value: Value | undefined): value is Table {
  return (
    typeof value === "object" &&
    value !== null &&
    !(Array.isArray(value) || value instanceof Map || value instanceof Uint8Array)
  );
}
