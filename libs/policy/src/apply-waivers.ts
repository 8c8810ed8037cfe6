import type { Reason } from '@sluice/contracts';
import type { Waiver } from './circumstances.ts';

/**
 * Applies waivers to reasons. A waived reason stays, with the outcome `approve` and who waived it until when. Pure.
 * @param noOverride codes that no waiver is for.
 */
export function applyWaivers(
  reasons: Reason[],
  waivers: readonly Waiver[],
  { now, noOverride }: { now: Date; noOverride: readonly string[] },
): Reason[] {
  const holding = waivers.filter(({ until }) => until > now);
  if (holding.length === 0) return reasons;
  return reasons.map((one) => {
    if (one.outcome === 'approve' || noOverride.includes(one.code)) return one;
    // Of several, the one that ends last.
    const waiver = holding
      .filter((candidate) => isAbout(candidate, one))
      .toSorted((a, b) => b.until.getTime() - a.until.getTime())[0];
    if (!waiver) return one;
    return { ...one, outcome: 'approve', waivedBy: waiver.id, waivedUntil: waiver.until.toISOString() };
  });
}

function isAbout({ codes, advisories }: Waiver, { code, data }: Reason): boolean {
  if (!codes.includes(code)) return false;
  if (advisories.length === 0) return true;
  const aliases = Array.isArray(data['aliases']) ? data['aliases'] : [];
  return [data['id'], ...aliases].some((id) => typeof id === 'string' && advisories.includes(id));
}
