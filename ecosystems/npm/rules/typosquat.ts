import { npmHighImpact } from 'npm-high-impact';
import { imitationsOf, skeletonOf, slipsOf, typosquatRule } from '@sluice/inspection/inspect';

/** The list is sorted by impact; endings are added to the names that everybody knows. */
const wellKnownMax = 3_000;
const endings = /[-_.]?(?:js|npm|node|lib|pkg|package|module|official|latest)$/;

const popular = new Set(npmHighImpact);
const imitatedName = imitationsOf({ popular: npmHighImpact, endings, wellKnownMax });
const scopes = new Set(npmHighImpact.flatMap((name) => scopeOf(name) ?? []));
const scopeBySkeleton = new Map([...scopes].map((scope) => [skeletonOf(scope), scope]));

export const typosquat = typosquatRule(imitated);

/** The popular package that a name could be mistaken for, or null. A popular name is never an imitation. */
export function imitated(name: string): string | null {
  if (popular.has(name)) return null;
  return name.startsWith('@') ? imitatedInScope(name) : imitatedName(name);
}

/** Nobody but its owner publishes within a scope, so that only another scope than the popular one imitates it. */
function imitatedInScope(name: string): string | null {
  const scope = scopeOf(name)!;
  if (scopes.has(scope)) return null;
  const rest = name.slice(scope.length);
  const alike = scopeBySkeleton.get(skeletonOf(scope));
  const meant = [...(alike ? [alike] : []), ...slipsOf(scope.slice(1)).map((slip) => `@${slip}`)];
  const found = meant.find((other) => scopes.has(other) && popular.has(other + rest));
  return found === undefined ? null : found + rest;
}

function scopeOf(name: string): string | null {
  return /^@[^/]+(?=\/)/.exec(name)?.[0] ?? null;
}
