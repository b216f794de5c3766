import type { z } from "zod";
import { WeftError } from "../core/errors.ts";
import { didYouMean, nearestNames } from "../core/nearest.ts";
import { flattenIssues, pathOf, type Issue } from "../registry/fields/issues.ts";
import { fieldNames } from "../registry/fields/shape.ts";

/** Where a configuration comes from. */
export interface ConfigSource {
  readonly file: string;
  readonly schema: z.ZodType;
  /** Settings of the command line over it, as paths and as they were written. */
  readonly settings: readonly { readonly path: readonly string[]; readonly text: string }[];
}

/** Everything that is wrong with a configuration, each with the place that said so and how to mend it. */
export function configError(error: z.ZodError, source: ConfigSource): WeftError {
  const lines = flattenIssues(error.issues).flatMap((issue) => explain(issue, source));
  return new WeftError("CONFIG_INVALID", lines.join("\n"), { details: { file: source.file } });
}

function explain(issue: Issue, source: ConfigSource): readonly string[] {
  const path = pathOf(issue).map(String);
  if (issue.code !== "unrecognized_keys") {
    return [`${placeOf(path, source)}: ${path.join(".")}: ${issue.message}`];
  }
  return issue.keys.map((key) => {
    const known = fieldNames(source.schema, path);
    const holder = path.length === 0 ? "there is no section" : `${path.join(".")} has no field`;
    const hint = didYouMean(nearestNames(key, known)) ?? `there are ${known.join(", ")}`;
    return `${placeOf([...path, key], source)}: ${holder} ${key}: ${hint}`;
  });
}

/** The setting that a path was written in, else the file. */
function placeOf(path: readonly string[], { file, settings }: ConfigSource): string {
  const isAbout = (set: readonly string[]): boolean => {
    const [shorter, longer] = set.length < path.length ? [set, path] : [path, set];
    return shorter.every((step, index) => step === longer[index]);
  };
  const setting = settings.find((setting) => isAbout(setting.path));
  return setting === undefined ? file : `--set ${setting.text}`;
}
