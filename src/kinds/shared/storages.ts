/** The kinds that hold values of variables. */
export const storageKinds: readonly string[] = [
  "env.storage.memory",
  "env.storage.os",
  "env.storage.file",
  "env.storage.static",
  "env.storage.router",
];
