import { nearestNames } from "../../core/nearest.ts";
import { Cursor } from "./cursor.ts";
import { parseDefinition, parseFunction, skipGates, startsDefinition } from "./items.ts";
import {
  emptyPackage,
  emptyScope,
  type External,
  type InterfaceNode,
  type PackageNode,
  type Scope,
  type UseNode,
  type WorldNode,
} from "./syntax.ts";

/** Words that can begin an item at the top of a text, for the hint. */
const topWords = [
  "package",
  "interface",
  "world",
  "use",
  "record",
  "variant",
  "enum",
  "flags",
  "type",
  "resource",
  "export",
];

/** Reads a whole text: the part outside of packages first, then each package written with braces. */
export function parsePackages(text: string): PackageNode[] {
  const cursor = new Cursor(text);
  const root = emptyPackage();
  const packages = [root];
  while (cursor.peek().kind !== "end") {
    if (cursor.accept(";")) continue;
    skipGates(cursor);
    if (cursor.sees("package") && !cursor.sees(":", 1)) parsePackage(cursor, root, packages);
    else parseTopItem(cursor, root);
  }
  return packages;
}

function parsePackage(cursor: Cursor, root: PackageNode, packages: PackageNode[]): void {
  cursor.expect("package");
  const name = `${cursor.word("a package name such as acme:math").text}${parsePackageRest(cursor)}`;
  const version = parseVersion(cursor);
  if (cursor.accept("{")) {
    const inner = { ...emptyPackage(), name, version };
    packages.push(inner);
    cursor.nested(() => {
      while (!cursor.accept("}")) {
        if (cursor.accept(";")) continue;
        skipGates(cursor);
        parseTopItem(cursor, inner);
      }
    });
    return;
  }
  if (cursor.peek().kind !== "end") cursor.expect(";", ' or "{"');
  root.name = name;
  root.version = version;
}

function parsePackageRest(cursor: Cursor): string {
  let rest = `${cursor.expect(":").text}${cursor.word("a package name").text}`;
  while (cursor.sees(":") || cursor.sees("/")) rest += `${cursor.next().text}${cursor.word("a package name").text}`;
  return rest;
}

function parseVersion(cursor: Cursor): string {
  if (!cursor.accept("@")) return "";
  if (cursor.peek().kind !== "number") cursor.fail("a version such as 1.2.3");
  return cursor.next().text;
}

/** In the short form functions and types stand at the top, with or without `export`. */
function parseTopItem(cursor: Cursor, into: PackageNode): void {
  const isFunction = cursor.sees(":", 1);
  if (!isFunction && cursor.sees("interface")) {
    cursor.next();
    into.interfaces.push(parseInterface(cursor, cursor.word("an interface name").text));
  } else if (!isFunction && cursor.sees("world")) {
    cursor.next();
    into.worlds.push(parseWorld(cursor, cursor.word("a world name").text));
  } else if (!isFunction && cursor.sees("export") && cursor.peek(1).kind === "word") {
    cursor.next();
    into.functions.push(parseFunction(cursor));
  } else parseScopeItem(cursor, into);
}

function parseScopeItem(cursor: Cursor, into: Scope): void {
  if (cursor.sees("use") && !cursor.sees(":", 1)) parseUse(cursor, into.uses);
  else if (startsDefinition(cursor)) into.definitions.push(parseDefinition(cursor));
  else if (cursor.peek().kind === "word" && cursor.sees(":", 1)) into.functions.push(parseFunction(cursor));
  else {
    const [nearest] = nearestNames(cursor.peek().text, topWords, 1);
    cursor.fail(
      "a function such as `name: func(x: u32) -> u32;`, a type or an interface",
      nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    );
  }
}

function parseInterface(cursor: Cursor, name: string): InterfaceNode {
  const at = cursor.peek().at;
  const scope = emptyScope();
  cursor.expect("{");
  cursor.nested(() => {
    while (!cursor.accept("}")) {
      if (cursor.accept(";")) continue;
      skipGates(cursor);
      parseScopeItem(cursor, scope);
    }
  });
  return { ...scope, name, at };
}

function parseWorld(cursor: Cursor, name: string): WorldNode {
  const world: WorldNode = { ...emptyScope(), name, at: cursor.peek().at, imports: [], exports: [] };
  cursor.expect("{");
  cursor.nested(() => {
    while (!cursor.accept("}")) {
      if (cursor.accept(";")) continue;
      skipGates(cursor);
      if (cursor.accept("import")) world.imports.push(parseExternal(cursor));
      else if (cursor.accept("export")) world.exports.push(parseExternal(cursor));
      else if (cursor.sees("include")) skipInclude(cursor);
      else parseScopeItem(cursor, world);
    }
  });
  return world;
}

function parseExternal(cursor: Cursor): External {
  const isNamed = cursor.sees(":", 1);
  if (isNamed && cursor.sees("interface", 2)) {
    const name = cursor.next().text;
    cursor.next();
    cursor.next();
    return { kind: "interface", node: parseInterface(cursor, name) };
  }
  if (isNamed && (cursor.sees("func", 2) || cursor.sees("async", 2))) {
    return { kind: "function", node: parseFunction(cursor) };
  }
  const at = cursor.peek().at;
  const path = parsePath(cursor);
  cursor.endItem();
  return { kind: "path", path, at };
}

/** `types`, or `acme:math/types@1.0.0`. */
function parsePath(cursor: Cursor): string {
  let path = cursor.word("the name of an interface").text;
  while (cursor.sees(":") || cursor.sees("/"))
    path += `${cursor.next().text}${cursor.word("the name of an interface").text}`;
  const version = parseVersion(cursor);
  return version === "" ? path : `${path}@${version}`;
}

function parseUse(cursor: Cursor, into: UseNode[]): void {
  const at = cursor.expect("use").at;
  const path = parsePath(cursor);
  if (cursor.accept(".")) {
    cursor.expect("{");
    const names = cursor.list("}", () => {
      const token = cursor.word("the name of a type");
      const as = cursor.accept("as") ? cursor.word("a name").text : token.text;
      return { name: token.text, as, at: token.at };
    });
    into.push({ path, names, at });
  } else if (cursor.accept("as")) cursor.word("a name");
  cursor.endItem();
}

/** What another world brings in is not in this text's functions unless its interfaces are. */
function skipInclude(cursor: Cursor): void {
  cursor.expect("include");
  parsePath(cursor);
  if (cursor.accept("with")) {
    cursor.expect("{");
    cursor.list("}", () => {
      cursor.word("a name");
      cursor.expect("as");
      return cursor.word("a name");
    });
    return;
  }
  cursor.endItem();
}
