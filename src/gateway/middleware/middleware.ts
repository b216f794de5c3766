import type { MiddlewareHandler } from "hono";
import type { Actor, Scope } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { MetricRequest } from "../../hosts/metrics/service.ts";
import type { Correspondent, CorrespondentEars } from "../../registry/service.ts";
import type { GatewayEnv } from "../answer.ts";
import type { MiddlewareOptions } from "./options.ts";

/** A handler between the server and an endpoint. */
export type Handler = MiddlewareHandler<GatewayEnv>;

/** A middleware that routers may name. */
export interface Middleware {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What the names of its options begin with, where that is not its own name. */
  readonly prefix?: string;
  /** The options that it knows, by their dotted names, each in a sentence. */
  readonly options: Readonly<Record<string, string>>;
  /** @throws WeftError `INVALID_ARGUMENT` for an option that is none. */
  create(options: MiddlewareOptions, world: MiddlewareWorld): Handler;
}

/** What middleware may use. */
export interface MiddlewareWorld {
  readonly log: Log;
  /** Whether the policies in force let somebody do something. */
  readonly mayDo: (who: { readonly actor: Actor; readonly scope: Scope }, action: string, resource: string) => boolean;
  /** The folder of a filesystem entry. @throws WeftError `ENTRY_NOT_FOUND`. */
  readonly folderOf: (fs: EntryId) => Promise<string>;
  /** Gives a client a pid. @throws WeftError. */
  readonly correspond: (ears: CorrespondentEars) => Correspondent;
  /** Hears when the server stops, to end what would go on for ever. */
  readonly onStop: (listener: () => void) => Disposable;
  /** Tells the app's metrics. */
  readonly count: (request: MetricRequest) => void;
  /** Who a token stands for; undefined when it stands for nobody. */
  readonly validateToken: (
    store: EntryId,
    token: string,
  ) => Promise<{ readonly actor: Actor; readonly scope: Scope } | undefined>;
}
