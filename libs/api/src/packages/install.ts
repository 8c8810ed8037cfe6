import { scopeSchema, visibleText } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';
import { shownScope } from '../scope.ts';

/** A package version that somebody was sent through the gate. */
export const installSchema = z
  .object({
    purl: z.string().openapi({ example: 'pkg:npm/lodash@4.17.21' }),
    scope: shownScope,
    principal: z.string().openapi({ example: 'build', description: 'Who installed it.' }),
    principalId: z.string().openapi({ example: 'service:build' }),
    client: z
      .string()
      .openapi({ example: 'pip/24.0', description: 'What the client calls itself, at last.' }),
    firstAt: moment,
    lastAt: moment,
  })
  .openapi('Install');
export type Install = z.infer<typeof installSchema>;

export const installPageSchema = pageSchemaOf(installSchema, 'InstallPage');

export const installsQuery = z.object({
  purl: documentable(visibleText(1_000)).optional().openapi({ description: 'Of this package version.' }),
  principal: documentable(visibleText(200)).optional().openapi({ description: 'By this one.' }),
  scope: documentable(scopeSchema).optional(),
  held: z
    .enum(['true', 'false'])
    .optional()
    .openapi({
      description:
        'true: only what may not be installed any more, such as what was recalled; false: only the rest.',
    })
    .transform((held) => (held === undefined ? undefined : held === 'true')),
  ...pageQuery(500, 100),
});
