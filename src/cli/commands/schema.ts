import { writeFile } from "node:fs/promises";
import { exitCodes, type Command } from "../contract.ts";

export const schema: Command = {
  name: "schema",
  aliases: [],
  group: "Make",
  summary: "print the JSON Schema of _index.yaml, for editors",
  description:
    "Prints the JSON Schema of _index.yaml files, with every kind and field. An editor that finds this line at the top of a file " +
    "completes and checks it:\n\n  # yaml-language-server: $schema=./index.schema.json",
  arguments: [],
  options: [{ flags: "--out <file>", summary: "write it to a file instead" }],
  examples: [{ line: "weft schema --out registry/index.schema.json", does: "next to the registry's _index.yaml" }],
  passesOptions: false,
  async run(input, screen) {
    const text = await schemaText();
    const out = input.text("out");
    if (out === undefined) process.stdout.write(text);
    else {
      await writeFile(out, text);
      screen.result({ file: out }, () => `wrote ${out}`);
    }
    return exitCodes.ok;
  },
};

/** The JSON Schema of `_index.yaml`, as text. */
export async function schemaText(): Promise<string> {
  const [{ indexSchema }, { kinds }] = await Promise.all([
    import("../../registry/schema.ts"),
    import("../../kinds/index.ts"),
  ]);
  return `${JSON.stringify(indexSchema(kinds), null, 2)}\n`;
}
