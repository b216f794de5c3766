import type { Kind } from "../registry/kind.ts";
import { contractBindingKind } from "./contract-binding/kind.ts";
import { contractDefinitionKind } from "./contract-definition/kind.ts";
import { dbSqlSqliteKind } from "./db-sql-sqlite/kind.ts";
import { envStorageFileKind } from "./env-storage-file/kind.ts";
import { envStorageMemoryKind } from "./env-storage-memory/kind.ts";
import { envStorageOsKind } from "./env-storage-os/kind.ts";
import { envStorageRouterKind } from "./env-storage-router/kind.ts";
import { envStorageStaticKind } from "./env-storage-static/kind.ts";
import { envVariableKind } from "./env-variable/kind.ts";
import { fsDirectoryKind } from "./fs-directory/kind.ts";
import { functionLuaKind } from "./function-lua/kind.ts";
import { functionWasmKind } from "./function-wasm/kind.ts";
import { functionWatKind } from "./function-wat/kind.ts";
import { httpEndpointKind } from "./http-endpoint/kind.ts";
import { httpRouterKind } from "./http-router/kind.ts";
import { httpServiceKind } from "./http-service/kind.ts";
import { httpStaticKind } from "./http-static/kind.ts";
import { libraryLuaKind } from "./library-lua/kind.ts";
import { nsDefinitionKind } from "./ns-definition/kind.ts";
import { nsDependencyKind } from "./ns-dependency/kind.ts";
import { nsRequirementKind } from "./ns-requirement/kind.ts";
import { processHostKind } from "./process-host/kind.ts";
import { processLuaKind } from "./process-lua/kind.ts";
import { processServiceKind } from "./process-service/kind.ts";
import { processWasmKind } from "./process-wasm/kind.ts";
import { queueConsumerKind } from "./queue-consumer/kind.ts";
import { queueDriverMemoryKind } from "./queue-driver-memory/kind.ts";
import { queueQueueKind } from "./queue-queue/kind.ts";
import { registryEntryKind } from "./registry-entry/kind.ts";
import { securityPolicyKind } from "./security-policy/kind.ts";
import { securityPolicyExprKind } from "./security-policy-expr/kind.ts";
import { securityTokenStoreKind } from "./security-token_store/kind.ts";
import { storeMemoryKind } from "./store-memory/kind.ts";
import { terminalHostKind } from "./terminal-host/kind.ts";

/** Everything that `kind:` can be. */
export const kinds: readonly Kind[] = [
  registryEntryKind,
  nsDefinitionKind,
  nsDependencyKind,
  nsRequirementKind,
  fsDirectoryKind,
  envStorageMemoryKind,
  envStorageOsKind,
  envStorageFileKind,
  envStorageStaticKind,
  envStorageRouterKind,
  envVariableKind,
  securityPolicyKind,
  securityPolicyExprKind,
  storeMemoryKind,
  securityTokenStoreKind,
  dbSqlSqliteKind,
  contractDefinitionKind,
  contractBindingKind,
  queueDriverMemoryKind,
  queueQueueKind,
  queueConsumerKind,
  functionWatKind,
  functionWasmKind,
  functionLuaKind,
  libraryLuaKind,
  processWasmKind,
  processLuaKind,
  processHostKind,
  processServiceKind,
  terminalHostKind,
  httpServiceKind,
  httpRouterKind,
  httpEndpointKind,
  httpStaticKind,
];
