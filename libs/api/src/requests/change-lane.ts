import { changeLaneCommand, laneSchema } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';

export const changeLaneBodySchema = z
  .strictObject({ ...actor('The release waits for it.'), lane: laneSchema })
  .openapi('ChangeLane');

export const laneChangedSchema = documentable(changeLaneCommand.output).openapi('LaneChanged');
