import {
  listReplaysCommand,
  momentSchema,
  replayCommand,
  replayFilterSchema,
  stageNameSchema,
  visibleText,
} from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { pageSchemaOf, pageQuery } from '../page.ts';

const { ecosystem, limit } = replayFilterSchema.shape;

export const replayBodySchema = z
  .strictObject({
    ...actor('The rules were extended.'),
    stage: documentable(stageNameSchema).openapi({ description: 'It runs again, and the stages after it.' }),
    since: momentSchema.nullish().openapi({ description: 'Newest assessment ended then or later.' }),
    until: momentSchema.nullish().openapi({ description: 'Newest assessment ended before.' }),
    ecosystem: ecosystem.optional().openapi({ example: 'npm' }),
    rulesVersion: visibleText(100).nullish().openapi({
      description: 'Evidence of the stage that was made by an older version than this.',
      example: '3fa1c09d77be',
    }),
    advisoriesVersion: visibleText(200).nullish().openapi({
      description: 'Scans that were compared with other advisories than these.',
    }),
    limit: limit.optional().openapi({
      description: 'Package versions at most, those assessed the longest ago; 100,000 unless given.',
    }),
    dryRun: z.boolean().optional().openapi({ description: 'Only count.' }),
  })
  .openapi('Replay');

const counted = replayCommand.output.shape;

export const replayedSchema = z
  .object({
    id: documentable(counted.id).openapi({ description: 'Null of a dry run.' }),
    packages: counted.packages,
    running: documentable(counted.running).openapi({
      description: 'Of them in flight now; these are joined.',
    }),
    // Without the command's default, which is for an older aggregator.
    repeated: z.boolean().openapi({ description: 'This Idempotency-Key was accepted before.' }),
  })
  .openapi('Replayed');
export type Replayed = z.infer<typeof replayedSchema>;

const listed = listReplaysCommand.output.shape.replays.element.shape;

/** A replay, and how far it is. */
export const listedReplaySchema = z
  .object({
    ...listed,
    waiting: documentable(listed.waiting).openapi({ description: 'Whose turn has not come.' }),
    // Without the command's default, which is for an older aggregator.
    cancelled: z.number().int().openapi({ description: 'Left out when it was cancelled.' }),
    joined: documentable(listed.joined).openapi({ description: 'Were in flight when their turn came.' }),
  })
  .openapi('ListedReplay');
export type ListedReplay = z.infer<typeof listedReplaySchema>;

export const replayPageSchema = pageSchemaOf(listedReplaySchema, 'ReplayPage');
export const replaysQuery = z.object(pageQuery(100, 20));
