import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layouts } from "../../../../src/hosts/time/layout.ts";
import { Moment } from "../../../../src/hosts/time/moment.ts";
import { parseLayout } from "../../../../src/hosts/time/parse.ts";
import { fixedZone, loadZone, utc } from "../../../../src/hosts/time/zones.ts";
import { instance } from "../lua/support/instance.ts";

const { run } = instance();
const rfc = (moment: Moment | undefined): string | undefined => moment?.format(layouts.RFC3339NANO);

describe("layouts", () => {
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe");
  const ns = fc.bigInt({ min: -62_135_596_800n * 1_000_000_000n, max: 253_402_000_000n * 1_000_000_000n });

  test.each([
    layouts.RFC3339NANO,
    "Mon Jan _2 15:04:05.999999999 2006 -0700",
    "Monday, 2 January 2006 3:04:05.000000000 PM Z07:00",
  ])("%s: what is written is read again", (layout) => {
    fc.assert(
      fc.property(ns, zone, (at, name) => {
        const moment = new Moment(at, loadZone(name));
        // Offsets of seconds, which old local times have, are not written.
        fc.pre(moment.parts.offsetSeconds % 60 === 0);
        expect(parseLayout(layout, moment.format(layout), utc)?.ns).toBe(at);
      }),
    );
  });

  test.each([
    ["2006-01-02", "2026-02-28", "2026-02-28T00:00:00Z"],
    ["2006-01-02", "2024-02-29", "2024-02-29T00:00:00Z"],
    ["2006-002", "2024-366", "2024-12-31T00:00:00Z"],
    ["Jan _2 06", "feb  3 68", "2068-02-03T00:00:00Z"],
    ["Jan _2 06", "FEB 13 69", "1969-02-13T00:00:00Z"],
    ["3PM", "12am", "0000-01-01T00:00:00Z"],
    ["3:04 pm", "12:30 pm", "0000-01-01T12:30:00Z"],
    [layouts.RFC3339, "2026-11-21T05:06:07.25Z", "2026-11-21T05:06:07.25Z"],
    [layouts.RFC3339, "2026-11-21T05:06:07,5+02:00", "2026-11-21T05:06:07.5+02:00"],
    [layouts.RFC1123, "Sat, 21 Nov 2026 05:06:07 UTC", "2026-11-21T05:06:07Z"],
    [layouts.RFC1123, "Sat, 21 Nov 2026 05:06:07 GMT+3", "2026-11-21T05:06:07+03:00"],
    [layouts.RFC1123, "Sat, 21 Nov 2026 05:06:07 XYZ", "2026-11-21T05:06:07Z"],
    ["2006_01_02", "2026_11_21", "2026-11-21T00:00:00Z"],
    ["02 Jan 2006 -07", "21 Nov 2026 -05", "2026-11-21T00:00:00-05:00"],
  ])("%s reads %s", (layout, text, expected) => {
    expect(rfc(parseLayout(layout, text, utc))).toBe(expected);
  });

  test.each([
    ["2006-01-02", "2026-02-29"],
    ["2006-01-02", "2026-13-01"],
    ["2006-01-02", "2026-1-01"],
    ["2006-01-02", "2026-01-01 "],
    ["2006-002", "2025-366"],
    ["15:04", "24:00"],
    ["15:04:05", "12:00:60"],
    ["3PM", "12XM"],
    ["-07:00", "+25:00"],
    ["", "x"],
  ])("%s does not read %s", (layout, text) => {
    expect(parseLayout(layout, text, utc)).toBeUndefined();
  });

  test("a layout of many digits is read in no time, whatever the text", () => {
    expect(parseLayout("1".repeat(500), `${"1".repeat(700)}x`, utc)).toBeUndefined();
  });
});

describe("zones", () => {
  test("have their own names, and read them", () => {
    const berlin = loadZone("Europe/Berlin");
    expect(new Moment(0n, berlin).format("MST")).toBe("CET");
    expect(rfc(parseLayout("2006-01-02 15:04 MST", "2026-07-01 12:00 CEST", berlin))).toBe("2026-07-01T12:00:00+02:00");
    expect(new Moment(0n, loadZone("America/Sao_Paulo")).format("MST")).toBe("-03");
    expect(new Moment(0n, fixedZone("X", 5_400)).format("MST -0700")).toBe("X +0130");
  });

  test("from Lua", () => {
    expect(
      run(`local ny = time.load_location("America/New_York")
        local t = time.parse(time.DATE_TIME, "2026-07-01 12:00:00", ny)
        return { t:format(time.RFC3339), t:location():string(), time.localtz:string(), time.utc:string(),
          time.load_location("UTC"):string(), t:utc():hour(), tostring(time.fixed_zone("mine", -3600)),
          time.date(2026, 7, 1, 0, 0, 0, 0, time.fixed_zone("mine", -3600)):utc():hour() }`),
    ).toEqual(["2026-07-01T12:00:00-04:00", "America/New_York", "Local", "UTC", "UTC", 16, "mine", 1]);
    expect(run("local z, e = time.load_location('+01:00') return e:kind()")).toBe("Invalid");
  });

  test("a clock that is put forward or back leaves no hole in time", () => {
    expect(
      run(`local b = time.load_location("Europe/Berlin")
        return { time.date(2026, 3, 29, 2, 30, 0, 0, b):unix(), time.date(2026, 10, 25, 1, 30, 0, 0, b):add("1h"):format("15:04 MST") }`),
    ).toEqual([Date.UTC(2026, 2, 29, 1, 30) / 1_000, "02:30 CEST"]);
  });
});

describe("calculating", () => {
  test("the zero time is the first of January of the year 1", () => {
    expect(run("return { time.date(1, 1, 1, 0, 0, 0, 0, time.utc):is_zero(), time.unix(0):is_zero() }")).toEqual([
      true,
      false,
    ]);
  });

  test("rounds from the zero time, up from the middle", () => {
    expect(
      run(`local t = time.date(2026, 11, 21, 12, 30, 0, 0, time.utc)
        return { t:truncate("168h"):format(time.DATE_ONLY), t:round("1h"):hour(), t:truncate("1h"):hour(), t:round("24h"):day(),
          time.unix(0, 1499):round(1000):unix_nano(), time.unix(0, 1500):round(1000):unix_nano(), time.unix(0, -1):truncate("1s"):unix() }`),
    ).toEqual(["2026-11-16", 13, 12, 22, 1_000, 2_000, -1]);
  });

  test.each([
    ["time.unix(0):truncate(0)", "Invalid"],
    ["time.unix(0):add(1/0)", "Invalid"],
    ["time.sleep('-1s')", "Invalid"],
    ["time.ticker(0)", "Invalid"],
    ["time.timer('soon')", "Invalid"],
    ["time.date(10^9, 1, 1)", "Invalid"],
    ["time.parse(time.KITCHEN, 'noon')", "Internal"],
  ])("%s is %s", (source, kind) => {
    expect(run(`local v, e = ${source} return { v == nil, e:kind() }`)).toEqual([true, kind]);
  });
});

test("a timer can be set again, and a ticker goes on", async () => {
  expect(
    await run(`local timer = time.timer("1h")
      local running = timer:reset("1ms")
      timer:response():receive()
      local again = timer:reset("1ms")
      timer:channel():receive()
      local ticker, n = time.ticker("2ms"), 0
      for i = 1, 4 do ticker:response():receive() n = n + 1 end
      return { running, again, n, ticker:stop(), ticker:stop() }`),
  ).toEqual([true, false, 4, true, false]);
});
