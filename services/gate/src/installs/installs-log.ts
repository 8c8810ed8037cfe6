import { formatPurl, type EventData, type gateServed } from '@sluice/contracts';
import type { Principal } from '@sluice/api';
import { Counter, Gauge } from 'prom-client';
import type { Place } from '../standings/standing-index.ts';

export type Served = EventData<typeof gateServed>['entries'][number];

/** What an hour of installs by everyone has; beyond that the oldest entries are given up, and counted. */
const keptMax = 200_000;
/** A client's name for itself, and no more of its header. */
const clientMaxChars = 80;

const lost = new Counter({
  name: 'sluice_gate_installs_lost_total',
  help: 'Installs that nobody will be named for: too many waited for NATS.',
});
const waiting = new Gauge({
  name: 'sluice_gate_installs_waiting',
  help: 'Installs that wait to be told to the others.',
});

/**
 * Who has installed what, until the events are out. Archives of one package version to one principal are one entry, from the first time
 * to the last.
 */
export class InstallsLog {
  readonly #waiting = new Map<string, Served>();

  /** The entries that wait, the oldest first. */
  get entries(): Served[] {
    return [...this.#waiting.values()];
  }

  /** Notes that an archive of a package version is sent to a principal. */
  note(place: Place, principal: Principal, userAgent: string | undefined, now = new Date()): void {
    const at = now.toISOString();
    this.add({
      purl: formatPurl(place),
      scope: place.scope,
      principalId: principal.id,
      principal: principal.name,
      client: clientOf(userAgent),
      firstAt: at,
      lastAt: at,
    });
  }

  add(entry: Served): void {
    const key = keyOf(entry);
    const known = this.#waiting.get(key);
    if (known === undefined && this.#waiting.size >= keptMax) this.#giveUpOldest();
    this.#waiting.set(key, known ? merged(known, entry) : entry);
    waiting.set(this.#waiting.size);
  }

  /** Drops entries that are told, but for those that have changed since. */
  drop(entries: readonly Served[]): void {
    for (const entry of entries) {
      const key = keyOf(entry);
      if (this.#waiting.get(key) === entry) this.#waiting.delete(key);
    }
    waiting.set(this.#waiting.size);
  }

  #giveUpOldest(): void {
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest!);
    lost.inc();
  }
}

const keyOf = ({ scope, principalId, purl }: Served) => `${scope} ${principalId} ${purl}`;

function merged(one: Served, other: Served): Served {
  const newer = other.lastAt >= one.lastAt ? other : one;
  const firstAt = other.firstAt < one.firstAt ? other.firstAt : one.firstAt;
  return { ...newer, firstAt };
}

/** The first product of a user agent: `pip/24.0` of `pip/24.0 {"ci":null,"cpu":"x86_64"}`. */
function clientOf(userAgent: string | undefined): string {
  const [product = ''] = (userAgent ?? '').split(' ', 1);
  return product.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, clientMaxChars);
}
