/** Weft as a library: boot an app, call its entries by id. */
export { createRuntime, type CallWith, type Runtime, type RuntimeOptions } from "./boot/runtime.ts";
export { loadApp, type LoadedApp } from "./boot/app.ts";
export { WeftError, type ErrorOptions } from "./core/errors.ts";
export type { ErrorCode, ErrorKind } from "./core/error-codes.ts";
export type { Actor, Scope } from "./core/context.ts";
export type { Limits } from "./core/limits.ts";
export type { Log } from "./core/log.ts";
export type { CallReport, UsedResources } from "./core/report.ts";
export type { Value } from "./core/values.ts";
export type { Diagnostic } from "./registry/diagnostic.ts";
export type { EntryView } from "./hosts/ports.ts";
export type { WitFunction, WitType } from "./wit/types.ts";
