import { WeftError } from "../../../../core/errors.ts";

/** What jco's glue says when a guest hands over a value that breaks the canonical ABI: plain JavaScript errors. */
const invalidValues =
  /invalid (variant )?discriminant|extraneous bits|is not aligned to|encoded data was not valid|Offset is outside the bounds|Invalid typed array length|start offset|Invalid code point|not a valid (char|Unicode)|invalid char|out of bounds of memory|cannot be lifted|is larger than \d+ bytes/i;

/** Names a guest's invalid value as such; anything else stays as it was thrown. */
export function nameInvalidValue(thrown: unknown, program: string): unknown {
  const isPlain = thrown instanceof TypeError || thrown instanceof RangeError;
  if (!isPlain || !invalidValues.test(thrown.message)) return thrown;
  return new WeftError("TRAP_INVALID_VALUE", `${program}: ${thrown.message}`, { cause: thrown });
}
