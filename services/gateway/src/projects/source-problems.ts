import type { ErrorCode } from '@sluice/contracts';

/** Problems of where a project comes from. */
export const sourceProblems = [
  'git.address-invalid',
  'git.credentials-in-address',
  'git.host-not-allowed',
  'git.credential-not-usable',
] as const satisfies ErrorCode[];
