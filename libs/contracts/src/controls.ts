import { z } from 'zod';

/**
 * Controls: pauses and drains by operators at runtime. The aggregator owns them; the stages see a copy in a NATS bucket, see
 * `watch-controls.ts` of @sluice/stages.
 */

export const controlSchema = z.looseObject({
  /** A stage is paused everywhere, a host for every stage that needs it, one instance is drained. */
  kind: z.enum(['stage', 'host', 'worker']),
  /** The stage; `host` or `host:port`; `<service>/<instance>`. */
  name: z.string(),
  by: z.string(),
  reason: z.string(),
  /** Since when it holds. */
  at: z.iso.datetime({ offset: true }),
});
export type Control = Pick<z.infer<typeof controlSchema>, 'kind' | 'name' | 'by' | 'reason' | 'at'>;

const controlInput = z.object({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
  kind: controlSchema.shape.kind,
  name: z.string().min(1).max(300),
  /** True to pause or drain, false to let it go on. */
  held: z.boolean(),
});
export type ControlInput = z.infer<typeof controlInput>;

const controlOutput = z.object({
  /** False when it was so before: the first who held it stays the one who did. */
  changed: z.boolean(),
  /** The control that holds now, if any. */
  control: controlSchema.nullable(),
});
export type ControlOutput = z.infer<typeof controlOutput>;

export const controlCommand = {
  service: 'aggregator',
  name: 'control',
  input: controlInput,
  output: controlOutput,
};

/** `scan is paused by mira since 2026-03-01T09:30:00Z: new rules`, for people. */
export function describeControl({ kind, name, by, at, reason }: Control): string {
  return `${name} is ${kind === 'worker' ? 'drained' : 'paused'} by ${by} since ${at}: ${reason}`;
}

/**
 * The control that holds a host, if there is one. One without a port holds all ports of its host.
 * @param host as in a URL, with the port where it is not the scheme's own.
 */
export function hostControl(controls: readonly Control[], host: string): Control | undefined {
  const name = host.replace(/:\d+$/, '');
  return controls.find(
    (control) => control.kind === 'host' && (control.name === host || control.name === name),
  );
}

/** Labels of letters and digits between dots, or an address in brackets; then perhaps a port. */
const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const hostPattern = new RegExp(String.raw`^(?:${label}(?:\.${label})*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$`);
/** 253 characters of a name and a port. */
const hostMaxChars = 260;

/** A host as it stands in URLs: lower-case, without https' own port. @returns null for a text that is no host. */
export function canonicalHost(text: string): string | null {
  if (text.length > hostMaxChars || !hostPattern.test(text)) return null;
  return URL.canParse(`https://${text}`) ? new URL(`https://${text}`).host : null;
}
