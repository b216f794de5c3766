import type { Definition } from "../types/shape.ts";
import type { Cursor, Cut, Declaration } from "./cursor.ts";
import { readDeclaration } from "./shapes.ts";

/** What stands in the place of declared types: values where the program uses their names as such, else nothing. */
export function typeValues(cursor: Cursor): Cut[] {
  const blank = cursor.declarations.map(({ start, end }) => ({ start, end, text: "" }));
  // A name that is also a variable's is that variable.
  const declarations = cursor.declarations.filter(({ name }) => !cursor.variables.has(name));
  if (declarations.length === 0) return blank;
  const firstUse = new Map<string, number>();
  for (const { text, start } of cursor.names().toReversed()) firstUse.set(text, start);
  const result = chunkResult(cursor);
  const isUsed = ({ name, isExported }: Declaration) => firstUse.has(name) || (isExported && result !== undefined);
  const used = new Map(declarations.filter(isUsed).map((declaration) => [declaration, valueOf(cursor, declaration)]));
  const early = new Set([...used.keys()].filter(({ name, start }) => (firstUse.get(name) ?? Infinity) < start));
  const statements = cursor.declarations.map((declaration) => {
    const { name, start, end } = declaration;
    const value = used.get(declaration);
    if (value === undefined || (early.has(declaration) && value.outside.length === 0)) return { start, end, text: "" };
    return { start, end, text: `${early.has(declaration) ? "" : "local "}${name}=${value.text}` };
  });
  return [...prologue(cursor, used, early), ...statements, ...exporting([...used.keys()], result)];
}

/** Functions above a declaration may use it: the variable is made before, and has its value if that needs no other. */
function prologue(
  { source }: Cursor,
  used: ReadonlyMap<Declaration, TypeValue>,
  early: ReadonlySet<Declaration>,
): Cut[] {
  const texts = [...early].map((declaration) => {
    const { text, outside } = used.get(declaration) ?? { text: "nil", outside: [] };
    return outside.length === 0 ? `local ${declaration.name}=${text} ` : `local ${declaration.name} `;
  });
  const start = source.startsWith("#") ? Math.max(0, source.indexOf("\n")) : 0;
  return texts.length === 0 ? [] : [{ start, end: start, text: texts.join("") }];
}

interface TypeValue {
  /** The expression. */
  readonly text: string;
  /** The values of the program that it refers to. */
  readonly outside: readonly string[];
}

function valueOf(cursor: Cursor, { name }: Declaration): TypeValue {
  const outside: string[] = [];
  const definitions: Record<string, Definition> = {};
  const known = new Map(cursor.declarations.map((declaration) => [declaration.name, declaration]));
  const wanted = [name];
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const declaration = known.get(next);
    if (declaration === undefined || Object.hasOwn(definitions, next)) continue;
    definitions[next] = readDeclaration(cursor.source.slice(declaration.start, declaration.end), {
      isDeclared: (other) => {
        if (!known.has(other)) return false;
        wanted.push(other);
        return true;
      },
      outside: (path) => (outside.includes(path) ? outside.indexOf(path) : outside.push(path) - 1),
    });
  }
  const description = JSON.stringify(JSON.stringify({ name, definitions }));
  const args = [description, ...outside.map(pathExpression)].join(",");
  return { text: `__types.declared(${args})`, outside };
}

/** `a.b.c`, nil when one of these is. */
function pathExpression(path: string): string {
  const names = path.split(".");
  return names.map((_, i) => names.slice(0, i + 1).join(".")).join(" and ");
}

/** The expressions of the chunk's own `return`: nothing but semicolons comes after it. */
function chunkResult(cursor: Cursor): Cursor["returned"] {
  const { returned } = cursor;
  return returned !== undefined && cursor.isAtEnd(returned.end) ? returned : undefined;
}

/** Has the chunk's result take the types that are declared with `export`. */
function exporting(used: readonly Declaration[], result: Cursor["returned"]): Cut[] {
  const exported = used.filter(({ isExported }) => isExported);
  if (exported.length === 0 || result === undefined) return [];
  const { start, end } = result;
  const types = exported.map(({ name }) => `${name}=${name}`).join(",");
  return [
    { start, end: start, text: `__types.exported({${types}},` },
    { start: end, end, text: ")" },
  ];
}
