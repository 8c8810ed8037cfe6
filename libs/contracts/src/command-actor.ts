import { z } from 'zod';

/** Who acts, and why: every command is audited. */
export const actor = { by: z.string().min(1).max(200), reason: z.string().min(1).max(2_000) };
