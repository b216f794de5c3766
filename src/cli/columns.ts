/** Two spaces between columns, so that they stay apart where a cell contains one. */
const gap = "  ";

/** Rows as aligned columns. Widths count what is seen, so cells may have colours. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, seenLength(cell));
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => pad(cell, widths[index] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - seenLength(cell)));
}

function seenLength(cell: string): number {
  // oxlint-disable-next-line no-control-regex -- colours begin with the escape character
  return cell.replaceAll(/\u001b\[[0-9;]*m/g, "").length;
}

/** `1 entry`, `2 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const unitStep = 1_024;

/** Bytes for people: `512 B`, `1.5 MB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= unitStep && unit < units.length - 1) {
    value /= unitStep;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}
