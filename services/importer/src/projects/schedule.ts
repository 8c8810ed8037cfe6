import { PermanentError } from '@sluice/contracts';

/** When a project is refreshed by itself. */
export type Schedule =
  { kind: 'every'; minutes: number } | { kind: 'at'; hour: number; minute: number; weekday: number | null };

const unitMinutes: Record<string, number> = { m: 1, h: 60, d: 24 * 60 };
/** Every quarter of an hour at most: a push is told by a webhook sooner. */
const minutesMin = 15;
const minutesMax = 31 * 24 * 60;
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayMs = 86_400_000;

/**
 * Reads `every 6h`, `daily 04:30` or `weekly mon 04:30`; times are UTC. Pure.
 * @throws PermanentError `input.invalid`.
 */
export function parseSchedule(text: string): Schedule {
  const every = /^every ([1-9]\d{0,4})([mhd])$/.exec(text);
  if (every) {
    const minutes = Number(every[1]) * unitMinutes[every[2]!]!;
    if (minutes >= minutesMin && minutes <= minutesMax) return { kind: 'every', minutes };
    throw invalid(`is every ${minutesMin} minutes to every 31 days`);
  }
  const at = /^(?:daily|weekly (sun|mon|tue|wed|thu|fri|sat)) ([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (!at) throw invalid('is written as `every 6h`, `daily 04:30` or `weekly mon 04:30`');
  const weekday = at[1] === undefined ? null : weekdays.indexOf(at[1]);
  return { kind: 'at', weekday, hour: Number(at[2]), minute: Number(at[3]) };
}

/** The first time of a schedule behind a moment; times that passed while nothing ran are left out. Pure. */
export function nextTime(schedule: Schedule, after: Date): Date {
  if (schedule.kind === 'every') return new Date(after.getTime() + schedule.minutes * 60_000);
  const { hour, minute, weekday } = schedule;
  const day = Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate(), hour, minute);
  for (let ahead = 0; ; ahead += 1) {
    const time = new Date(day + ahead * dayMs);
    if (time > after && (weekday === null || time.getUTCDay() === weekday)) return time;
  }
}

function invalid(detail: string): PermanentError {
  const faults = [{ pointer: '/schedule', detail }];
  return new PermanentError('input.invalid', `schedule: ${detail}.`, { faults });
}
