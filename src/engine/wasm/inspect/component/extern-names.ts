import { InvalidModuleError } from "../../binary/invalid-module.ts";
import type { Item } from "./tree.ts";

/** Words of one case each, divided by hyphens; only the first may not begin with a digit. */
const label = "(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*";
const words = "[a-z][0-9a-z]*(?:-[0-9a-z]+)*";
const plain = new RegExp(
  `^(?:\\[async\\])?(?:${label}|\\[constructor\\]${label}|\\[(?:async )?(?:method|static)\\]${label}\\.${label})$`,
);
const interfaceName = new RegExp(`^(?:${words}:)+${words}(?:/${label})*(?:@[0-9A-Za-z.+-]+)?$`);
const dependency = /^(?:unlocked-dep|locked-dep|url|relative-url|integrity)=<[^<>]*>/;

/**
 * Whether a component may import or export something under a name.
 * Source: Component Model, "Import and Export Definitions" (https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md).
 */
function isExternName(name: string): boolean {
  return plain.test(name) || interfaceName.test(name) || dependency.test(name);
}

/** Two names that are the same but for this stand for one thing in languages without case, so they may not stand side by side. */
function uniqueForm(name: string): string {
  // `a` and its constructor are two things; `[method]a.b` and `[static]a.b` are not.
  const bare = name.replace(/^\[(?:async )?(?:method|static)\]/, "").replace(/^\[async\]/, "");
  return bare.toLowerCase();
}

/**
 * Checks the names of everything that a component and those inside of it import and export.
 * @throws InvalidModuleError for a name that is none, or that another one is too much like.
 */
export function checkExternNames(items: readonly Item[]): void {
  const seen = { import: new Map<string, string>(), export: new Map<string, string>() };
  for (const item of items) {
    if (item.kind === "component") checkExternNames(item.items);
    if (item.kind === "type" && (item.type.kind === "component" || item.type.kind === "instance")) {
      checkExternNames(item.type.items);
    }
    if (item.kind !== "import" && item.kind !== "export") continue;
    const { kind, name, at } = item;
    if (!isExternName(name)) throw new InvalidModuleError(`"${name}" is no name of an ${kind}`, at);
    const other = seen[kind].get(uniqueForm(name));
    if (other !== undefined) {
      const same = other === name ? `"${name}" is there twice` : `"${other}" and "${name}" are too much alike`;
      throw new InvalidModuleError(`among the ${kind}s, ${same}`, at);
    }
    seen[kind].set(uniqueForm(name), name);
  }
}
