import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';

/** A message as a command shows it. */
export interface ShownMessage {
  subject: string;
  body: string;
  headers: Record<string, string>;
}

// The tests look at the broker's answers field by field.
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = any;

interface Words {
  verb: string;
  args: string[];
  flags: Record<string, string | true>;
}

const switches = new Set(['pull', 'defaults', 'force', 'json', 'all', 'select', 'force-stdin']);
/** Flags of each command, as NATS CLI 0.5.1 has them; nats-cli.int.test.ts runs the program itself. */
const flagsOf: Record<string, string> = {
  'stream info': '',
  'stream report': '',
  'stream subjects': 'json',
  'stream get': 'last-for json',
  'stream view': 'subject since id',
  'stream rmm': 'force',
  'kv ls': '',
  sub: 'stream since start-sequence all count',
  pub: 'force-stdin H',
  'consumer add': 'pull filter deliver ack replay defaults',
  'consumer info': '',
  'consumer report': '',
  'consumer next': 'count',
  'consumer rm': 'force',
  'context save': 'nkey select',
};
/** Commands whose first two words are the verb; the others have one. */
const groups = new Set(['stream', 'consumer', 'kv', 'context']);

/** A command line as the shell splits it. @throws Error at a flag unknown to this file. */
export function parseCommand(line: string): Words {
  const words = [...line.matchAll(/'([^']*)'|"((?:[^"$]|\$\([^)]*(?:\)[^)]*)*\))*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
  if (words.shift() !== 'nats') throw new Error(`"${line}" is no nats command.`);
  const verb = groups.has(words[0]!) ? words.splice(0, 2).join(' ') : words.shift()!;
  const known = new Set([...(flagsOf[verb]?.split(' ') ?? []), 'server']);
  const args: string[] = [];
  const flags: Words['flags'] = {};
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const name = /^--?(.+)$/.exec(word)?.[1];
    if (name === undefined) args.push(word);
    else if (!known.has(name)) throw new Error(`"${line}" has a flag that ${verb} does not have: ${word}`);
    else flags[name] = switches.has(name) ? true : words.shift()!;
  }
  return { verb, args, flags };
}

/** Carries out commands with the requests that the program makes. */
export class NatsCommands {
  readonly #nc: NatsConnection;
  /** Where `--since` and a duration in `--deliver` begin; the time before now when not given. */
  readonly #startOf: ((duration: string) => string) | undefined;

  constructor(nc: NatsConnection, startOf?: (duration: string) => string) {
    this.#nc = nc;
    this.#startOf = startOf;
  }

  /** @param input of a pipe to `pub`. */
  async run(line: string, input = ''): Promise<Answer> {
    const { verb, args, flags } = parseCommand(line);
    const [first = '', second = ''] = args;
    switch (verb) {
      case 'stream info':
        return this.#ask(`STREAM.INFO.${first}`);
      case 'stream report':
      case 'kv ls':
        return (await this.#ask('STREAM.LIST', { offset: 0 })).streams;
      case 'stream subjects':
        return (await this.#ask(`STREAM.INFO.${first}`, { subjects_filter: second || '>' })).state.subjects;
      case 'stream get': {
        const which = flags['last-for'] ? { last_by_subj: flags['last-for'] } : { seq: Number(second) };
        const { message } = await this.#ask(`STREAM.MSG.GET.${first}`, which);
        return { ...message, body: Buffer.from(message.data, 'base64').toString() };
      }
      case 'stream rmm':
        return this.#ask(`STREAM.MSG.DELETE.${first}`, { seq: Number(second) });
      case 'stream view':
        return this.#view(first, flags);
      case 'sub':
        return this.#follow(first, flags);
      case 'pub':
        return this.#publish(first, input, String(flags['H']));
      default:
        return this.#consumer(verb, first, second, flags);
    }
  }

  async #consumer(verb: string, stream: string, consumer: string, flags: Words['flags']): Promise<Answer> {
    const path = `${stream}.${consumer}`;
    switch (verb) {
      case 'consumer add': {
        const config = {
          durable_name: consumer,
          ack_policy: flags['ack'],
          replay_policy: flags['replay'],
          filter_subject: flags['filter'],
          ...this.#deliver(String(flags['deliver'])),
        };
        return this.#ask(`CONSUMER.DURABLE.CREATE.${path}`, { stream_name: stream, config });
      }
      case 'consumer info':
        return this.#ask(`CONSUMER.INFO.${path}`);
      case 'consumer rm':
        return this.#ask(`CONSUMER.DELETE.${path}`);
      case 'consumer report':
        return (await this.#ask(`CONSUMER.LIST.${stream}`, { offset: 0 })).consumers;
      case 'consumer next':
        return this.#take(stream, consumer, Number(flags['count']));
      default:
        throw new Error(`What "nats ${verb}" asks of the broker is not known here.`);
    }
  }

  async #view(stream: string, flags: Words['flags']): Promise<ShownMessage[]> {
    const created = await this.#ask(`CONSUMER.CREATE.${stream}`, {
      stream_name: stream,
      config: {
        ack_policy: 'explicit',
        replay_policy: 'instant',
        ...this.#begin(flags),
        ...(flags['subject'] ? { filter_subject: flags['subject'] } : {}),
      },
    });
    return this.#take(stream, created.name, created.num_pending);
  }

  /** @returns the messages so far; with no stream, the next message. */
  async #follow(subject: string, flags: Words['flags']): Promise<Answer> {
    const inbox = createInbox();
    const subscription = this.#nc.subscribe(flags['stream'] ? inbox : subject);
    if (!flags['stream']) return subscription;
    const created = await this.#ask(`CONSUMER.CREATE.${String(flags['stream'])}`, {
      stream_name: flags['stream'],
      config: {
        deliver_subject: inbox,
        ack_policy: 'none',
        replay_policy: 'instant',
        filter_subject: subject,
        ...this.#begin(flags),
      },
    });
    // Some may have been delivered by the time of the answer.
    const expected = created.num_pending + created.delivered.consumer_seq;
    const shown: ShownMessage[] = [];
    if (expected > 0) {
      for await (const message of subscription) if (shown.push(show(message)) === expected) break;
    }
    subscription.unsubscribe();
    return shown;
  }

  async #publish(subject: string, body: string, header: string): Promise<Answer> {
    const [name = '', value = ''] = header.split(':');
    const set = headers();
    set.set(name, value);
    return (await this.#nc.request(subject, body, { headers: set, timeout: 5_000 })).json();
  }

  async #take(stream: string, consumer: string, count: number): Promise<ShownMessage[]> {
    const inbox = createInbox();
    const subscription = this.#nc.subscribe(inbox);
    const shown: ShownMessage[] = [];
    if (count > 0) {
      this.#nc.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
        JSON.stringify({ batch: count, no_wait: true }),
        { reply: inbox },
      );
      for await (const message of subscription) {
        // A status instead of a message: there are no more.
        if (message.headers?.code) break;
        if (shown.push(show(message)) === count) break;
      }
    }
    subscription.unsubscribe();
    return shown;
  }

  #begin(flags: Words['flags']): object {
    if (flags['since']) return this.#deliver(String(flags['since']));
    return this.#deliver(String(flags['id'] ?? flags['start-sequence'] ?? 'all'));
  }

  #deliver(from: string): object {
    if (from === 'all' || from === 'new') return { deliver_policy: from };
    if (/^\d+$/.test(from)) return { deliver_policy: 'by_start_sequence', opt_start_seq: Number(from) };
    const hours = Number(/^(\d+)h$/.exec(from)?.[1]);
    if (Number.isNaN(hours)) throw new Error(`"${from}" is no place in a stream.`);
    const start = this.#startOf?.(from) ?? new Date(Date.now() - hours * 3_600_000).toISOString();
    return { deliver_policy: 'by_start_time', opt_start_time: start };
  }

  async #ask(request: string, body?: object): Promise<Answer> {
    const reply = await this.#nc.request(`$JS.API.${request}`, body ? JSON.stringify(body) : '', {
      timeout: 5_000,
    });
    const answer: Answer = reply.json();
    if (answer.error) throw new Error(`${request}: ${answer.error.description}`);
    return answer;
  }
}

function show(message: Msg): ShownMessage {
  const shown: Record<string, string> = {};
  for (const [name, [value = '']] of message.headers ?? []) shown[name] = value;
  return { subject: message.subject, body: message.string(), headers: shown };
}
