import { z } from "zod";
import { kinds } from "../src/kinds/index.ts";
import { notYetActedUpon } from "../src/kinds/shared/not-yet.ts";
import type { Kind } from "../src/registry/kind.ts";
import { exampleFile } from "./example-file.ts";
import { notice } from "./notice.ts";

/** The pages of the kinds, by their paths, and the page that lists them. */
export function kindPages(): Readonly<Record<string, string>> {
  return {
    "docs/kinds.md": listPage(),
    ...Object.fromEntries(kinds.map((kind) => [`docs/kinds/${kind.name}.md`, kindPage(kind)])),
  };
}

function listPage(): string {
  const list = kinds.map(({ name, summary }) => `| [\`${name}\`](kinds/${name}.md) | ${summary} |`);
  const rows = notYetActedUpon.map(
    ({ kinds: names, path, note }) => `| \`${path.join(".")}\` | ${names.join(", ")} | ${note} |`,
  );
  return `# Kinds

${notice}
What \`kind:\` can be. Every entry also has \`name\`, \`kind\` and, if it likes, \`meta\`. A file with a \`namespace\` holds a list of
\`entries\`, or one entry. Any text may be \`file://path\`: it is replaced by that file's text.

| kind | |
| --- | --- |
${list.join("\n")}

## Accepted, without effect yet

| field | kinds | what is missing |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function kindPage(kind: Kind): string {
  const schema = z.toJSONSchema(kind.schema, { io: "input", unrepresentable: "any" });
  const rows = fieldRows(schema, "", new Set(schema.required ?? []));
  const table =
    rows.length === 0 ? "Takes any fields.\n" : `| field | type | about |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
  return `# \`${kind.name}\`

${notice}
${kind.summary}

\`\`\`yaml
${exampleFile(`kinds/${kind.name}.yaml`)}\`\`\`

${table}
All kinds: [kinds.md](../kinds.md).
`;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function fieldRows(schema: JsonSchema, prefix: string, required: ReadonlySet<string>): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (typeof field === "boolean") return [];
    const path = `${prefix}${name}`;
    const about = `${required.has(name) ? "Required. " : ""}${field.description ?? ""}`;
    const row = `| \`${path}\` | ${typeText(field)} | ${about.replaceAll("|", "\\|")} |`;
    const nested =
      field.type === "array" && typeof field.items === "object" && !Array.isArray(field.items) ? field.items : field;
    return [
      row,
      ...fieldRows(nested, field.type === "array" ? `${path}[].` : `${path}.`, new Set(nested.required ?? [])),
    ];
  });
}

function typeText(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map((part) => (typeof part === "boolean" ? "anything" : typeText(part))))].join(
      " or ",
    );
  }
  switch (schema.type) {
    case "array":
      return "list";
    case "object":
      return "mapping";
    case "integer":
      return "whole number";
    case "string":
      return "text";
    default:
      return typeof schema.type === "string" ? schema.type : "anything";
  }
}
