import { InvalidModuleError } from "../../binary/invalid-module.ts";
import type { Item } from "./tree.ts";

/** Words of one case each, divided by hyphens; only the first may not begin with a digit. */
const label = "(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*";
const words = "[a-z][0-9a-z]*(?:-[0-9a-z]+)*";
/** A version (https://semver.org), whose numbers have no leading zeros. */
const number = "(?:0|[1-9][0-9]*)";
const identifier = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
const version = `${number}\\.${number}\\.${number}(?:-${identifier}(?:\\.${identifier})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
/** What of a version tells whether another one is compatible. */
const canonicalVersion = "[1-9][0-9]*|0\\.[1-9][0-9]*|0\\.0\\.[1-9][0-9]*";
const packageName = `(?:${words}:)+${words}(?:/${label})*`;
const digest = "sha(?:256|384|512)-[0-9A-Za-z+/]+={0,2}(?:\\?[!-;=?-~]*)?";
const hash = `integrity=<${digest}(?: +${digest})*>`;

const labelName = new RegExp(`^${label}$`);
const plain = new RegExp(
  `^(?:\\[async\\])?(?:${label}|\\[constructor\\]${label}|\\[(?:async )?(?:method|static)\\]${label}\\.${label})$`,
);
const interfaceName = new RegExp(`^(?:${words}:)+${words}(?:/${label})+(?:@(?:${version}|${canonicalVersion}))?$`);
/** Names by which only imports can be. */
const dependencies = [
  new RegExp(`^locked-dep=<${packageName}(?:@${version})?>(?:,${hash})?$`),
  new RegExp(`^unlocked-dep=<${packageName}(?:@(?:\\*|\\{(?:>=${version}(?: <${version})?|<${version})\\}))?>$`),
  new RegExp(`^url=<[^<>]*>(?:,${hash})?$`),
  new RegExp(`^${hash}$`),
];

/** Whether a word may be the name of a parameter, field, case or flag. */
export function isLabel(name: string): boolean {
  return labelName.test(name);
}

/**
 * Whether a component may import or export something under a name.
 * Source: Component Model, "Import and Export Definitions" (https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md).
 */
function isExternName(kind: "import" | "export", name: string): boolean {
  if (plain.test(name) || interfaceName.test(name)) return true;
  return kind === "import" && dependencies.some((form) => form.test(name));
}

/**
 * Two names that are the same but for case and hyphens stand for one thing in some language, so they may not stand side
 * by side. Versions are compared as they are.
 */
function uniqueForm(name: string): string {
  const [bare = "", ...version] = name
    .replace(/^\[(?:async )?(?:method|static)\]/, "")
    .replace(/^\[async\]/, "")
    .split(/(?=@)/);
  return uniqueLabel(bare) + version.join("");
}

/** A label without what does not make it another one. */
export function uniqueLabel(label: string): string {
  return label.toLowerCase().replaceAll("-", "");
}

/**
 * Checks that names are names, and that no two are too much alike.
 * @throws InvalidModuleError
 */
export function checkUnique(
  kind: "import" | "export",
  names: Iterable<{ readonly name: string; readonly at: number }>,
): void {
  const seen = new Map<string, string>();
  for (const { name, at } of names) {
    if (!isExternName(kind, name)) throw new InvalidModuleError(`"${name}" is no name of an ${kind}`, at);
    const form = uniqueForm(name);
    // `a.a` is nothing beside `a`, but both are the constructor of a class in some languages.
    const [, same] = /^([^.]+)\.\1$/.exec(form) ?? [];
    const other = seen.get(form) ?? (same === undefined ? undefined : seen.get(same));
    if (other !== undefined) {
      const how = other === name ? `"${name}" is there twice` : `"${other}" and "${name}" are too much alike`;
      throw new InvalidModuleError(`among the ${kind}s, ${how}`, at);
    }
    seen.set(form, name);
    if (same !== undefined) seen.set(same, name);
  }
}

/**
 * Checks the names of everything that a component and those inside of it import and export.
 * @throws InvalidModuleError for a name that is none, or that another one is too much like.
 */
export function checkExternNames(items: readonly Item[]): void {
  checkUnique(
    "import",
    items.filter((item) => item.kind === "import"),
  );
  checkUnique(
    "export",
    items.filter((item) => item.kind === "export"),
  );
  for (const item of items) {
    if (item.kind === "component") checkExternNames(item.items);
    if (item.kind === "type" && (item.type.kind === "component" || item.type.kind === "instance")) {
      checkExternNames(item.type.items);
    }
  }
}
