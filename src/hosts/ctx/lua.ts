import { WeftError } from "../../core/errors.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";

/** The values that a call inherits from its caller. */
export const ctxModule: LuaModule<InstanceContext> = {
  name: "ctx",
  always: false,
  table: {
    get: (call) => {
      const key = call.text(1);
      if (key === "") throw new WeftError("INVALID_ARGUMENT", "a context key is required");
      const { values } = call.host.call;
      if (!Object.hasOwn(values, key)) {
        throw new WeftError("GUEST_ERROR", `the context has no value "${key}"`, { kind: "NotFound" });
      }
      return values[key] ?? null;
    },
    all: (call) => call.host.call.values,
    trace: ({ host }) => {
      const { trace } = host.call;
      if (trace === undefined) return null;
      const { traceId, spanId } = trace;
      return { trace_id: traceId, span_id: spanId, traceparent: `00-${traceId}-${spanId}-01` };
    },
  },
};
