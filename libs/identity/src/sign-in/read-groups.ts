import { PermanentError } from '@sluice/contracts';

type Claims = Readonly<Record<string, unknown>>;

/** Providers leave groups out beyond about 200. */
const groupsMax = 1_000;

/**
 * The groups that a person is in, as the claims have them. Pure.
 * @param claim its name, `groups`, or a path to it, `/resource_access/sluice/roles` (JSON Pointer, RFC 6901).
 * @returns null where there is no such claim.
 * @throws PermanentError `access.groups-overage` when the provider left groups out because they were too many, or something else than texts is there.
 */
export function readGroups(claims: Claims, claim: string): string[] | null {
  const found = claim.startsWith('/') ? at(claims, claim.slice(1).split('/').map(unescape)) : claims[claim];
  if (found === undefined || found === null) {
    if (isOverage(claims, claim))
      throw new PermanentError(
        'access.groups-overage',
        `The provider left the claim ${claim} out, since the person is in too many groups.`,
      );
    return null;
  }
  const groups = Array.isArray(found) ? (found as unknown[]) : [found];
  if (groups.length > groupsMax)
    throw new PermanentError(
      'access.groups-overage',
      `The claim ${claim} has ${groups.length} groups; ${groupsMax} are read.`,
    );
  if (!groups.every((group) => typeof group === 'string'))
    throw new PermanentError('access.groups-overage', `The claim ${claim} is no list of texts.`);
  return groups;
}

/** Distributed claims (OpenID Connect Core, 5.6.2), and the mark that one large provider sets for it. */
function isOverage(claims: Claims, claim: string): boolean {
  const elsewhere = claims['_claim_names'];
  const isElsewhere = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim);
  return isElsewhere || claims['hasgroups'] === true || claims['hasgroups'] === 'true';
}

function at(value: unknown, [step, ...rest]: string[]): unknown {
  if (step === undefined) return value;
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
  return isObject ? at((value as Record<string, unknown>)[step], rest) : undefined;
}

const unescape = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');
