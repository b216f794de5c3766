import { silentLog } from "../../../../src/core/log.ts";
import type { Value } from "../../../../src/core/values.ts";
import type { CallRequest, ServicePort } from "../../../../src/hosts/ports.ts";
import { Services, type ServiceOffer } from "../../../../src/hosts/services.ts";

/** The way to real services, with what entries offer through them; answers come as from another thread, later. */
export function openServices(
  offers: Readonly<Record<string, ServiceOffer>> = {},
  call: (request: CallRequest) => Promise<Value> = () => Promise.reject(new Error("there is nothing to call")),
): ServicePort & { readonly services: Services } {
  const services = new Services({ log: silentLog, call, describe: () => undefined });
  for (const [id, offer] of Object.entries(offers)) services.add(id, offer);
  return {
    services,
    ask: async (request) => structuredClone(await services.ask(request)),
    async subscribe(request, hear) {
      let isOpen = true;
      const deliver = (value: Value): void => queueMicrotask(() => isOpen && hear(structuredClone(value)));
      const subscription = services.subscribe(request, deliver);
      return {
        [Symbol.dispose]() {
          isOpen = false;
          subscription[Symbol.dispose]();
        },
      };
    },
  };
}
