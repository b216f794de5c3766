import { BlockList, isIP } from "node:net";
import type { NetworkRules } from "../context.ts";

/** The `wasi.network` field: deny wins; without `allow`, everything that is not denied is allowed. */
export interface NetworkGrant {
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
}

/** Addresses that an instance's names came to are remembered up to here; later ones are not allowed by their names. */
const rememberedAddresses = 1_024;
const lastPort = 65_535;

/** One rule, read: what it says about addresses, about names, and its ports. */
interface Rule {
  readonly name: string | undefined;
  readonly addresses: BlockList;
  readonly any: boolean;
  readonly firstPort: number;
  readonly lastPort: number;
}

/**
 * Says what is wrong with a rule: `*`, an address, a range `10.0.0.0/8`, a name or `*.example.com`, each with or without
 * `:port` or `:first-last`; an IPv6 address with ports stands in brackets.
 */
export function networkRuleProblem(text: string): string | undefined {
  return parseRule(text) === undefined
    ? "must be *, an address, a range such as 10.0.0.0/8 or a name, perhaps with :port or :first-last"
    : undefined;
}

/** The rules of one instance: it remembers what the names that it looks up come to. */
export function networkRules(grant: NetworkGrant): NetworkRules {
  const { allow, deny } = compiled(grant);
  const names = new Map<string, Set<string>>();
  let remembered = 0;
  const matches = (rule: Rule, address: string, port: number): boolean => {
    if (port < rule.firstPort || port > rule.lastPort) return false;
    if (rule.any) return true;
    if (rule.name === undefined) return rule.addresses.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
    return [...(names.get(address) ?? [])].some((name) => isNamed(rule, name));
  };
  const mayUse = (address: string, port: number): boolean => {
    const [bare = ""] = address.split("%");
    if (isIP(bare) === 0 || deny.some((rule) => matches(rule, bare, port))) return false;
    return allow === undefined || allow.some((rule) => matches(rule, bare, port));
  };
  return {
    mayConnect: mayUse,
    mayListen: mayUse,
    mayResolve(name) {
      const isEvery = ({ firstPort, lastPort: last }: Rule): boolean => firstPort === 0 && last === lastPort;
      if (deny.some((rule) => isEvery(rule) && isNamed(rule, name))) return false;
      return allow === undefined || allow.some((rule) => isNamed(rule, name));
    },
    resolved(name, addresses) {
      for (const address of addresses) {
        if (remembered >= rememberedAddresses) return;
        const known = names.get(address) ?? new Set();
        if (known.has(name)) continue;
        known.add(name);
        names.set(address, known);
        remembered += 1;
      }
    },
  };
}

function isNamed(rule: Rule, name: string): boolean {
  if (rule.any || rule.name === name) return true;
  return rule.name?.startsWith("*.") === true && name.endsWith(rule.name.slice(1));
}

interface CompiledGrant {
  readonly allow: readonly Rule[] | undefined;
  readonly deny: readonly Rule[];
}

/** An entry's grant is one object that every instance of it shares: read once. */
const compiledGrants = new WeakMap<NetworkGrant, CompiledGrant>();

function compiled(grant: NetworkGrant): CompiledGrant {
  let rules = compiledGrants.get(grant);
  if (rules === undefined) {
    rules = { allow: grant.allow === undefined ? undefined : read(grant.allow), deny: read(grant.deny ?? []) };
    compiledGrants.set(grant, rules);
  }
  return rules;
}

/** Rules that were checked when the entry was; one that cannot be read would otherwise widen what is allowed. */
function read(texts: readonly string[]): Rule[] {
  return texts.map((text) => {
    const rule = parseRule(text);
    if (rule === undefined) throw new Error(`the network rule ${text} was not checked`);
    return rule;
  });
}

function parseRule(text: string): Rule | undefined {
  const { host, ports } = splitPorts(text.trim().toLowerCase());
  const range = parsePorts(ports);
  const what = range === undefined ? undefined : parseHost(host);
  return range === undefined || what === undefined ? undefined : { ...what, ...range };
}

function splitPorts(text: string): { readonly host: string; readonly ports: string | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: bracketed[1] ?? "", ports: bracketed[2] };
  const colon = text.indexOf(":");
  // With two colons or more it is an IPv6 address, which has no ports without brackets.
  if (colon < 0 || colon !== text.lastIndexOf(":")) return { host: text, ports: undefined };
  return { host: text.slice(0, colon), ports: text.slice(colon + 1) };
}

function parsePorts(text: string | undefined): Pick<Rule, "firstPort" | "lastPort"> | undefined {
  if (text === undefined) return { firstPort: 0, lastPort };
  const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { firstPort: Number(first), lastPort: Number(last) };
  return first !== "" && range.firstPort <= range.lastPort && range.lastPort <= lastPort ? range : undefined;
}

function parseHost(host: string): Pick<Rule, "name" | "addresses" | "any"> | undefined {
  const addresses = new BlockList();
  if (host === "*") return { name: undefined, addresses, any: true };
  const [address = "", bits, ...more] = host.split("/");
  const version = isIP(address);
  if (version === 0) return isHostName(host) ? { name: host, addresses, any: false } : undefined;
  const family = version === 6 ? "ipv6" : "ipv4";
  const most = version === 6 ? 128 : 32;
  if (more.length > 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most))) return undefined;
  addresses.addSubnet(address, bits === undefined ? most : Number(bits), family);
  return { name: undefined, addresses, any: false };
}

function isHostName(text: string): boolean {
  // A misspelt address is not a name.
  return /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z_]([a-z0-9_-]*[a-z0-9_])?$/.test(text);
}
