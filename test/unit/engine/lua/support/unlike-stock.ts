/** Tests of the engine that stock fengari cannot pass, by reason. */
export const unlikeStock: readonly { readonly reason: string; readonly tests: readonly string[] }[] = [
  {
    reason: "its integers have 32 bits; larger ones are floats",
    tests: ["integers of 64 bits cross whole", "payloads cross as what they hold, errors inside of values whole"],
  },
  {
    reason: "it cannot stop inside a callback of sort or gsub",
    tests: ["works inside the callbacks of sort and gsub"],
  },
  {
    reason: "its table library and next write past what keeps tables from changes",
    tests: [
      "leads nowhere: removing while walking a library",
      "leads nowhere: table.move into a library",
      "leads nowhere: table.sort of a library",
    ],
  },
  {
    reason: "a full stack ends in errors of JavaScript there, whose depth is nobody's limit",
    tests: [
      "runaway recursion is a failure",
      "an overflow that nobody catches has its code and its place",
      "the depth can be limited",
      "can be caught, and the program goes on: an error in an error handler",
      "can be caught, and the program goes on: comparison by metamethods",
      "can be caught, and the program goes on: concatenation by metamethods",
      "can be caught, and the program goes on: recursion",
      "can be caught, and the program goes on: recursion through gsub",
      "can be caught, and the program goes on: recursion through metamethods",
      "can be caught, and the program goes on: recursion through pcall",
      "can be caught, and the program goes on: recursion through sort",
      "can be caught, and the program goes on: recursion through tostring",
    ],
  },
  {
    reason: "an error in a handler ends its coroutine with the handler as the error",
    tests: ["the handler of xpcall that waits is an error of the handler"],
  },
  {
    reason: "its code remembers the last function made of it",
    tests: ["code that is kept keeps nothing of a run that has ended"],
  },
  { reason: "it counts no coroutines", tests: ["the number of coroutines is limited"] },
];

/** Files of tests that stock fengari has nothing for. */
export const withoutStock: Readonly<Record<string, string>> = {
  limits: "it counts neither loops nor bytes",
  slices: "a program that spins cannot be stopped there: its hooks end with the first caught error",
  "warm-up": "a warm-up runs in slices, which it has not",
  typed: "its integers have 32 bits",
  check: "asks the compiler and the eraser, which both share",
  stock: "is about the two beside each other",
  both: "is what runs them",
};
