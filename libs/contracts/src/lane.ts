import { z } from 'zod';

export const lanes = ['interactive', 'bulk'] as const;
export const laneSchema = z.enum(lanes);
export type Lane = z.infer<typeof laneSchema>;
