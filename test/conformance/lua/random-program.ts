/**
 * Writes a Lua program out of a list of numbers, so that a property test can make and shrink programs. Every program ends: loops
 * are counted, functions call only those before them. It prints through `out`, which shows values alike on all interpreters.
 */
export interface Breadth {
  /** `small` stays where integers of 32 bits and floats as JavaScript shows them agree with Lua's. */
  readonly numbers: "small" | "full";
}

/** The program that the numbers choose. */
export function randomProgram(choices: readonly number[], breadth: Breadth): string {
  return new Writer(choices, breadth).program();
}

const helpers = `
local function show(v)
  if math.type(v) == "integer" then return ("%d"):format(v) end
  if math.type(v) == "float" then
    if v ~= v then return "nan" end
    if v == 1 / 0 then return "inf" end
    if v == -1 / 0 then return "-inf" end
    if v == 0 then return "0f" end
    return ("%.14g"):format(v) .. "f"
  end
  if type(v) == "string" then return '"' .. v .. '"' end
  if type(v) ~= "table" then return type(v) == "boolean" and tostring(v) or type(v) end
  local items = {}
  for k, x in pairs(v) do items[#items + 1] = tostring(k) .. "=" .. (type(x) == "table" and "table" or show(x)) end
  table.sort(items)
  return "{" .. table.concat(items, ",") .. "}"
end
local lines = 0
local function out(...)
  lines = lines + 1
  if lines > 300 then return end
  local items = table.pack(...)
  for i = 1, items.n do items[i] = show(items[i]) end
  print(table.concat(items, " "))
end
local a, b, c, x, s, t, T, U = 1, 2, 3, 1.5, "one", "two", { 1, 2, 3 }, { k = 1 }
`;

const smallIntegers = ["0", "1", "2", "3", "-1", "-2", "7", "10", "100", "255", "-37"];
const largeIntegers = [
  "math.maxinteger",
  "math.mininteger",
  "9007199254740991",
  "9007199254740993",
  "0x7fffffff",
  "0xffffffff",
  "-0x80000000",
  "4611686018427387904",
  "1 << 53",
  "-9007199254740992",
];
const smallFloats = ["0.5", "1.5", "-2.25", "3.0", "10.75"];
const largeFloats = ["2^53", "1e15", "-2^63", "1e100", "1/0", "0.1", "-0.0", "2^31"];
const strings = [
  `""`,
  `"a"`,
  `"b"`,
  `"ab"`,
  `"xyz"`,
  `"10"`,
  `"0x1f"`,
  `"k"`,
  `" 7 "`,
  String.raw`"\200\201"`,
  `"%d+"`,
];
const patterns = [`"%w"`, `"a*"`, `"(%w)(%w?)"`, `"^."`, `"[b-y]"`, `"%d+"`, `"()"`, `".-b"`, `"%f[%w]"`];

class Writer {
  readonly #choices: readonly number[];
  readonly #isFull: boolean;
  #at = 0;
  #functions = 0;
  #loops = 0;

  constructor(choices: readonly number[], { numbers }: Breadth) {
    this.#choices = choices;
    this.#isFull = numbers === "full";
  }

  program(): string {
    const body: string[] = [helpers];
    while (this.#at < this.#choices.length) body.push(this.#statement(0));
    body.push("out(a, b, c, x, s, t, T, U)");
    return body.join("\n");
  }

  /** A number below `count`; 0 when the choices are used up, so that everything comes to an end. */
  #pick(count: number): number {
    const choice = this.#choices[this.#at] ?? 0;
    this.#at += 1;
    return choice % count;
  }

  #one<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[this.#pick(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }

  #statement(depth: number): string {
    const simple = [
      () => `${this.#one(["a", "b", "c"])} = ${this.#kept(this.#integer(2))}`,
      () => `x = ${this.#isFull ? this.#number(2) : `math.floor((${this.#number(1)}) * 4) / 4 % 1000`}`,
      () => `${this.#one(["s", "t"])} = (${this.#text(2)}):sub(1, 30)`,
      () => `out(${this.#any(2)}, ${this.#any(1)})`,
      () => `out(${this.#condition(2)})`,
      // T stays without holes: where a sequence with holes ends is not said.
      () => `T[${this.#one(["#T + 1", "#T"])}] = ${this.#one(["a", "s", "nil", "x", "true"])}`,
      () => `U[${this.#one(["s", "t", "a", "true", "c", "b % 5", "2.0", "x"])}] = ${this.#one(["b", "T", "nil", "t"])}`,
      () => `out(pcall(function() return ${this.#risky()} end))`,
      () => this.#tables(),
    ];
    const nested = [
      () => this.#branch(depth),
      () => this.#loop(depth),
      () => this.#closure(depth),
      () => this.#guarded(depth),
    ];
    return this.#one(depth < 3 ? [...simple, ...simple, ...nested] : simple)();
  }

  #block(depth: number): string {
    const count = 1 + this.#pick(3);
    return Array.from({ length: count }, () => this.#statement(depth + 1)).join("\n");
  }

  #branch(depth: number): string {
    return `if ${this.#condition(2)} then\n${this.#block(depth)}\nelse\n${this.#block(depth)}\nend`;
  }

  #loop(depth: number): string {
    this.#loops += 1;
    const name = `i${this.#loops}`;
    const head = this.#one([
      `for ${name} = 1, ${1 + this.#pick(4)} do`,
      `for ${name} = 5, 1, -2 do`,
      `for ${name} = 1.0, 2.5, 0.5 do`,
      `for _, ${name} in ipairs(T) do if ${name} == nil or #T > 12 then break end`,
      `local ${name} = 0 while ${name} < 3 do ${name} = ${name} + 1`,
    ]);
    const skip = this.#pick(3) === 0 ? `if ${this.#condition(1)} then goto next${this.#loops} end` : "";
    const label = skip === "" ? "" : `::next${this.#loops}::`;
    return `do ${head}\ndo ${skip}\n${this.#block(depth)}\nend ${label} end out("loop", a) end`;
  }

  #closure(depth: number): string {
    this.#functions += 1;
    const name = `f${this.#functions}`;
    const body = this.#block(depth);
    const result = this.#one(["p", "p, q", "q", "a, ...", "select('#', ...)", "{p, q}"]);
    const calls = [
      `out(${name}(${this.#any(1)}, ${this.#any(1)}))`,
      `out(pcall(${name}, ${this.#any(1)}))`,
      `local co = coroutine.wrap(function(...) coroutine.yield(1) return ${name}(...) end) out(co(a)) out(pcall(co, s))`,
    ];
    return `do local n = 0 local function ${name}(p, q, ...)\nn = n + 1 if n > 3 then return n end\n${body}\nreturn ${result} end\n${this.#one(calls)} out(n) end`;
  }

  #guarded(depth: number): string {
    const raise = this.#one([
      `error("raised")`,
      `error({ a }, 0)`,
      `error(s, 0)`,
      "",
      `local _ = nil + a`,
      `T.none.x = 1`,
    ]);
    return `out(pcall(function()\n${this.#block(depth)}\n${raise}\nend))`;
  }

  #tables(): string {
    return this.#one([
      "table.insert(T, a)",
      "out(table.remove(T))",
      "out(#T <= 1000 and table.concat({ a, s, t, b }, ','))",
      "T = { a, b, c, k = s }",
      "U = setmetatable({}, { __index = T, __add = function(p, q) return 'added' end, __lt = function() return true end })",
      "do local k = { c, a, b, 4, 2 } table.sort(k) out(table.unpack(k)) end",
      "out(table.unpack({ a, s, nil, b }, 1, 4))",
      "T = table.move({ a, b, c }, 1, 3, 2, { s })",
      "out(next({ s }))",
    ]);
  }

  /** Keeps an integer small enough where that matters. */
  #kept(expression: string): string {
    return this.#isFull ? expression : `(${expression}) % 1009`;
  }

  #integer(depth: number): string {
    if (depth === 0 || this.#pick(4) === 0) {
      return this.#one([...smallIntegers, "a", "b", "c", "#T", "#s", ...(this.#isFull ? largeIntegers : [])]);
    }
    const [left, right] = [this.#integer(depth - 1), this.#integer(depth - 1)];
    const full = ["<<", ">>", "~", "//", "%"];
    const operator = this.#one(["+", "-", "*", "&", "|", ...(this.#isFull ? full : [])]);
    if (operator === "//" || operator === "%") return `((${left}) ${operator} ((${right}) | 1))`;
    return operator === "*" && !this.#isFull
      ? `((${left}) % 100 * ((${right}) % 100))`
      : `((${left}) ${operator} (${right}))`;
  }

  #number(depth: number): string {
    if (depth === 0 || this.#pick(4) === 0) {
      return this.#one([...smallFloats, "x", "a", "b", ...(this.#isFull ? largeFloats : [])]);
    }
    const operator = this.#one(["+", "-", "*", ...(this.#isFull ? ["/", "//", "%"] : [])]);
    return `((${this.#number(depth - 1)}) ${operator} (${this.#number(depth - 1)}))`;
  }

  #text(depth: number): string {
    if (depth === 0 || this.#pick(3) === 0) return this.#one([...strings, "s", "t"]);
    return this.#one([
      () => `(${this.#text(depth - 1)} .. ${this.#text(depth - 1)})`,
      () => `(${this.#text(depth - 1)} .. ${this.#kept(this.#integer(1))})`,
      () => `(${this.#text(depth - 1)}):rep(${this.#pick(3)})`,
      () => `(${this.#text(depth - 1)}):upper()`,
      () => `(${this.#text(depth - 1)}):reverse()`,
      () =>
        `((${this.#text(depth - 1)}):gsub(${this.#one(patterns)}, ${this.#one([`"%0-"`, `"<%1>"`, `""`, "{ a = 'A', b = false }"])}))`,
      () => `(${this.#text(depth - 1)}):sub(${this.#one(["1", "-2", "2"])}, ${this.#one(["1", "-1", "3"])})`,
      () => `("%s|%5d"):format(${this.#text(depth - 1)}, ${this.#isFull ? "a" : "a % 100"})`.replace("%5d", "%d"),
    ])();
  }

  #condition(depth: number): string {
    return this.#one([
      () => `${this.#integer(1)} ${this.#one(["<", "<=", "==", "~=", ">", ">="])} ${this.#number(1)}`,
      () => `${this.#text(1)} ${this.#one(["<", "<=", "==", "~="])} ${this.#text(1)}`,
      () => `T[${this.#one(["a", "s", "1"])}]`,
      () => `not (${depth > 0 ? this.#condition(depth - 1) : "a"})`,
      () => `(${depth > 0 ? this.#condition(depth - 1) : "x"} and ${this.#any(0)} or ${this.#any(0)})`,
      () => `(${this.#text(1)}):find(${this.#one(patterns)})`,
    ])();
  }

  #any(depth: number): string {
    return this.#one([
      () => this.#kept(this.#integer(depth)),
      () => this.#text(depth),
      () => this.#one(["x", "T", "U", "nil", "true", "a == b", "T[1]", "U.k", "#T"]),
      () => `tonumber(${this.#text(1)})`,
      () => `(${this.#text(1)}):match(${this.#one(patterns)})`,
      () => `math.type(${this.#one(["a", "x", "a + 1", "a // 1"])})`,
    ])();
  }

  /** An expression that often raises. */
  #risky(): string {
    return this.#one([
      "a.b.c",
      "s + 1",
      "T + 1",
      "#a",
      "a < s",
      "T < U",
      "nil .. s",
      "U()",
      "s:none()",
      "U + a",
      "(a | 0) // 0",
      "a % 0",
      "T.x.y",
      "('x'):rep(-1)",
      "error()",
      "setmetatable(1, {})",
      "ipairs()",
      "select(-5, 1)",
      "undefined(1)",
      "x | 1",
      "tostring()",
      "table.concat({ {} })",
      "math.floor({})",
      "assert(false, s)",
      "assert(nil)",
    ]);
  }
}
