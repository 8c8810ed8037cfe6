/** Whether a part of a service works; `detail` says more in either case. */
export interface CheckResult {
  ok: boolean;
  detail?: string;
  /** A check that is not required reports, and does not make the service unready. */
  required?: boolean;
}

export interface ReadinessReport {
  ready: boolean;
  checks: Record<string, CheckResult>;
}

type Check = () => Promise<CheckResult> | CheckResult;

/** A check that hangs must not hang the probe; orchestrators give up after a few seconds themselves. */
const checkTimeoutMs = 3_000;

/** The named dependencies of a service, checked at each question about readiness. */
export class Health {
  readonly #checks = new Map<string, { check: Check; required?: boolean }>();
  #stopping = false;

  /** @param options.required holds also for a check that throws or does not answer. */
  add(name: string, check: Check, options: { required?: boolean } = {}): void {
    this.#checks.set(name, { check, ...options });
  }

  /** From now on unready: load balancers stop sending before connections are closed. */
  markStopping(): void {
    this.#stopping = true;
  }

  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.#checks].map(async ([name, { check, ...options }]) => {
        return [name, { ...options, ...(await ask(check)) }] as const;
      }),
    );
    const checks: Record<string, CheckResult> = Object.fromEntries(entries);
    if (this.#stopping) checks['lifecycle'] = { ok: false, detail: 'stopping' };
    const ready = Object.values(checks).every((check) => check.ok || check.required === false);
    return { ready, checks };
  }
}

async function ask(check: Check): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: 'no answer in time' }), checkTimeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
