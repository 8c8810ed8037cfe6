import { expect, it } from 'vitest';
import { waitFor } from './wait-for.ts';

it('returns the value of the condition once it is truthy', async () => {
  let asked = 0;
  expect(await waitFor(() => ((asked += 1) === 3 ? 'there' : null))).toBe('there');
  expect(asked).toBe(3);
});

it('treats an error as not yet, and names the last one when time is up', async () => {
  const failing = waitFor(() => Promise.reject(new Error('still closed')), {
    what: 'the door',
    timeoutMs: 5,
  });
  await expect(failing).rejects.toMatchObject({
    message: expect.stringContaining('the door'),
    cause: expect.objectContaining({ message: 'still closed' }),
  });
});

it('is not held up by a condition that never answers', async () => {
  const failing = waitFor(() => new Promise<never>(() => {}), {
    what: 'the door',
    timeoutMs: 5,
    answerMs: 5,
  });
  await expect(failing).rejects.toMatchObject({
    message: expect.stringContaining('the door'),
    cause: expect.objectContaining({ message: 'It did not answer at all.' }),
  });
});
