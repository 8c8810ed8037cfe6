/** Where the console has screens. The gateway serves its page at each of these (`consolePages`). */
export const addresses = [
  '/',
  '/approvals',
  '/requests',
  '/requests/:id',
  '/batches',
  '/batches/:id',
  '/projects',
  '/projects/:id',
  '/packages',
  '/packages/:purl',
  '/submit',
  '/operations',
  '/dead-letters',
  '/installs',
  '/audit',
  '/keys',
  '/policy',
  '/webhooks',
] as const;
export type Address = (typeof addresses)[number];
