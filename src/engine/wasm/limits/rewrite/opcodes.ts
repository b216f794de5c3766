/** Opcodes that rewriting looks at or writes, by their names in the specification. */
export const op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  firstStore: 0x36,
  i32Store8: 0x3a,
  lastStore: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i64Eq: 0x51,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtU: 0x56,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Or: 0x72,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  gc: 0xfb,
  bulk: 0xfc,
  simd: 0xfd,
  atomic: 0xfe,
} as const;

/** Value types. */
export const type = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  refNull: 0x63,
  ref: 0x64,
  empty: 0x40,
} as const;

/** What follows an opcode. */
export const immediate = {
  none: 0,
  /** A LEB128 number: an index, a constant, a heap type. */
  leb: 1,
  twoLebs: 2,
  fourBytes: 3,
  eightBytes: 4,
  memory: 5,
  blockType: 6,
  labels: 7,
  types: 8,
  tryTable: 9,
  gc: 10,
  bulk: 11,
  simd: 12,
  atomic: 13,
  unknown: 255,
} as const;

type Kind = (typeof immediate)[keyof typeof immediate];

/** The immediates of each opcode: single opcodes, then ranges. */
const singles: readonly (readonly [Kind, ...number[]])[] = [
  [immediate.none, 0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b, 0xd1, 0xd3, 0xd4],
  [immediate.blockType, 0x02, 0x03, 0x04, 0x06],
  [immediate.leb, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x18, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x41, 0x42],
  [immediate.leb, 0x10, 0x12, 0x14, 0x15, 0xd0, 0xd2, 0xd5, 0xd6],
  [immediate.twoLebs, 0x11, 0x13],
  [immediate.labels, 0x0e],
  [immediate.types, 0x1c],
  [immediate.tryTable, 0x1f],
  [immediate.fourBytes, 0x43],
  [immediate.eightBytes, 0x44],
  [immediate.gc, op.gc],
  [immediate.bulk, op.bulk],
  [immediate.simd, op.simd],
  [immediate.atomic, op.atomic],
];

/** The kind of immediates by opcode. */
export const immediates = fillTable();

function fillTable(): Uint8Array {
  const table = new Uint8Array(256).fill(immediate.unknown);
  for (const [kind, ...opcodes] of singles) for (const opcode of opcodes) table[opcode] = kind;
  table.fill(immediate.memory, 0x28, 0x3f);
  table.fill(immediate.none, 0x45, 0xc5);
  return table;
}
