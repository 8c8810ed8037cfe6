import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { insertEvent, insertRequest, purlOf, testGateway } from '../gateway-kit.ts';

const { app, deps, stop } = await testGateway({ heartbeatMs: 20 });
const { read } = deps;
beforeEach(() => read`truncate requests, request_items, early_events, packages, package_scopes, timeline`);

/** Opens the stream of a request; `until` reads on until the text says enough. */
async function open(id: string, headers: Record<string, string> = {}) {
  const response = await app.request(`/v1/requests/${id}/events`, { headers });
  const reader = response.body!.getReader();
  onTestFinished(() => reader.cancel());
  let text = '';
  const next = async () => {
    const { done, value } = await reader.read();
    text += Buffer.from(value ?? []).toString();
    return !done;
  };
  return {
    response,
    until: async (enough: (text: string) => boolean) => {
      while (!enough(text) && (await next()));
      return text;
    },
    end: async () => {
      while (await next());
      return text;
    },
  };
}
const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
const has = (id: number) => (text: string) => idsIn(text).includes(id) && text.endsWith('\n\n');
const changed = () => read`select pg_notify('sluice_read_models', 'now')`;

describe('the stream of a request', () => {
  it('is not followed for a HEAD, whose answer has no reader that would end it', async () => {
    const id = await insertRequest(read, ['a']);
    const following = vi.spyOn(deps.changes, 'next');
    onTestFinished(() => following.mockRestore());
    const response = await app.request(`/v1/requests/${id}/events`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(following).not.toHaveBeenCalled();
    await open(id);
    expect(following).toHaveBeenCalled();
  });

  it('has everything about the request and its packages from its submission on, and nothing else', async () => {
    await insertEvent(read, 1, purlOf('a'), 'pkg.requested');
    const id = await insertRequest(read, ['a', 'b'], { position: 10 });
    await insertEvent(read, 10, id, 'request.submitted');
    await insertEvent(read, 11, purlOf('a'), 'pkg.requested');
    await insertEvent(read, 12, purlOf('other'), 'pkg.requested');
    await insertEvent(read, 13, purlOf('b'), 'pkg.licensed');
    const { response, until } = await open(id);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await until(has(13));
    expect(idsIn(text)).toEqual([10, 11, 13]);
    expect(text).toContain('event: pkg.licensed');
    const [data] = /^data: (.+)$/m.exec(text)!.slice(1);
    expect(JSON.parse(data!)).toMatchObject({
      position: 10,
      type: 'request.submitted',
      subject: id,
      data: { n: 1 },
    });
  });

  it('goes on with new events, when the read models say that they changed', async () => {
    const id = await insertRequest(read, ['a'], { position: 1 });
    await insertEvent(read, 1, id, 'request.submitted');
    const { until } = await open(id);
    await until(has(1));
    await insertEvent(read, 2, purlOf('a'), 'pkg.requested');
    await changed();
    expect(idsIn(await until(has(2)))).toEqual([1, 2]);
  });

  it('resumes after Last-Event-ID', async () => {
    const id = await insertRequest(read, ['a'], { position: 1 });
    for (let position = 1; position <= 6; position += 1)
      await insertEvent(read, position, purlOf('a'), 'pkg.requested');
    const { until } = await open(id, { 'last-event-id': '3' });
    expect(idsIn(await until(has(6)))).toEqual([4, 5, 6]);
  });

  it('catches up over more than one page, each event once', async () => {
    const id = await insertRequest(read, ['a'], { position: 1 });
    await read`
      insert into timeline (position, event_id, sequence, subject, type, at, data)
      select n, gen_random_uuid(), n, ${purlOf('a')}, 'pkg.requested', now(), '{}' from generate_series(1, 1200) as n`;
    const { until } = await open(id);
    expect(idsIn(await until(has(1_200)))).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 1));
  });

  it('says that it is still there while nothing happens', async () => {
    const id = await insertRequest(read, ['a'], { position: 1 });
    const { until } = await open(id);
    const text = await until((read_) => read_.split(': still here').length > 2);
    expect(idsIn(text)).toEqual([]);
  });

  it.each(['-1', 'abc', '1'.repeat(17), '1 or 1=1'])('takes no %j for a place', async (place) => {
    const id = await insertRequest(read, ['a']);
    const response = await app.request(`/v1/requests/${id}/events`, { headers: { 'last-event-id': place } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'input.invalid' });
  });

  it('ends when the gateway stops', async () => {
    const id = await insertRequest(read, ['a'], { position: 1 });
    await insertEvent(read, 1, id, 'request.submitted');
    const { until, end } = await open(id);
    await until(has(1));
    stop();
    expect(idsIn(await end())).toEqual([1]);
  });
});
