import {
  answerPrefix,
  bucketStream,
  bucketSubject,
  eventsStream,
  inboxPrefix,
  subjectOfCommand,
  type BucketName,
} from '@sluice/broker';

/** Subjects of NATS that a client may publish and subscribe to; everything else is refused. */
export interface NatsPermissions {
  publish: string[];
  /** Of those, the ones that are refused all the same. */
  denyPublish: string[];
  subscribe: string[];
}

export type Permission = Partial<NatsPermissions>;

/** All of several permissions, each subject once, in order. */
export function together(...parts: Permission[]): NatsPermissions {
  const all = (field: keyof NatsPermissions) =>
    [...new Set(parts.flatMap((part) => part[field] ?? []))].toSorted();
  return { publish: all('publish'), denyPublish: all('denyPublish'), subscribe: all('subscribe') };
}

/** Subjects of the JetStream API. */
export const api = (...requests: string[]): Permission => ({
  publish: requests.map((request) => `$JS.API.${request}`),
});

/** Hears the answers to its own requests. */
export const hasInbox = (user: string): Permission => ({ subscribe: [`${inboxPrefix(user)}.>`] });

/** Publishes events, and looks whether one is stored that the broker takes for a duplicate. */
export const publishes = (...subjects: string[]): Permission => ({
  publish: [...subjects, `$JS.API.DIRECT.GET.${eventsStream}`],
});

/** Reads values of a bucket. */
export const reads = (bucket: BucketName, key: string): Permission =>
  api(`DIRECT.GET.${bucketStream(bucket)}.${bucketSubject(bucket, key)}`);

/** Lists the keys of a bucket. */
export const lists = (bucket: BucketName): Permission => api(`STREAM.INFO.${bucketStream(bucket)}`);

/** Writes values of a bucket. */
export const writes = (bucket: BucketName, key: string): Permission => ({
  publish: [bucketSubject(bucket, key)],
});

/** Owns a durable consumer: makes it with its filter and no other, asks for its messages and settles them. */
export const consumes = ({
  durable,
  filterSubject,
}: {
  durable: string;
  filterSubject: string;
}): Permission =>
  together(
    api(
      `CONSUMER.CREATE.${eventsStream}.${durable}.${filterSubject}`,
      `CONSUMER.INFO.${eventsStream}.${durable}`,
      `CONSUMER.MSG.NEXT.${eventsStream}.${durable}`,
    ),
    { publish: [`$JS.ACK.${eventsStream}.${durable}.>`] },
  );

/**
 * Reads the whole event stream by consumers of names that are made up as it goes.
 * @param durables of others, which it may neither make, ask nor delete.
 */
export const readsEvents = (durables: readonly string[]): Permission => {
  const requests = ['CREATE', 'INFO', 'MSG.NEXT', 'DELETE'].map(
    (verb) => `CONSUMER.${verb}.${eventsStream}.`,
  );
  return {
    ...api(...requests.map((request) => `${request}*`)),
    denyPublish: requests.flatMap((request) => durables.map((durable) => `$JS.API.${request}${durable}`)),
  };
};

interface Command {
  service: string;
  name: string;
}

/** Sends commands and hears their answers. */
export const asks = (user: string, ...commands: Command[]): Permission => ({
  publish: commands.map(subjectOfCommand),
  subscribe: commands.map(({ service }) => `${answerPrefix(service, user)}.>`),
});

/** Answers commands, where the answers of this service belong. */
export const answers = (user: string, ...commands: Command[]): Permission => ({
  publish: [answerPrefix(user, '>')],
  subscribe: commands.map(subjectOfCommand),
});
