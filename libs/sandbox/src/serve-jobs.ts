import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { decodeFrames, encodeFrame, type Frame } from './frames.ts';

/** The service sends chunks of a stream; none is near this size. */
const frameMaxBytes = 16 * 1024 * 1024;

/**
 * The child's side: says that it is ready, then answers one job after the other until its input ends.
 * @param work reads the bytes of one job, with its task, and returns the result, to be sent as JSON.
 */
export async function serveJobs(
  input: AsyncIterable<Buffer>,
  output: Writable,
  work: (source: AsyncIterable<Uint8Array>, task: string) => Promise<unknown>,
): Promise<void> {
  const frames = decodeFrames(input, frameMaxBytes)[Symbol.asyncIterator]();
  const send = async (frame: Buffer) => {
    if (!output.write(frame)) await once(output, 'drain');
  };
  await send(encodeFrame('ready'));
  for (let next = await frames.next(); !next.done; next = await frames.next()) {
    if (next.value.kind !== 'job') throw new Error(`Expected a job, got ${next.value.kind}.`);
    const task = next.value.body.toString('utf8');
    const source = jobData(frames);
    try {
      const result = await work(source, task);
      // An archive may be refused before its end; the rest is still on its way.
      for await (const _ of source);
      await send(encodeFrame('result', Buffer.from(JSON.stringify(result))));
    } catch (error) {
      await send(encodeFrame('failed', Buffer.from(String((error as Error).stack ?? error).slice(0, 2_000))));
      // The child ends, so that the next archive meets no state of this one.
      return;
    }
  }
}

/** The bytes of the current job. Can be left early and taken up again, as generators cannot. */
function jobData(frames: AsyncIterator<Frame>): AsyncIterable<Uint8Array> {
  let ended = false;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    if (ended) return { done: true, value: undefined };
    const frame = await frames.next();
    if (frame.done) throw new Error('The input ended in the middle of a job.');
    if (frame.value.kind === 'data') return { done: false, value: frame.value.body };
    ended = true;
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
