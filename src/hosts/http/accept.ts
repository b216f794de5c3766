/** A content type without its parameters, in lower case. */
export function mediaType(header: string | undefined): string {
  return (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Whether a client that sent this `accept` header takes a type. Without the header it takes anything. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === "") return true;
  const wanted = mediaType(type);
  const group = `${wanted.split("/", 1)[0]}/*`;
  const quality = new Map<string, number>();
  for (const range of header.split(",")) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = parameters.find((each) => each.startsWith("q="));
    quality.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  return (quality.get(wanted) ?? quality.get(group) ?? quality.get("*/*") ?? 0) > 0;
}
