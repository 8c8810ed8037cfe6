import { isDeepStrictEqual } from 'node:util';
import { describeControl, hostControl, type Control } from '@sluice/contracts';
import { repeat, type Logger, type ServiceContext } from '@sluice/runtime';
import { openControlBucket, readControls } from './control-bucket.ts';
import type { Bus } from '@sluice/broker';

/** The controls that hold now, as this process knows them. */
export interface ControlWatch {
  readonly controls: readonly Control[];
  /** The control that holds a stage or an instance (`<service>/<instance>`). */
  find(kind: 'stage' | 'worker', name: string): Control | undefined;
  /** The control that holds a host, given as it stands in a URL. */
  findHost(host: string): Control | undefined;
  /** Why nothing is to be fetched from a host, in words; undefined when it may be. */
  whyPaused: (host: string) => string | undefined;
  /** Calls back after each change. */
  onChange(listener: () => void): void;
  stop(): Promise<void>;
}

/**
 * A look costs the broker one read of one value. Asking beats being told here: it is right after a reconnect, a
 * bucket that was made anew and a late start without knowing of any of them.
 */
const lookMs = 1_000;

/**
 * Keeps up with the controls until it is stopped. While the controls are unknown, as with a broker that is away
 * or lost its data, the last known ones go on holding.
 * @throws when the broker cannot be asked at the start: a stage that is paused must not begin to work.
 */
export async function watchControls(bus: Bus, log: Logger): Promise<ControlWatch> {
  const listeners: (() => void)[] = [];
  const bucket = await openControlBucket(bus);
  let controls: readonly Control[] = (await readControls(bucket)) ?? [];

  const look = async () => {
    const found = await readControls(bucket);
    if (found === null || isDeepStrictEqual(found, controls)) return;
    controls = found;
    log.info({ controls }, 'what is paused or drained has changed');
    for (const listener of listeners) listener();
  };
  const stop = repeat({ log }, { name: 'reading controls', everyMs: lookMs, firstMs: lookMs, run: look });
  const findHost = (host: string) => hostControl(controls, host);
  return {
    get controls() {
      return controls;
    },
    find: (kind, name) => controls.find((control) => control.kind === kind && control.name === name),
    findHost,
    whyPaused: (host) => {
      const found = findHost(host);
      return found && describeControl(found);
    },
    onChange: (listener) => void listeners.push(listener),
    stop,
  };
}

/** A service's view of the controls, until it stops. */
export async function openControls(
  bus: Bus,
  { log, onStop }: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): Promise<ControlWatch> {
  const controls = await watchControls(bus, log);
  onStop('controls', () => controls.stop());
  return controls;
}
