import { describe, expect, test } from "vitest";
import { testEngine } from "./support/run.ts";

/** All conversions of PUC Lua 5.3.6 for some moments, in UTC. */
const format =
  "%a|%A|%b|%B|%c|%C|%d|%D|%e|%F|%g|%G|%h|%H|%I|%j|%m|%M|%p|%r|%R|%S|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%z|%Z|%%";
const asInLua53: readonly (readonly [seconds: number, shown: string])[] = [
  [
    0,
    "Thu|Thursday|Jan|January|Thu Jan  1 00:00:00 1970|19|01|01/01/70| 1|1970-01-01|70|1970|Jan|00|12|001|01|00|AM|12:00:00 AM|00:00|00|00:00:00|4|00|01|4|00|01/01/70|00:00:00|70|1970|+0000|GMT|%",
  ],
  [
    1732153200,
    "Thu|Thursday|Nov|November|Thu Nov 21 01:40:00 2024|20|21|11/21/24|21|2024-11-21|24|2024|Nov|01|01|326|11|40|AM|01:40:00 AM|01:40|00|01:40:00|4|46|47|4|47|11/21/24|01:40:00|24|2024|+0000|GMT|%",
  ],
  [
    951782400,
    "Tue|Tuesday|Feb|February|Tue Feb 29 00:00:00 2000|20|29|02/29/00|29|2000-02-29|00|2000|Feb|00|12|060|02|00|AM|12:00:00 AM|00:00|00|00:00:00|2|09|09|2|09|02/29/00|00:00:00|00|2000|+0000|GMT|%",
  ],
  [
    4102444799,
    "Thu|Thursday|Dec|December|Thu Dec 31 23:59:59 2099|20|31|12/31/99|31|2099-12-31|99|2099|Dec|23|11|365|12|59|PM|11:59:59 PM|23:59|59|23:59:59|4|52|53|4|52|12/31/99|23:59:59|99|2099|+0000|GMT|%",
  ],
  [
    -86400,
    "Wed|Wednesday|Dec|December|Wed Dec 31 00:00:00 1969|19|31|12/31/69|31|1969-12-31|70|1970|Dec|00|12|365|12|00|AM|12:00:00 AM|00:00|00|00:00:00|3|52|01|3|52|12/31/69|00:00:00|69|1969|+0000|GMT|%",
  ],
  [
    1419984000,
    "Wed|Wednesday|Dec|December|Wed Dec 31 00:00:00 2014|20|31|12/31/14|31|2014-12-31|15|2015|Dec|00|12|365|12|00|AM|12:00:00 AM|00:00|00|00:00:00|3|52|01|3|52|12/31/14|00:00:00|14|2014|+0000|GMT|%",
  ],
  [
    1451606400,
    "Fri|Friday|Jan|January|Fri Jan  1 00:00:00 2016|20|01|01/01/16| 1|2016-01-01|15|2015|Jan|00|12|001|01|00|AM|12:00:00 AM|00:00|00|00:00:00|5|00|53|5|00|01/01/16|00:00:00|16|2016|+0000|GMT|%",
  ],
  [
    1293840000,
    "Sat|Saturday|Jan|January|Sat Jan  1 00:00:00 2011|20|01|01/01/11| 1|2011-01-01|10|2010|Jan|00|12|001|01|00|AM|12:00:00 AM|00:00|00|00:00:00|6|00|52|6|00|01/01/11|00:00:00|11|2011|+0000|GMT|%",
  ],
  [
    978307200,
    "Mon|Monday|Jan|January|Mon Jan  1 00:00:00 2001|20|01|01/01/01| 1|2001-01-01|01|2001|Jan|00|12|001|01|00|AM|12:00:00 AM|00:00|00|00:00:00|1|00|01|1|01|01/01/01|00:00:00|01|2001|+0000|GMT|%",
  ],
];

describe("os.date", () => {
  test.each(asInLua53)("shows %i as Lua does", async (seconds, shown) => {
    expect(await testEngine().run(`return os.date("!${format}", ${seconds})`)).toBe(shown);
  });

  test.each(["%", "%Q", "%E", "%Ez", "%Ox", "%5"])("refuses the conversion %s", async (conversion) => {
    const { message } = await testEngine().fail(`return os.date("${conversion}", 0)`);
    expect(message).toMatch(/invalid conversion specifier/);
  });

  test("gives a table, of UTC too", async () => {
    expect(await testEngine().run("return os.date('!*t', 1000000000)")).toEqual({
      year: 2001,
      month: 9,
      day: 9,
      hour: 1,
      min: 46,
      sec: 40,
      wday: 1,
      yday: 252,
      isdst: false,
    });
  });

  test.each([
    ["os.date('%Y', 0.5)", "number has no integer representation"],
    ["os.date('%Y', 1e15)", "cannot be represented"],
    ["os.date(('%c'):rep(1e6))", "format too long"],
  ])("refuses %s", async (call, message) => {
    expect((await testEngine().fail(`return ${call}`)).message).toContain(message);
  });
});

describe("os.time", () => {
  test("is the other way round", async () => {
    const there = "local t = os.date('*t', 1700000000) return os.time(t)";
    expect(await testEngine().run(there)).toBe(1_700_000_000);
    expect(await testEngine().run("return os.time() - os.time(os.date('*t')) < 2")).toBe(true);
  });

  test("puts the fields right that it was given", async () => {
    const source =
      "local t = { year = 2020, month = 14, day = 35, hour = 0 } os.time(t) return { t.year, t.month, t.day, t.yday, t.wday }";
    expect(await testEngine().run(source)).toEqual([2021, 3, 7, 66, 1]);
  });

  test.each([
    ["{}", "field 'day' missing in date table"],
    ["{ year = 2020, month = 'x', day = 1 }", "field 'month' is not an integer"],
    ["{ year = 2020, month = 1.5, day = 1 }", "field 'month' is not an integer"],
    ["{ year = 1e18, month = 1, day = 1 }", "field 'year' is out-of-bound"],
    ["'x'", "table expected, got string"],
  ])("refuses %s", async (argument, message) => {
    expect((await testEngine().fail(`return os.time(${argument})`)).message).toContain(message);
  });
});

test("os.difftime and os.clock are numbers of seconds", async () => {
  expect(await testEngine().run("return os.difftime(5, 3)")).toBe(2);
  expect(await testEngine().run("local c = os.clock() return c >= 0 and os.clock() >= c")).toBe(true);
});
