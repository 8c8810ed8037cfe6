import type { ArtifactStore } from '@sluice/artifacts';
import { publish, type Bus } from '@sluice/broker';
import { hasRight, type Principal } from '@sluice/api';
import { eventId, formatPurl, makeEvent, requestSubmitted, TransientError, uuidV5 } from '@sluice/contracts';
import { toMessage } from '@sluice/delivery';
import { LRUCache } from 'lru-cache';
import { brokerInTime } from '../broker-in-time.ts';
import type { Place } from '../standings/standing-index.ts';
import { askFormat, listOf } from './list-of.ts';

export interface AskerOptions {
  /** Null while there is no connection. */
  bus: () => Bus | null;
  artifacts: ArtifactStore;
  now?: () => Date;
}

const hourMs = 3_600_000;
/** One who asks again in this time has asked; the request of before goes on. */
const againAfterMs = hourMs;
/** New asks of one principal in an hour: a fresh install of a large project asks for some hundred. */
const asksPerHour = 500;
/** Asks that are remembered. */
const rememberedMax = 100_000;

/** Why an ask was not made. */
export type NotAsked = 'no-right' | 'too-many';

/**
 * Turns a wish to install into a request, like a lockfile of one package version. Requests of replicas and of repeated wishes
 * within an hour have one id, and are one request.
 */
export class Asker {
  readonly #options: AskerOptions;
  readonly #asked = new LRUCache<string, true>({ max: rememberedMax, ttl: againAfterMs });
  readonly #counts = new LRUCache<string, { hour: number; asks: number }>({ max: rememberedMax });

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /**
   * Asks for a package version.
   * @returns null once the request is durable, also when it was before; else why there is none.
   * @throws errors of the artifact store and of `publish`: then nothing was asked.
   */
  async ask(place: Place, principal: Principal): Promise<NotAsked | null> {
    if (!hasRight(principal.roles, 'requests.submit')) return 'no-right';
    const purl = formatPurl(place);
    const key = `${place.scope} ${principal.id} ${purl}`;
    if (this.#asked.has(key)) return null;
    const now = (this.#options.now ?? (() => new Date()))();
    if (!this.#mayAsk(principal.id, now)) return 'too-many';
    await brokerInTime(this.#submit(purl, place, principal, now));
    this.#asked.set(key, true);
    return null;
  }

  #mayAsk(id: string, now: Date): boolean {
    const hour = Math.floor(now.getTime() / hourMs);
    const known = this.#counts.get(id);
    const asks = known?.hour === hour ? known.asks + 1 : 1;
    if (asks > asksPerHour) return false;
    this.#counts.set(id, { hour, asks });
    return true;
  }

  async #submit(
    purl: string,
    { scope, name, version }: Place,
    principal: Principal,
    now: Date,
  ): Promise<void> {
    const { artifacts } = this.#options;
    const bus = this.#options.bus();
    if (bus === null)
      throw new TransientError('backend.unavailable', 'NATS is not available: nothing can be asked for.');
    const hour = Math.floor(now.getTime() / hourMs);
    const requestId = uuidV5(`ask/${scope}/${principal.id}/${purl}/${hour}`);
    const list = await artifacts.put(Buffer.from(JSON.stringify(listOf(purl, name, version))));
    const lane = principal.kind === 'service' ? 'bulk' : 'interactive';
    const event = makeEvent(requestSubmitted, {
      id: eventId(requestId, requestSubmitted.type, 1),
      source: 'gate',
      subject: requestId,
      time: now,
      data: {
        requestId,
        lane,
        scope,
        requester: principal.name,
        labels: { via: 'gate' },
        platforms: [],
        format: askFormat,
        filename: null,
        itemCount: 1,
        entryCount: 1,
        listDigest: list.digest,
        submittedAt: now.toISOString(),
      },
    });
    await publish(bus, toMessage(event, { lane }));
  }
}
