import { repeat, type Logger } from '@sluice/runtime';
import { bucketKeys, bucketStream, bucketSubject, openBucket, type Bus } from '@sluice/broker';

/**
 * Assessments that no item waits for any more. The aggregator writes them down, every stage watches: messages of a
 * dropped assessment are acked without work. Best effort by design; results for them are ignored.
 */
export interface DroppedAssessments {
  add: (assessmentIds: string[]) => Promise<void>;
}

const bucketName = 'DROPPED';

export async function openDroppedAssessments(bus: Bus): Promise<DroppedAssessments> {
  const bucket = await openBucket(bus, bucketName);
  return {
    async add(assessmentIds) {
      await bucket.use((opened) => Promise.all(assessmentIds.map((id) => opened.put(id, '1'))));
    },
  };
}

/** Tells a stage whether an assessment was dropped. */
export interface DroppedWatch {
  has(assessmentId: string): boolean;
  stop(): Promise<void>;
}

/** How late an entry is seen at most that was not heard of, because the connection was away. */
const lookMs = 1_000;

/**
 * Keeps up with the set of dropped assessments until it is stopped: entries are heard of as they are written, and the
 * bucket is read again whenever it is not as it was, as after an outage or when the broker lost its data. The set is
 * small, because people cancel seldom and entries end by themselves.
 * @throws when the broker cannot be asked at the start.
 */
export async function watchDroppedAssessments(bus: Bus, log: Logger): Promise<DroppedWatch> {
  let dropped = new Set<string>();
  let known = '';
  const bucket = await openBucket(bus, bucketName);
  const read = async () => {
    const { created, state } = await bucket.use(() => bus.jsm.streams.info(bucketStream(bucketName)));
    const found = `${created} ${state.last_seq} ${state.messages}`;
    if (found === known) return;
    dropped = new Set(await bucketKeys(bus, bucketName));
    known = found;
  };
  // A value put into a bucket is also an ordinary message, which arrives at once.
  const heard = bus.nc.subscribe(bucketSubject(bucketName, '*'), {
    callback: (error, message) => {
      if (!error) dropped.add(message.subject.slice(bucketSubject(bucketName, '').length));
    },
  });
  await read();
  const stopReading = repeat(
    { log },
    { name: 'reading dropped assessments', everyMs: lookMs, firstMs: lookMs, run: read },
  );
  return {
    has: (assessmentId) => dropped.has(assessmentId),
    async stop() {
      heard.unsubscribe();
      await stopReading();
    },
  };
}
