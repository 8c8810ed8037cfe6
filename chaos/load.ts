import { setTimeout as delay } from 'node:timers/promises';
import { requestIdOf } from '@sluice/importer';
import { zipOf } from '@sluice/testkit/fakes';
import {
  packageLock,
  type FakeNpmRegistry,
  type FakePackage,
  type PublishedPackage,
} from '@sluice/ecosystems/npm/fakes';
import type { Random } from './random.ts';

/** A request that the gateway accepted. From then on it must not be lost. */
export interface Acknowledged {
  requestId: string;
  key: string;
  purls: string[];
  acknowledgedAt: number;
}

/** An answer other than 202, or none. */
export interface Refusal {
  status: number | null;
  retryAfter: string | null;
  at: number;
}

/** An answer to a submission; the id is that of a request or a batch, null for one that was not accepted. */
interface Answer {
  status: number | null;
  requestId: string | null;
  retryAfter: string | null;
}

export interface SubmitOptions {
  lane?: 'interactive' | 'bulk';
  /** Packages to submit instead of new ones. */
  names?: string[];
}

/** A client gives up on one submission after this long; its fate is then unknown. */
const patienceMs = 180_000;
const answerMs = 20_000;

/** A client with a log of acknowledged submissions. Submissions are repeated under their key until they are. */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  /** Keys of submissions that were never answered with yes. */
  readonly unknown: string[] = [];
  readonly refusals: Refusal[] = [];
  readonly published = new Map<string, PublishedPackage>();
  readonly #apiUrl: string;
  readonly #registry: FakeNpmRegistry;
  readonly #random: Random;
  readonly #gaveUp = new AbortController();
  readonly #run: string;
  #names = 0;
  #keys = 0;

  constructor(apiUrl: string, registry: FakeNpmRegistry, random: Random) {
    this.#apiUrl = apiUrl;
    this.#registry = registry;
    this.#random = random;
    this.#run = Math.floor(random.next() * 36 ** 6).toString(36);
  }

  /** Publishes new package versions in the made-up registry. */
  publish(count: number, fake: Partial<FakePackage> = {}): string[] {
    return Array.from({ length: count }, () => {
      const name = `chaos-${this.#run}-${(this.#names += 1)}`;
      const published = this.#registry.publish({
        name,
        version: '1.0.0',
        manifest: { license: 'MIT' },
        publishedAt: '2024-01-01T00:00:00.000Z',
        ...fake,
      });
      this.published.set(purlOf(name), published);
      return name;
    });
  }

  /** Submits this many package versions in several lockfiles at once, some of them in more than one. */
  async submit(packages: number, options: SubmitOptions & { perRequest?: number } = {}): Promise<void> {
    const names = options.names ?? this.publish(packages);
    const perRequest = options.perRequest ?? Math.max(10, Math.ceil(names.length / 6));
    const requests: Promise<unknown>[] = [];
    for (let start = 0; start < names.length; start += perRequest) {
      const own = names.slice(start, start + perRequest);
      const shared = start === 0 ? [] : names.slice(0, Math.ceil(start / 10));
      requests.push(this.submitOne([...own, ...shared], options));
    }
    await Promise.all(requests);
  }

  /** Submits one lockfile, again and again under one key, until it is taken in or the client loses patience. */
  async submitOne(names: string[], options: SubmitOptions = {}): Promise<Acknowledged | null> {
    const key = `${this.#run}-${(this.#keys += 1)}`;
    const body = this.lockfileOf(names);
    const requestId = await this.#untilAccepted(key, () => this.post(body, key, options.lane));
    if (requestId === null) return null;
    const acknowledged = { requestId, key, purls: names.map(purlOf), acknowledgedAt: Date.now() };
    this.acknowledged.push(acknowledged);
    return acknowledged;
  }

  /** @returns the id of the accepted request or batch; null when the client lost its patience. */
  async #untilAccepted(key: string, send: () => Promise<Answer>): Promise<string | null> {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline && !this.#gaveUp.signal.aborted) {
      const answer = await send();
      if (answer.requestId !== null) return answer.requestId;
      this.refusals.push({ status: answer.status, retryAfter: answer.retryAfter, at: Date.now() });
      await delay(200 + this.#random.between(0, 300));
    }
    this.unknown.push(key);
    return null;
  }

  /**
   * Submits new package versions as one batch with a lockfile for every ten, again and again under one key. Its requests are
   * acknowledged with it: their ids are known.
   */
  async submitBatch(packages: number): Promise<void> {
    const names = this.publish(packages);
    const files: [path: string, names: string[]][] = [];
    for (let start = 0; start < names.length; start += 10)
      files.push([`${start}/package-lock.json`, names.slice(start, start + 10)]);
    const zip = zipOf(Object.fromEntries(files.map(([file, own]) => [file, this.lockfileOf(own)])));
    const key = `${this.#run}-${(this.#keys += 1)}`;
    const batchId = await this.#untilAccepted(key, () =>
      this.#send('/v1/batches?requester=chaos', key, new Uint8Array(zip), 'application/zip'),
    );
    if (batchId === null) return;
    for (const [file, own] of files) {
      const requestId = requestIdOf(batchId, file);
      this.acknowledged.push({ requestId, key, purls: own.map(purlOf), acknowledgedAt: Date.now() });
    }
  }

  /**
   * Has a project refreshed whose repository has a lockfile of these packages, until the refresh is accepted.
   * @returns the id of the refresh; null when the client lost its patience.
   */
  async refreshProject(projectId: string, names: string[]): Promise<string | null> {
    const key = `${this.#run}-${(this.#keys += 1)}`;
    const refreshId = await this.#untilAccepted(key, async () => {
      const answer = await this.#json(`/v1/projects/${projectId}/refresh`, { by: 'chaos' });
      return {
        status: answer?.status ?? null,
        requestId: answer?.body['refreshId'] ?? null,
        retryAfter: null,
      };
    });
    if (refreshId === null) return null;
    const requestId = requestIdOf(refreshId, 'package-lock.json');
    this.acknowledged.push({ requestId, key, purls: names.map(purlOf), acknowledgedAt: Date.now() });
    return refreshId;
  }

  /** Adds a project. @returns its id. */
  async addProject(git: string): Promise<string> {
    const name = `project ${(this.#names += 1)}`;
    const answer = await this.#json('/v1/projects', { by: 'chaos', name, source: { git, ref: 'main' } });
    if (answer?.status !== 201) throw new Error(`The project was not added: ${JSON.stringify(answer)}`);
    return answer.body['id']!;
  }

  /** Has a receiver told of events from now on. */
  async addWebhook(url: string, types: readonly string[]): Promise<void> {
    const answer = await this.#json('/v1/webhooks', { by: 'chaos', name: 'chaos', url, types });
    if (answer?.status !== 201) throw new Error(`The webhook was not added: ${JSON.stringify(answer)}`);
  }

  async #json(
    address: string,
    body: object,
  ): Promise<{ status: number; body: Record<string, string> } | null> {
    try {
      const response = await fetch(this.#apiUrl + address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(answerMs),
      });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    } catch {
      return null;
    }
  }

  /** The lockfile of these packages; every third is pinned. */
  lockfileOf(names: string[]): string {
    return packageLock(
      3,
      names.map((name, index) => {
        const integrity = this.published.get(purlOf(name))?.integrity;
        return { name, version: '1.0.0', ...(index % 3 === 0 && integrity ? { integrity } : {}) };
      }),
    );
  }

  /** One POST, without repeating it. */
  async post(body: string, key: string, lane = 'interactive'): Promise<Answer> {
    return this.#send(`/v1/requests?lane=${lane}&requester=chaos`, key, body, 'application/json');
  }

  async #send(
    address: string,
    key: string,
    body: string | Uint8Array<ArrayBuffer>,
    type: string,
  ): Promise<Answer> {
    try {
      const response = await fetch(this.#apiUrl + address, {
        method: 'POST',
        headers: { 'content-type': type, 'idempotency-key': key },
        body,
        signal: AbortSignal.timeout(answerMs),
      });
      const { id } = (await response.json()) as { id?: string };
      const accepted = response.status === 202 && id !== undefined;
      return {
        status: response.status,
        requestId: accepted ? id : null,
        retryAfter: response.headers.get('retry-after'),
      };
    } catch {
      return { status: null, requestId: null, retryAfter: null };
    }
  }

  /** Ends submissions that are still being repeated. */
  giveUp(): void {
    this.#gaveUp.abort();
  }
}

export const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;
