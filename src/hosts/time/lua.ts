import { WeftError } from "../../core/errors.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaFunction, LuaModule } from "../../engine/lua/module.ts";
import { durationArgument, momentArgument } from "./arguments.ts";
import { dayNames, layouts, monthNames, type Parts } from "./layout.ts";
import { Duration, Moment, momentAt } from "./moment.ts";
import { parseLayout } from "./parse.ts";
import { Timer, timerClass, wakeAfter } from "./timers.ts";
import { fixedZone, loadZone, localZone, utc, type Zone } from "./zones.ts";

type Call = LuaCall<unknown>;

const units = {
  NANOSECOND: 1,
  MICROSECOND: 1e3,
  MILLISECOND: 1e6,
  SECOND: 1e9,
  MINUTE: 60e9,
  HOUR: 3_600e9,
} as const;

/** A zone as programs hold it. */
class Location {
  readonly zone: Zone;

  constructor(zone: Zone) {
    this.zone = zone;
  }
}

const zoneArgument = (call: Call, index: number, otherwise: Zone) =>
  call.has(index) ? call.object(index, Location).zone : otherwise;

const momentOf = (call: Call) => call.object(1, Moment);
const durationOf = (call: Call) => call.object(1, Duration);
const part =
  (read: (parts: Parts) => Returned): LuaFunction<unknown> =>
  (call) =>
    read(momentOf(call).parts);

const timeClass: LuaClass<unknown> = {
  type: Moment,
  methods: {
    add: (call) => momentOf(call).add(durationArgument(call, 2)),
    sub: (call) => new Duration(Number(momentOf(call).ns - momentArgument(call, 2).ns)),
    add_date: (call) => {
      const { year, month, day, hour, minute, second, nanosecond } = momentOf(call).parts;
      const date = [year + call.integer(2), month + call.integer(3), day + call.integer(4)];
      return momentAt([...date, hour, minute, second, nanosecond], momentOf(call).zone);
    },
    after: (call) => momentOf(call).ns > momentArgument(call, 2).ns,
    before: (call) => momentOf(call).ns < momentArgument(call, 2).ns,
    equal: (call) => momentOf(call).ns === momentArgument(call, 2).ns,
    format: (call) => momentOf(call).format(call.text(2)),
    format_rfc3339: (call) => momentOf(call).format(layouts.RFC3339),
    unix: (call) => momentOf(call).seconds,
    unix_nano: (call) => momentOf(call).ns,
    date: part((p) => results(p.year, p.month, p.day)),
    clock: part((p) => results(p.hour, p.minute, p.second)),
    year: part((p) => p.year),
    month: part((p) => p.month),
    day: part((p) => p.day),
    hour: part((p) => p.hour),
    minute: part((p) => p.minute),
    second: part((p) => p.second),
    nanosecond: part((p) => p.nanosecond),
    weekday: part((p) => p.weekday),
    year_day: part((p) => p.yearDay),
    is_zero: (call) => momentOf(call).isZero,
    in_location: (call) => momentOf(call).in(call.object(2, Location).zone),
    location: (call) => new Location(momentOf(call).zone),
    utc: (call) => momentOf(call).in(utc),
    in_local: (call) => momentOf(call).in(localZone),
    truncate: (call) => momentOf(call).truncate(durationArgument(call, 2, { positive: true })),
    round: (call) => momentOf(call).round(durationArgument(call, 2, { positive: true })),
  },
  meta: {
    __tostring: (call) => momentOf(call).format(layouts.RFC3339NANO),
    __eq: (call) => momentOf(call).ns === momentArgument(call, 2).ns,
    __lt: (call) => momentOf(call).ns < momentArgument(call, 2).ns,
    __le: (call) => momentOf(call).ns <= momentArgument(call, 2).ns,
  },
};

const durationClass: LuaClass<unknown> = {
  type: Duration,
  methods: {
    nanoseconds: (call) => durationOf(call).ns,
    microseconds: (call) => Math.trunc(durationOf(call).ns / units.MICROSECOND),
    milliseconds: (call) => Math.trunc(durationOf(call).ns / units.MILLISECOND),
    seconds: (call) => durationOf(call).ns / units.SECOND,
    minutes: (call) => durationOf(call).ns / units.MINUTE,
    hours: (call) => durationOf(call).ns / units.HOUR,
  },
  meta: {
    __tostring: (call) => durationOf(call).toString(),
    __eq: (call) => durationOf(call).ns === call.object(2, Duration).ns,
    __lt: (call) => durationOf(call).ns < call.object(2, Duration).ns,
    __le: (call) => durationOf(call).ns <= call.object(2, Duration).ns,
  },
};

const locationClass: LuaClass<unknown> = {
  type: Location,
  methods: { string: (call) => call.object(1, Location).zone.name },
  meta: { __tostring: (call) => call.object(1, Location).zone.name },
};

function sleep(call: Call): Returned {
  const ns = durationArgument(call, 1);
  if (ns < 0) throw new WeftError("INVALID_ARGUMENT", "time.sleep: the duration must not be negative");
  return call.suspend((done) => wakeAfter(ns / 1e6, () => done(undefined)), { external: true });
}

function parse(call: Call): Returned {
  const [layout, text] = [call.text(1), call.text(2)];
  const moment = parseLayout(layout, text, zoneArgument(call, 3, utc));
  if (moment !== undefined) return moment;
  throw new WeftError("GUEST_ERROR", `"${text}" is no time in the layout "${layout}"`, { kind: "Internal" });
}

function loadLocation(call: Call): Returned {
  const name = call.text(1);
  try {
    return new Location(loadZone(name));
  } catch (error) {
    throw new WeftError("INVALID_ARGUMENT", `there is no time zone "${name}"`, { cause: error });
  }
}

const numbered = (names: readonly string[], first: number) =>
  Object.fromEntries(names.map((name, i) => [name.toUpperCase(), first + i]));

const positiveMs = (call: Call) => durationArgument(call, 1, { positive: true }) / 1e6;

/** Time, durations and timers. A sleep suspends only the coroutine that sleeps. */
export const timeModule: LuaModule<unknown> = {
  name: "time",
  always: false,
  classes: [timeClass, durationClass, locationClass, timerClass],
  table: {
    ...units,
    ...layouts,
    ...numbered(monthNames, 1),
    ...numbered(dayNames, 0),
    sleep,
    now: () => Moment.now(),
    date: (call) => {
      const parts = [1, 2, 3, 4, 5, 6, 7].map((index) => (call.has(index) ? call.integer(index) : index <= 3 ? 1 : 0));
      return momentAt(parts, zoneArgument(call, 8, localZone));
    },
    unix: (call) =>
      new Moment(BigInt(call.integer(1)) * 1_000_000_000n + BigInt(call.has(2) ? call.integer(2) : 0), localZone),
    parse,
    parse_duration: (call) => new Duration(durationArgument(call, 1)),
    load_location: loadLocation,
    fixed_zone: (call) => new Location(fixedZone(call.text(1), call.integer(2))),
    after: (call) => new Timer(call, { isOnce: true }).start(positiveMs(call)).channel,
    timer: (call) => new Timer(call).start(positiveMs(call)),
    ticker: (call) => new Timer(call, { everyMs: positiveMs(call) }).start(positiveMs(call)),
  },
  objects: { utc: new Location(utc), localtz: new Location(localZone) },
};
