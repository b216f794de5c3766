/** `npm run bench [-- NAME…]`: every benchmark, or those named. Prints Markdown tables of ratios. */
import { benches } from "./index.ts";

const wanted = process.argv.slice(2);
console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}: compare the ratios, not the times.`);
for (const [name, load] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { bench } = await load();
  await bench();
}
