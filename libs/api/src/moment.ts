import { z } from './documented-zod.ts';

/** A moment in an answer: ISO 8601 in UTC, with milliseconds. */
export const moment = z.iso.datetime().openapi({ example: '2026-03-01T09:30:00.000Z' });
