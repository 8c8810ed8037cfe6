import { visibleText } from '@sluice/contracts';
import { documentable } from './documented-zod.ts';

const readable = 'One line of text that says something: no control, bidirectional or invisible characters.';

/** Fields of every command: who acts, and why. */
export const actor = (exampleReason: string) => ({
  by: documentable(visibleText(200))
    .optional()
    .openapi({
      example: 'mira@example.org',
      description: `Who asks for it: the holder of the key, and only the local key may name another one. ${readable}`,
    }),
  reason: documentable(visibleText(2_000)).openapi({ example: exampleReason, description: readable }),
});
