// The interpreter's loop. It follows fengari's luaV_execute in structure (MIT, see NOTICE).
// Every opcode's quick paths stand here in full: what runs per instruction costs half as much again as a call. Cases are
// numerals because V8 makes a jump table of those only, and types are compared with constants of this very file because
// imported ones are loaded each time.
import { arithmetic } from "./arithmetic.seam.ts";
import { assign, concatenate, index, indexByMetamethod, lengthOf } from "./access.seam.ts";
import { equal, lessOrEqual, lessThan } from "./compare.seam.ts";
import { finishHost } from "./coroutines.seam.ts";
import { beginCall, call, callHost, enterLua, finishCall, loop, reserve, restoreTop } from "./frames.seam.ts";
import {
  debug,
  machine,
  variables,
  type Call,
  type Closure,
  type Prototype,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { capture, prepareLoop, stepBig, stops, storeItems } from "./loops.seam.ts";
import { nextFunction } from "./next.seam.ts";
import { beginProtected, protectedCall } from "./protected-call.seam.ts";
import { charactersOf } from "./strings.seam.ts";
import { get, getInteger, getString, next, set, setInteger, Table } from "./table.seam.ts";

const NIL = 0;
const BOOLEAN = 1;
const FLOAT = 3;
const TABLE = 5;
const LUA_FUNCTION = 6;
const INTEGER = 19;
const STRING = 20;
const HOST_FUNCTION = 22;
const BIG_INTEGER = 35;
const largestNumber = Number.MAX_SAFE_INTEGER;
const isLuaCall = 2;
const isEntry = 8;
const isTailCall = 32;
const yielded = -7;
const lineOrCount = 12;
const { luaF_close } = variables;
/** Factors of the shifts that stay within safe integers. */
const powers: any[] = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

function run(L: Thread): void {
  let ci: Call = L.ci;
  const stack: any[] = L.stack;
  const g = L.l_G;
  ci.callstatus |= isEntry;
  L.nexec++;
  newframe: for (;;) {
    const cl: Closure = ci.func.value;
    const p = cl.p,
      base = ci.l_base;
    const k: any[] = p.k,
      upvals: any[] = cl.upvals,
      code: any[] = ci.l_code;
    let pc = ci.l_savedpc;
    let hooked = (L.hookmask & lineOrCount) !== 0;
    for (;;) {
      const i = code[pc++];
      ci.l_savedpc = pc;
      if (hooked) debug.luaG_traceexec(L);
      const ra = base + i.A;
      switch (i.opcode) {
        // MOVE
        case 0: {
          const d = stack[ra],
            s = stack[base + i.B];
          d.type = s.type;
          d.value = s.value;
          break;
        }
        // LOADK
        case 1: {
          const d = stack[ra],
            s = k[i.Bx];
          d.type = s.type;
          d.value = s.value;
          break;
        }
        // LOADKX
        case 2: {
          const d = stack[ra],
            s = k[code[pc++].Ax];
          d.type = s.type;
          d.value = s.value;
          break;
        }
        // LOADBOOL
        case 3: {
          const d = stack[ra];
          d.type = BOOLEAN;
          d.value = i.B !== 0;
          if (i.C !== 0) pc++;
          break;
        }
        // LOADNIL
        case 4: {
          for (let j = 0; j <= i.B; j++) {
            const d = stack[ra + j];
            d.type = NIL;
            d.value = null;
          }
          break;
        }
        // GETUPVAL
        case 5: {
          const d = stack[ra],
            s = upvals[i.B];
          d.type = s.type;
          d.value = s.value;
          break;
        }
        case 6: {
          // GETTABUP
          const t = upvals[i.B],
            c = i.C;
          const key = c & 256 ? k[c & 255] : stack[base + c];
          if (t.type === TABLE && key.type === STRING) {
            const v = getString(t.value, key.value);
            if (v.type !== NIL) {
              const d = stack[ra];
              d.type = v.type;
              d.value = v.value;
              break;
            }
          }
          index(L, t, key, ra);
          break;
        }
        case 7: {
          // GETTABLE
          const t = stack[base + i.B],
            c = i.C;
          const key = c & 256 ? k[c & 255] : stack[base + c];
          if (t.type === TABLE) {
            const h = t.value;
            let v;
            if (key.type === INTEGER) {
              const ix = key.value,
                arr = h.arr;
              v = ix > 0 && ix <= arr.length ? arr[ix - 1] : getInteger(h, ix);
            } else if (key.type === STRING) v = getString(h, key.value);
            else v = get(L, h, key);
            if (v.type !== NIL) {
              const d = stack[ra];
              d.type = v.type;
              d.value = v.value;
              break;
            }
            if (h.metatable === null) {
              const d = stack[ra];
              d.type = NIL;
              d.value = null;
              break;
            }
          }
          indexByMetamethod(L, t, key, ra);
          break;
        }
        // SETTABUP
        case 8: {
          const b = i.B,
            c = i.C;
          assign(L, upvals[i.A], b & 256 ? k[b & 255] : stack[base + b], c & 256 ? k[c & 255] : stack[base + c]);
          break;
        }
        // SETUPVAL
        case 9: {
          const d = upvals[i.B],
            s = stack[ra];
          d.type = s.type;
          d.value = s.value;
          break;
        }
        case 10: {
          // SETTABLE
          const t = stack[ra],
            b = i.B,
            c = i.C;
          const key = b & 256 ? k[b & 255] : stack[base + b];
          const v = c & 256 ? k[c & 255] : stack[base + c];
          if (t.type === TABLE) {
            const h = t.value;
            if (h.metatable === null) {
              if (key.type === INTEGER) {
                const ix = key.value,
                  arr = h.arr;
                if (ix > 0 && ix <= arr.length) {
                  const d = arr[ix - 1];
                  d.type = v.type;
                  d.value = v.value;
                } else setInteger(h, ix, v.type, v.value);
                break;
              }
              if (key.type === STRING) {
                h.flags = 0;
                const m = h.map;
                if (m !== null && v.type !== NIL) {
                  const ts = key.value;
                  const e = m.get(ts.hash !== null ? ts.hash : charactersOf(ts));
                  if (e !== undefined && e.vt.type !== NIL) {
                    const d = e.vt;
                    d.type = v.type;
                    d.value = v.value;
                    break;
                  }
                }
                set(L, h, key, v);
                break;
              }
            }
          }
          assign(L, t, key, v);
          break;
        }
        // NEWTABLE
        case 11: {
          const d = stack[ra];
          d.type = TABLE;
          d.value = new Table(L);
          break;
        }
        case 12: {
          // SELF
          const c = i.C;
          const key = c & 256 ? k[c & 255] : stack[base + c];
          const o = stack[base + i.B];
          const d = stack[ra + 1];
          d.type = o.type;
          d.value = o.value;
          index(L, o, key, ra);
          break;
        }
        case 13: {
          // ADD
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if (x.type === INTEGER && y.type === INTEGER) {
            const r = x.value + y.value;
            if ((r | 0) === r) {
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r | 0;
              break;
            }
            if (r <= largestNumber && r >= -largestNumber) {
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r;
              break;
            }
          } else if (
            (x.type === FLOAT && (y.type === FLOAT || y.type === INTEGER)) ||
            (x.type === INTEGER && y.type === FLOAT)
          ) {
            const r = x.value + y.value,
              d = stack[ra];
            d.type = FLOAT;
            d.value = r;
            break;
          }
          arithmetic(L, 0, x, y, ra);
          break;
        }
        case 14: {
          // SUB
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if (x.type === INTEGER && y.type === INTEGER) {
            const r = x.value - y.value;
            if ((r | 0) === r) {
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r | 0;
              break;
            }
            if (r <= largestNumber && r >= -largestNumber) {
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r;
              break;
            }
          } else if (
            (x.type === FLOAT && (y.type === FLOAT || y.type === INTEGER)) ||
            (x.type === INTEGER && y.type === FLOAT)
          ) {
            const r = x.value - y.value;
            const d = stack[ra];
            d.type = FLOAT;
            d.value = r;
            break;
          }
          arithmetic(L, 1, x, y, ra);
          break;
        }
        case 15: {
          // MUL
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if (x.type === INTEGER && y.type === INTEGER) {
            const r = x.value * y.value;
            if ((r | 0) === r) {
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r | 0;
              break;
            }
            if (r <= largestNumber && r >= -largestNumber) {
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r;
              break;
            }
          } else if (
            (x.type === FLOAT && (y.type === FLOAT || y.type === INTEGER)) ||
            (x.type === INTEGER && y.type === FLOAT)
          ) {
            const r = x.value * y.value;
            const d = stack[ra];
            d.type = FLOAT;
            d.value = r;
            break;
          }
          arithmetic(L, 2, x, y, ra);
          break;
        }
        case 16: {
          // MOD
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if (x.type === INTEGER && y.type === INTEGER) {
            const xv = x.value,
              yv = y.value;
            if (yv > 0) {
              let m = xv % yv;
              if (m < 0) m += yv;
              const d = stack[ra];
              d.type = INTEGER;
              if ((m | 0) === m) d.value = m | 0;
              else d.value = m;
              break;
            }
          }
          arithmetic(L, 3, x, y, ra);
          break;
        }
        case 17: {
          // POW
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          arithmetic(L, 4, x, y, ra);
          break;
        }
        case 18: {
          // DIV
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if ((x.type === FLOAT || x.type === INTEGER) && (y.type === FLOAT || y.type === INTEGER)) {
            const r = x.value / y.value;
            const d = stack[ra];
            d.type = FLOAT;
            d.value = r;
            break;
          }
          arithmetic(L, 5, x, y, ra);
          break;
        }
        case 19: {
          // IDIV
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if (x.type === INTEGER && y.type === INTEGER) {
            const xv = x.value,
              yv = y.value;
            if ((xv | 0) === xv && yv > 0) {
              const r = Math.floor(xv / yv);
              const d = stack[ra];
              d.type = INTEGER;
              d.value = r | 0;
              break;
            }
          }
          arithmetic(L, 6, x, y, ra);
          break;
        }
        case 20:
        case 21:
        case 22:
        case 23:
        case 24: {
          // BAND BOR BXOR SHL SHR
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          if (x.type === INTEGER && y.type === INTEGER) {
            const xv = x.value,
              yv = y.value,
              op = i.opcode;
            if (op < 23) {
              if ((xv | 0) === xv && (yv | 0) === yv) {
                const r = op === 20 ? xv & yv : op === 21 ? xv | yv : xv ^ yv;
                const d = stack[ra];
                d.type = INTEGER;
                d.value = r;
                break;
              }
              if (op === 20 && yv === 4294967295) {
                const d = stack[ra];
                d.type = INTEGER;
                d.value = xv >>> 0;
                break;
              }
            } else if (yv >= 0 && yv < 53) {
              if (op === 23) {
                const r = xv * powers[yv];
                if (r <= largestNumber && r >= -largestNumber) {
                  const d = stack[ra];
                  d.type = INTEGER;
                  d.value = r + 0;
                  break;
                }
              } else if (xv >= 0) {
                const d = stack[ra];
                d.type = INTEGER;
                d.value = Math.floor(xv / powers[yv]);
                break;
              }
            }
          }
          arithmetic(L, i.opcode - 13, x, y, ra);
          break;
        }
        // UNM
        case 25: {
          const x = stack[base + i.B];
          if (x.type === FLOAT) {
            const r = -x.value;
            const d = stack[ra];
            d.type = FLOAT;
            d.value = r;
            break;
          }
          arithmetic(L, 12, x, x, ra);
          break;
        }
        // BNOT
        case 26: {
          const x = stack[base + i.B];
          arithmetic(L, 13, x, x, ra);
          break;
        }
        // NOT
        case 27: {
          const x = stack[base + i.B];
          const r = x.type === NIL || (x.type === BOOLEAN && x.value === false);
          const d = stack[ra];
          d.type = BOOLEAN;
          d.value = r;
          break;
        }
        // LEN
        case 28:
          lengthOf(L, stack[ra], stack[base + i.B]);
          break;
        case 29: {
          // CONCAT
          const b = i.B,
            c = i.C;
          L.top = base + c + 1;
          concatenate(L, c - b + 1);
          const d = stack[ra],
            s = stack[base + b];
          d.type = s.type;
          d.value = s.value;
          restoreTop(L, ci.top);
          break;
        }
        case 30: {
          // JMP
          if (i.A !== 0) luaF_close(L, base + i.A - 1);
          const off = i.sBx;
          pc += off;
          if (off < 0 && --g.fuel < 0 && stops(L, ci, pc, pc)) return;
          break;
        }
        case 31: {
          // EQ
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          let r;
          if (x.type === y.type && x.type === INTEGER) r = x.value === y.value ? 1 : 0;
          else r = equal(L, x, y);
          if (r !== i.A) pc++;
          else {
            const j = code[pc];
            // Jumps back, which cost fuel, and out of scopes run as instructions of their own.
            if (j.sBx >= 0 && j.A === 0) pc += j.sBx + 1;
          }
          break;
        }
        case 32: {
          // LT
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          let r;
          if ((x.type === INTEGER || x.type === FLOAT) && (y.type === INTEGER || y.type === FLOAT))
            r = x.value < y.value ? 1 : 0;
          else r = lessThan(L, x, y);
          if (r !== i.A) pc++;
          else {
            const j = code[pc];
            if (j.sBx >= 0 && j.A === 0) pc += j.sBx + 1;
          }
          break;
        }
        case 33: {
          // LE
          const b = i.B,
            c = i.C;
          const x = b & 256 ? k[b & 255] : stack[base + b],
            y = c & 256 ? k[c & 255] : stack[base + c];
          let r;
          if ((x.type === INTEGER || x.type === FLOAT) && (y.type === INTEGER || y.type === FLOAT))
            r = x.value <= y.value ? 1 : 0;
          else r = lessOrEqual(L, x, y);
          if (r !== i.A) pc++;
          else {
            const j = code[pc];
            if (j.sBx >= 0 && j.A === 0) pc += j.sBx + 1;
          }
          break;
        }
        case 34: {
          // TEST
          const x = stack[ra];
          const f = x.type === NIL || (x.type === BOOLEAN && x.value === false);
          if (i.C ? f : !f) pc++;
          else {
            const j = code[pc];
            if (j.sBx >= 0 && j.A === 0) pc += j.sBx + 1;
          }
          break;
        }
        case 35: {
          // TESTSET
          const x = stack[base + i.B];
          const f = x.type === NIL || (x.type === BOOLEAN && x.value === false);
          if (i.C ? f : !f) pc++;
          else {
            const d = stack[ra];
            d.type = x.type;
            d.value = x.value;
            const j = code[pc];
            if (j.sBx >= 0 && j.A === 0) pc += j.sBx + 1;
          }
          break;
        }
        case 36: {
          // CALL
          const func = stack[ra],
            ft = func.type;
          // A stopped thread begins with this instruction again.
          if (ft === LUA_FUNCTION && --g.fuel < 0 && stops(L, ci, pc, pc - 1)) return;
          const b = i.B,
            nres = i.C - 1;
          if (b !== 0) L.top = ra + b;
          if (ft === LUA_FUNCTION) {
            ci = enterLua(L, ra, func, nres);
            continue newframe;
          }
          let state;
          if (ft === HOST_FUNCTION) {
            const f = func.value;
            if (f === protectedCall && L.nny === 0 && L.nexec === 1 && L.top > ra + 1)
              state = beginProtected(L, ra, func, nres);
            else state = callHost(L, f, ra, nres);
          } else state = beginCall(L, ra, nres);
          if (state === 1) {
            ci = L.ci;
            continue newframe;
          }
          if (state === yielded) {
            L.nexec--;
            return;
          }
          if (nres >= 0) restoreTop(L, ci.top);
          // It may have been debug.sethook.
          hooked = (L.hookmask & lineOrCount) !== 0;
          break;
        }
        case 37: {
          // TAILCALL
          if (--g.fuel < 0 && stops(L, ci, pc, pc - 1)) return;
          const b = i.B;
          if (b !== 0) L.top = ra + b;
          const func = stack[ra];
          if (func.value === protectedCall && L.nny === 0 && L.nexec === 1 && L.top > ra + 1) {
            // Its frame stays: the RETURN behind this instruction hands on what it leaves.
            const begun = beginProtected(L, ra, func, -1);
            if (begun === 1) {
              ci = L.ci;
              continue newframe;
            }
            if (begun === yielded) {
              L.nexec--;
              return;
            }
            break;
          }
          const state = beginCall(L, ra, -1);
          if (state === yielded) {
            L.nexec--;
            return;
          }
          if (state === 1) {
            if (p.p.length > 0) luaF_close(L, ci.l_base);
            ci = replaceFrame(L);
            continue newframe;
          }
          break;
        }
        case 38: {
          // RETURN
          if (p.p.length > 0) luaF_close(L, base);
          const more = finishCall(L, ci, ra, i.B !== 0 ? i.B - 1 : L.top - ra);
          if (ci.callstatus & isEntry) {
            L.nexec--;
            return;
          }
          ci = L.ci;
          if (ci.callstatus & isLuaCall) {
            if (more) restoreTop(L, ci.top);
            continue newframe;
          }
          // returning into an inlined pcall frame (same activation)
          do {
            if (finishHost(L, 1)) {
              L.nexec--;
              return;
            }
          } while (!(L.ci.callstatus & isLuaCall) && L.ci !== L.base_ci);
          ci = L.ci;
          if (ci === L.base_ci) {
            L.nexec--;
            return;
          }
          machine.luaV_finishOp(L);
          continue newframe;
        }
        case 39: {
          // FORLOOP
          const a = stack[ra];
          if (a.type === BIG_INTEGER) {
            if (!stepBig(a, stack[ra + 1], stack[ra + 2], stack[ra + 3])) break;
          } else {
            const step = stack[ra + 2].value,
              idx = a.value + step,
              limit = stack[ra + 1].value;
            if (0 < step ? !(idx <= limit) : !(limit <= idx)) break;
            a.value = idx;
            const d = stack[ra + 3];
            d.type = a.type;
            d.value = idx;
          }
          pc += i.sBx;
          if (--g.fuel < 0 && stops(L, ci, pc, pc)) return;
          break;
        }
        case 40: {
          // FORPREP
          prepareLoop(L, stack[ra], stack[ra + 1], stack[ra + 2]);
          pc += i.sBx;
          break;
        }
        case 41: {
          // TFORCALL
          const cb = ra + 3,
            n = i.C;
          const d2 = stack[cb + 2],
            s2 = stack[ra + 2];
          d2.type = s2.type;
          d2.value = s2.value;
          const d1 = stack[cb + 1],
            s1 = stack[ra + 1];
          d1.type = s1.type;
          d1.value = s1.value;
          const d0 = stack[cb],
            s0 = stack[ra];
          d0.type = s0.type;
          d0.value = s0.value;
          if (s0.type === HOST_FUNCTION && s0.value === nextFunction && s1.type === TABLE) {
            if (next(L, s1.value, d2, d1)) {
              d0.type = d2.type;
              d0.value = d2.value;
            } else {
              d0.type = NIL;
              d0.value = null;
            }
            for (let j = 2; j < n; j++) {
              const d = stack[cb + j];
              d.type = NIL;
              d.value = null;
            }
            break;
          }
          L.top = cb + 3;
          if (s0.type === LUA_FUNCTION) {
            ci = enterLua(L, cb, d0, n);
            continue newframe;
          }
          call(L, cb, n);
          restoreTop(L, ci.top);
          break;
        }
        case 42: {
          // TFORLOOP
          const s = stack[ra + 1];
          if (s.type !== NIL) {
            const d = stack[ra];
            d.type = s.type;
            d.value = s.value;
            pc += i.sBx;
            if (--g.fuel < 0 && stops(L, ci, pc, pc)) return;
          }
          break;
        }
        case 43: {
          // SETLIST
          let n = i.B,
            c = i.C;
          if (n === 0) n = L.top - ra - 1;
          if (c === 0) c = code[pc++].Ax;
          storeItems(L, ra, n, c);
          restoreTop(L, ci.top);
          break;
        }
        case 44:
          capture(L, p.p[i.Bx] as Prototype, cl, base, stack[ra]);
          break; // CLOSURE
        case 45: {
          // VARARG
          let b = i.B - 1;
          let n = base - ci.funcOff - p.numparams - 1;
          if (n < 0) n = 0;
          if (b < 0) {
            b = n;
            if (n > 64) g.fuel -= n >> 2;
            reserve(L, n);
            restoreTop(L, ra + n);
          }
          let j = 0;
          for (; j < b && j < n; j++) {
            const d = stack[ra + j],
              s = stack[base - n + j];
            d.type = s.type;
            d.value = s.value;
          }
          for (; j < b; j++) {
            const d = stack[ra + j];
            d.type = NIL;
            d.value = null;
          }
          break;
        }
        default:
          throw new Error("unknown instruction");
      }
    }
  }
}

/** Puts the frame of a tail call, topmost now, in the place of its caller's. */
function replaceFrame(L: Thread): Call {
  const made = L.ci;
  const caller = made.previous;
  const { stack } = L;
  const from = made.funcOff;
  const to = caller.funcOff;
  const end = made.l_base + made.func.value.p.numparams;
  for (let i = 0; from + i < end; i++) {
    const into = stack[to + i] as Slot;
    const slot = stack[from + i] as Slot;
    into.type = slot.type;
    into.value = slot.value;
  }
  caller.func = stack[to] as Slot;
  caller.l_base = to + (made.l_base - from);
  L.top = caller.top = to + (L.top - from);
  caller.l_code = made.l_code;
  caller.l_savedpc = made.l_savedpc;
  caller.callstatus |= isTailCall;
  L.ci = caller;
  return caller;
}

loop.run = run;
machine.luaV_execute = run;
