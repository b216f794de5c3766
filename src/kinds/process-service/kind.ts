import { z } from "zod";
import { toValue } from "../../core/values.ts";
import { defineKind } from "../../registry/define.ts";
import type { StartService } from "../../registry/service.ts";
import { fullId, idSchema } from "../shared/ids.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  process: idSchema("The process to run: a process.lua or process.wasm entry."),
  host: idSchema("The process.host it runs on."),
  input: z.array(z.unknown()).optional().describe("Arguments of the process."),
  lifecycle: lifecycleSchema,
});

/** A process that the app keeps running. */
export const processServiceKind = defineKind({
  name: "process.service",
  summary: "A process that runs while the app does, started again when it fails.",
  schema,
  build({ process, host, input = [], lifecycle }, entry) {
    const id = fullId(process, entry);
    const target = {
      id,
      host: fullId(host, entry),
      args: input.map((value, index) => toValue(value, `input[${index}]`)),
    };
    const reference = { required: true, acyclic: true } as const;
    const start: StartService = async (tools) => {
      const spawned = tools.spawn(target);
      const settled = spawned.ended.then(
        () => undefined,
        () => undefined,
      );
      return {
        root: spawned.root,
        ended: spawned.ended,
        async stop(timeoutMs) {
          spawned.cancel("the service is stopping");
          const timer = setTimeout(() => spawned.terminate(), timeoutMs);
          await settled;
          clearTimeout(timer);
        },
      };
    };
    return {
      references: [
        { path: ["process"], id, kinds: ["process.lua", "process.wasm"], ...reference },
        { path: ["host"], id: target.host, kinds: ["process.host"], ...reference },
        ...lifecycleReferences(entry, lifecycle),
      ],
      warnings: [],
      provides: {},
      service: serviceOf(lifecycle, { entry, requires: [target.host], start }),
    };
  },
});
