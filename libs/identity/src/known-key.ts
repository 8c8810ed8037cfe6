import { roles } from '@sluice/api';
import { z } from 'zod';

/** An API key as those who check it know it. */
export const knownKeySchema = z.object({
  id: z.string(),
  /** SHA-256 of the key, as hex. */
  digest: z.string(),
  name: z.string(),
  kind: z.enum(['person', 'service']),
  roles: z.array(z.enum(roles)),
  /** Null for all. */
  scopes: z.array(z.string()).nullable(),
  expiresAt: z.coerce.date(),
});
export type KnownKey = z.infer<typeof knownKeySchema>;
