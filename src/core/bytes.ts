const units: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
};

/** A size such as `512MB`, `2GiB`, `1G` (as GiB) or plain bytes; undefined for anything else, and for nothing at all. */
export function parseBytes(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const size = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN));
  return number !== "" && size > 0 && Number.isSafeInteger(size) ? size : undefined;
}
