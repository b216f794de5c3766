/** Weft as a library: boot an app, call its entries, handle their errors. Run with `node examples/embed/main.ts`. */
import { fileURLToPath } from "node:url";
import { createRuntime, WeftError } from "../../src/index.ts";

await using runtime = await createRuntime({ app: fileURLToPath(new URL("../user-pipeline", import.meta.url)) });

const users = [{ id: 1, name: "Alice", tags: ["admin"], active: true }];
console.log(await runtime.call("users:transform", users));

try {
  await runtime.call("users:transform", [{ ...users[0], tags: [7] }]);
} catch (error) {
  if (!(error instanceof WeftError)) throw error;
  console.log(`${error.code} (${error.kind}): ${error.message}`);
}

console.log(await runtime.callWith("users:pipeline", ["2,Bob,ops,yes"], { timeoutMs: 2_000 }));
