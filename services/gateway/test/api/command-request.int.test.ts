import { PermanentError, approveCommand, cancelCommand, knownRequestsCommand } from '@sluice/contracts';
import { serveCommand } from '@sluice/broker';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { describe, expect, it } from 'vitest';
import { testGateway } from '../gateway-kit.ts';

const { app, deps } = await testGateway({ answerTimeoutMs: 2_000 });

/** What the aggregator knows, and how often it was asked. */
const known = new Set<string>();
let asked = 0;
let onAsked = () => {};
serveCommand(
  deps.bus,
  cancelCommand,
  async ({ requestId }) => {
    asked += 1;
    onAsked();
    if (!known.has(requestId)) throw new PermanentError('request.not-found', 'No request has this id.');
    return { requestId, items: 1, assessments: 0 };
  },
  deps.log,
);

serveCommand(
  deps.bus,
  approveCommand,
  async ({ purl }) => {
    asked += 1;
    onAsked();
    throw new PermanentError(known.size > 0 ? 'package.not-assessed' : 'package.not-found', `about ${purl}`);
  },
  deps.log,
);
serveCommand(
  deps.bus,
  knownRequestsCommand,
  async ({ requestIds }) => ({ known: requestIds.filter((id) => known.has(id)) }),
  deps.log,
);

async function accepted(): Promise<string> {
  const response = await app.request('/v1/requests', {
    method: 'POST',
    body: packageLock(3, [{ name: 'a', version: '1.0.0' }]),
    headers: { 'content-type': 'application/json' },
  });
  return ((await response.json()) as { id: string }).id;
}

async function cancel(id: string) {
  const response = await app.request(`/v1/requests/${id}/cancel`, {
    method: 'POST',
    body: JSON.stringify({ by: 'mira', reason: 'a test' }),
    headers: { 'content-type': 'application/json' },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as object };
}

it('waits for a request that was just accepted', async () => {
  const id = await accepted();
  asked = 0;
  // Taken in between the first question and the second.
  onAsked = () => {
    if (asked === 2) known.add(id);
  };
  expect(await cancel(id)).toMatchObject({ status: 200, body: { requestId: id, items: 1 } });
});

it('says of one that is still not taken in that it was accepted, and when to ask again', async () => {
  onAsked = () => {};
  const answer = await cancel(await accepted());
  expect(answer).toMatchObject({ status: 503, body: { code: 'request.not-taken-in' } });
  expect(answer.headers.get('retry-after')).toBe('2');
});

it('knows a request that was never accepted at once', async () => {
  asked = 0;
  expect(await cancel('00000000-0000-7000-8000-000000000000')).toMatchObject({
    status: 404,
    body: { code: 'request.not-found' },
  });
  expect(asked).toBe(1);
});

describe('a decision on a package version of a request that was just accepted', () => {
  const approve = async () => {
    const response = await app.request('/v1/packages/pkg:npm%2Fa@1.0.0/approve', {
      method: 'POST',
      body: JSON.stringify({ by: 'mira', reason: 'a test' }),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, body: (await response.json()) as object };
  };
  const begin = async () => {
    known.clear();
    asked = 0;
    await deps.own`truncate submissions`;
    return accepted();
  };

  it('waits until the request is taken in, and has its true answer', async () => {
    const id = await begin();
    onAsked = () => void (asked === 2 && known.add(id));
    expect(await approve()).toMatchObject({ status: 409, body: { code: 'package.not-assessed' } });
  });

  it('is refused as not taken in while that lasts', async () => {
    await begin();
    onAsked = () => {};
    expect(await approve()).toMatchObject({ status: 503, body: { code: 'request.not-taken-in' } });
  });

  it('is refused at once when all requests are taken in', async () => {
    await begin();
    await deps.own`truncate submissions`;
    expect(await approve()).toMatchObject({ status: 404, body: { code: 'package.not-found' } });
    expect(asked).toBe(1);
  });
});
