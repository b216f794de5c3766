/** Every benchmark by its name. */
export const benches = {
  B1: () => import("./b1-lua-to-wasm.ts"),
  B2: () => import("./b2-typescript-to-component.ts"),
  B3: () => import("./b3-pristine.ts"),
  B4: () => import("./b4-strings-and-bytes.ts"),
  B5: () => import("./b5-pooled-hop.ts"),
  B6: () => import("./b6-boot.ts"),
  B7: () => import("./b7-lua-kernels.ts"),
  B7b: () => import("./b7b-lua-boundaries.ts"),
  B8: () => import("./b8-http.ts"),
  B9: () => import("./b9-processes.ts"),
  B10: () => import("./b10-sleepers.ts"),
  B11: () => import("./b11-limits.ts"),
  B13: () => import("./b13-policy.ts"),
};
