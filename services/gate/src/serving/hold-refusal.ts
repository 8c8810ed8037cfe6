import { formatPurl } from '@sluice/contracts';
import type { NotAsked } from '../asks/asker.ts';
import type { GateDeps } from '../deps.ts';
import { describeHold, type Hold } from '../standings/hold.ts';
import type { Place } from '../standings/standing-index.ts';
import type { GateRequest } from './gate-request.ts';
import { nearestApproved } from './nearest.ts';
import type { Refusal } from './refusal.ts';

const unasked: Record<NotAsked, string> = {
  'no-right': 'Your key may not ask for it.',
  'too-many': 'You have asked for very much within an hour; ask for it again later.',
};

/** What a held package version is refused with: its state, the reasons, and what could be installed in its place. */
export function holdRefusal(
  { facade, asked }: GateRequest,
  { place, hold, notAsked = null }: { place: Place; hold: Hold; notAsked?: NotAsked | null },
  { standings }: GateDeps,
): Refusal {
  const nearest = nearestApproved(standings.index, place, facade, Date.now());
  const { name, version } = place;
  const message = [
    `Held by Sluice: ${name}@${version} ${describeHold(hold)}.`,
    ...(nearest === null ? [] : [`Nearest approved: ${nearest}.`]),
    ...(notAsked === null ? [] : [unasked[notAsked]]),
    `See: sluice why ${name}@${version}`,
  ].join(' ');
  const code = hold.codes[0] ?? hold.state;
  const path = facade.refusalPath(asked.header, { name, version, code });
  return {
    code: 'gate.held',
    message,
    details: { purl: formatPurl(place), state: hold.state, reasons: hold.codes, nearest },
    ...(path === null ? {} : { redirect: `/${facade.base}${path}` }),
  };
}
