import { z } from 'zod';

/** Address of bytes in the artifact store. */
export const digestField = z.string().regex(/^sha256:[0-9a-f]{64}$/);
