import { z } from 'zod';

/**
 * The stages in their order. Each consumes the event that the stage before it emits; the first one consumes the
 * aggregator's request for work. All names of stages, their services and their events derive from this table.
 */
export const pipeline = [
  { stage: 'license', service: 'license', consumes: 'pkg.requested', emits: 'pkg.licensed' },
  { stage: 'download', service: 'downloader', consumes: 'pkg.licensed', emits: 'pkg.downloaded' },
  { stage: 'scan', service: 'scanner', consumes: 'pkg.downloaded', emits: 'pkg.scanned' },
] as const;

export type PipelineStage = (typeof pipeline)[number];
/** A stage; also the name of its evidence. */
export type StageName = PipelineStage['stage'];
/** A service that runs a stage; also in the names of its queues and instances. */
export type StageService = PipelineStage['service'];

/** One field of each row, as a tuple: zod needs the literal names. */
type Column<Rows extends readonly PipelineStage[], Key extends keyof PipelineStage> = {
  [Index in keyof Rows]: Rows[Index][Key];
};
function column<Key extends keyof PipelineStage>(key: Key): Column<typeof pipeline, Key> {
  return pipeline.map((row) => row[key]) as unknown as Column<typeof pipeline, Key>;
}

export const stageNames = column('stage');
export const stageServices = column('service');
export const stageNameSchema = z.enum(stageNames);

/** The row of a stage. */
export function pipelineStage(stage: StageName): PipelineStage {
  return pipeline[stageNames.indexOf(stage)]!;
}

/** The stage that emits this type of event; undefined for all other events. */
export function stageEmitting(type: string): StageName | undefined {
  return pipeline.find(({ emits }) => emits === type)?.stage;
}

/** The stage after this one; null after the last. */
export function nextStage(stage: StageName): StageName | null {
  return stageNames[stageNames.indexOf(stage) + 1] ?? null;
}

/** The stages before this one, whose evidence it is given. */
export function stagesBefore(stage: StageName): StageName[] {
  return stageNames.slice(0, stageNames.indexOf(stage));
}
