/** The parts of the API that may be granted. Each route names one, or is public. */
export const rights = [
  'requests.read',
  'requests.submit',
  'requests.cancel',
  'projects.manage',
  'webhooks.manage',
  'packages.read',
  'packages.decide',
  'packages.emergency',
  'packages.install',
  'packages.resolve',
  'installs.read',
  'operations.read',
  'operations.change',
  'dead-letters.read',
  'keys.manage',
  'audit.read',
] as const;
export type Right = (typeof rights)[number];

/** Rights that the gate asks for, and no route of the API. */
export const gateRights: readonly Right[] = ['packages.install', 'packages.resolve'];

/** Marks of routes that need no right: `public` for everyone, `signed-in` for each known principal. */
export const openMarks = ['public', 'signed-in'] as const;
export type RouteRight = Right | (typeof openMarks)[number];

/** Rights over what all scopes share: a principal that is bound to some scopes has none of them. */
export const sharedRights: readonly Right[] = [
  'operations.change',
  'dead-letters.read',
  'keys.manage',
  'audit.read',
];

export const roles = ['viewer', 'submitter', 'approver', 'operator', 'admin', 'emergency'] as const;
export type Role = (typeof roles)[number];

const viewing: Right[] = ['requests.read', 'packages.read', 'packages.install', 'operations.read'];
const submitting: Right[] = [
  ...viewing,
  'requests.submit',
  'requests.cancel',
  'projects.manage',
  'packages.resolve',
];

/**
 * Rights of each role. An operator cannot approve and an approver cannot touch queues; an admin gives rights and has none
 * to decide: a person who does both has both roles, visibly.
 */
export const rightsOfRoles: Readonly<Record<Role, readonly Right[]>> = {
  viewer: viewing,
  submitter: submitting,
  approver: [...submitting, 'packages.decide', 'installs.read', 'webhooks.manage'],
  operator: [
    ...submitting,
    'installs.read',
    'webhooks.manage',
    'operations.change',
    'dead-letters.read',
    'audit.read',
  ],
  admin: [
    ...submitting,
    'installs.read',
    'webhooks.manage',
    'operations.change',
    'dead-letters.read',
    'audit.read',
    'keys.manage',
  ],
  // For the night on which nobody else is there: loud, and for a day.
  emergency: [...viewing, 'packages.emergency'],
};

export function hasRight(held: readonly Role[], right: Right): boolean {
  return held.some((role) => rightsOfRoles[role].includes(right));
}

/** The roles that have a right, for people who lack it. */
export function rolesWith(right: Right): Role[] {
  return roles.filter((role) => rightsOfRoles[role].includes(right));
}
