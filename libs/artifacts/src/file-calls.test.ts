import { describe, expect, it } from 'vitest';
import { FileCalls } from './file-calls.ts';

const limits = { max: 2, callMs: 20 };

/** A call that hangs until it is released. */
function hanging() {
  let release = (_result: string) => {};
  const call = () => new Promise<string>((resolve) => (release = resolve));
  return { call, release: (result = '') => release(result) };
}

describe('file calls', () => {
  it('are as many at once as there are slots, and the others follow', async () => {
    const calls = new FileCalls({ ...limits, callMs: 10_000 });
    let running = 0;
    let most = 0;
    const call = async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => calls.run(`file ${index}`, call)));
    expect([most, running]).toEqual([2, 0]);
  });

  it('that hang are given up, and their late results are disposed of', async () => {
    const calls = new FileCalls(limits);
    const { call, release } = hanging();
    const disposed = new Promise<string>((dispose) => {
      void expect(calls.run('a', call, { dispose }))
        .rejects.toMatchObject({ name: 'CallHangs' })
        .then(() => release('late'));
    });
    expect(await disposed).toBe('late');
    expect(await calls.run('a', async () => 'again')).toBe('again');
  });

  it('of a file with a hanging call are refused, those of other files are made', async () => {
    const calls = new FileCalls(limits);
    const { call, release } = hanging();
    await expect(calls.run('a', call)).rejects.toThrow('no answer within 20 ms');
    let made = 0;
    await expect(calls.run('a', async () => (made += 1))).rejects.toThrow('still hangs');
    expect([await calls.run('b', async () => 'b'), made]).toEqual(['b', 0]);
    release();
  });

  it('are refused at once while all slots hang, also those that waited for one, and made again after', async () => {
    const calls = new FileCalls(limits);
    const [a, b] = [hanging(), hanging()];
    const results = await Promise.allSettled([
      calls.run('a', a.call),
      calls.run('b', b.call),
      calls.run('c', async () => 'c'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(calls.run('d', async () => 'd')).rejects.toThrow('every call hangs');
    a.release();
    b.release();
    await Promise.resolve();
    expect(await calls.run('d', async () => 'd')).toBe('d');
  });
});
