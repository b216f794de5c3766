import type { InstanceContext } from "../context.ts";
import type { BoundInterfaces, ComponentFace } from "../host.ts";
import { HttpError } from "./error-code.ts";
import { type Field, Fields } from "./fields.ts";
import { FutureTrailers, IncomingBody } from "./incoming-body.ts";
import { OutgoingBody } from "./outgoing-body.ts";
import { OutgoingRequest, RequestOptions } from "./request.ts";
import { FutureIncomingResponse, handle, IncomingResponse } from "./response.ts";
import { HttpScope } from "./scope.ts";
import { IncomingRequest, OutgoingResponse, ResponseOutparam } from "./server.ts";

const version = "0.2.8";

/** `wasi:http` for guests that ask, and the types for those that answer. */
export const httpFace: ComponentFace = {
  interfaces: {
    // Taking a body to write never waits, but writing it may: it makes the writing functions suspend.
    "wasi:http/types": { version, suspending: ["[method]outgoing-body.write"] },
    "wasi:http/outgoing-handler": { version, suspending: [] },
  },
  bind(instance: InstanceContext): BoundInterfaces {
    const scope = new HttpScope(instance);
    return {
      imports: httpImports(scope),
      isClean: () => scope.isClean,
      [Symbol.dispose]: () => scope[Symbol.dispose](),
    };
  },
};

/** The imports of one instance, over what it holds of HTTP. */
export function httpImports(scope: HttpScope): BoundInterfaces["imports"] {
  return {
    "wasi:http/types": {
      Fields: fieldsOf(scope),
      FutureIncomingResponse,
      FutureTrailers,
      IncomingBody,
      IncomingRequest,
      IncomingResponse,
      OutgoingBody,
      OutgoingRequest,
      OutgoingResponse,
      RequestOptions,
      ResponseOutparam,
      httpErrorCode: (error: unknown) => (error instanceof HttpError ? error.errorCode : undefined),
    },
    "wasi:http/outgoing-handler": { handle },
  };
}

/** The class that a guest makes its fields with: they count as the instance's. Engines take any `Fields` for one. */
function fieldsOf(scope: HttpScope) {
  return class extends Fields {
    constructor() {
      super(scope);
    }

    static fromList(entries: readonly Field[]): Fields {
      return Fields.of(scope, entries);
    }

    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Fields;
    }
  };
}
