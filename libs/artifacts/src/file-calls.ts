/** A call to the file system did not come back within its limit; it may still do something later. */
export class CallHangs extends Error {
  override readonly name = 'CallHangs';
  readonly code = 'ETIMEDOUT';
}

export interface FileCallLimits {
  /** Calls under way at once. */
  max: number;
  /** The longest that a caller waits for one call, in milliseconds. */
  callMs: number;
}

/**
 * Node makes file system calls, name look-ups and decompression on one pool of four threads. Three for files leave one
 * that a hanging mount cannot take. 10 s: a healthy disk that is busy answers well within it.
 */
const defaultLimits: FileCallLimits = { max: 3, callMs: 10_000 };

interface Call {
  key: string;
  late: boolean;
}

/** Hanging calls of every instance. */
const holdingThreads = new Set<Call>();

// Node waits at its end for its threads, and one that hangs never ends: such a process ends itself by force, once
// everything is closed, with the exit code of SIGKILL.
process.once('exit', () => {
  if (holdingThreads.size > 0) process.kill(process.pid, 'SIGKILL');
});

/**
 * Bounds file system calls in number and time. A call cannot be called off: one that hangs keeps its thread until the
 * kernel answers, so it keeps its slot as well.
 *
 * A file with a hanging call gets no second one, so it holds one slot, however often it is asked for. While all
 * slots hang, every call is refused at once.
 */
export class FileCalls {
  readonly #limits: FileCallLimits;
  readonly #running = new Set<Call>();
  /** Calls that are past their limit and still hold a thread. */
  readonly #hanging = new Set<Call>();
  readonly #waiting: { start: () => void; refuse: (error: Error) => void }[] = [];

  constructor(limits: FileCallLimits = defaultLimits) {
    this.#limits = limits;
  }

  /**
   * @param key the file that the call is about.
   * @param options.limitMs in place of the usual limit.
   * @param options.dispose gives back the result of a call whose caller no longer waits.
   * @throws CallHangs; errors of the call.
   */
  async run<Result>(
    key: string,
    call: () => Promise<Result>,
    options: { limitMs?: number; dispose?: (result: Result) => void } = {},
  ): Promise<Result> {
    const entry = await this.#enter(key);
    return new Promise<Result>((resolve, reject) => {
      const limitMs = options.limitMs ?? this.#limits.callMs;
      const timer = setTimeout(() => {
        this.#hangs(entry);
        reject(new CallHangs(`no answer within ${limitMs} ms`));
      }, limitMs);
      const end = () => {
        clearTimeout(timer);
        this.#leave(entry);
      };
      call().then(
        (result) => {
          end();
          if (entry.late) options.dispose?.(result);
          else resolve(result);
        },
        (error: unknown) => {
          end();
          reject(error as Error);
        },
      );
    });
  }

  async #enter(key: string): Promise<Call> {
    for (;;) {
      if (this.#isStuck()) throw stuck();
      if ([...this.#hanging].some((call) => call.key === key))
        throw new CallHangs('an earlier call for the same file still hangs');
      if (this.#running.size < this.#limits.max) {
        const entry: Call = { key, late: false };
        this.#running.add(entry);
        return entry;
      }
      await new Promise<void>((start, refuse) => this.#waiting.push({ start, refuse }));
    }
  }

  #hangs(entry: Call): void {
    entry.late = true;
    this.#hanging.add(entry);
    holdingThreads.add(entry);
    if (this.#isStuck()) for (const { refuse } of this.#waiting.splice(0)) refuse(stuck());
  }

  #leave(entry: Call): void {
    this.#hanging.delete(entry);
    holdingThreads.delete(entry);
    this.#running.delete(entry);
    this.#waiting.shift()?.start();
  }

  #isStuck(): boolean {
    return this.#hanging.size >= this.#limits.max;
  }
}

function stuck(): CallHangs {
  return new CallHangs('every call hangs');
}

/** The calls of all stores in this process: they share its threads. */
export const fileCalls = new FileCalls();
