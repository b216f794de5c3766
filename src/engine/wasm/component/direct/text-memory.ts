import { Buffer } from "node:buffer";
import { GuestMemory, type GuestParts } from "../../canonical/guest-memory.ts";
import type { CanonOptions } from "../../inspect/component/tree.ts";

/** The high bit of a length says that a string of `latin1+utf16` has the second encoding. */
const utf16Tag = 0x8000_0000;

/** The view of a memory whose strings have the encoding that its component asks for. */
export function memoryFor(encoding: CanonOptions["encoding"], given: GuestParts): GuestMemory {
  const parts = { ...given, checksEmpty: true };
  if (encoding === "utf8") return new GuestMemory(parts);
  return encoding === "utf16" ? new Utf16Memory(parts) : new CompactMemory(parts);
}

/** Strings are UTF-16, and their lengths count units of two bytes. */
class Utf16Memory extends GuestMemory {
  override putString(text: string): number {
    const at = this.allocate(2, text.length * 2);
    // Half a pair is no character; UTF-8 has the replacement for it, too.
    Buffer.from(this.view.buffer).write(text.toWellFormed(), at, "utf16le");
    this.length = text.length;
    return at;
  }

  override getString(pointer: number, units: number): string {
    const size = (units >>> 0) * 2;
    const at = this.range(pointer, size, 2);
    if (size === 0) return "";
    const text = Buffer.from(this.view.buffer, at, size).toString("utf16le");
    return text.isWellFormed() ? text : this.trap("a string that is not UTF-16");
  }
}

/** Strings are Latin-1 where they can be, else UTF-16. */
class CompactMemory extends Utf16Memory {
  override putString(text: string): number {
    if (!isLatin1(text)) {
      const at = super.putString(text);
      this.length = (this.length | utf16Tag) >>> 0;
      return at;
    }
    const at = this.allocate(2, text.length);
    Buffer.from(this.view.buffer).write(text, at, "latin1");
    this.length = text.length;
    return at;
  }

  override getString(pointer: number, tagged: number): string {
    const length = tagged >>> 0;
    if (length >= utf16Tag) return super.getString(pointer, length - utf16Tag);
    const at = this.range(pointer, length, 2);
    return length === 0 ? "" : Buffer.from(this.view.buffer, at, length).toString("latin1");
  }
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}
