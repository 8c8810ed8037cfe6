import type { ItemOutcome, Reason, ShownDecision } from '@sluice/contracts';
import type { Wait } from './render/waits.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

/** A request as the API shows it; see `GET /v1/requests/{id}`. */
export interface RequestDetail {
  id: string;
  state: 'queued' | 'open' | 'completed' | 'cancelled' | 'failed';
  /** Why it could not be taken in; absent from an older server. */
  failure?: { code: string; detail: string; remedy: string } | null;
  format: string;
  filename: string | null;
  requester: string;
  lane: string;
  itemCount: number;
  entryCount: number;
  endedItems: number;
  counts: Partial<Record<ItemOutcome, number>>;
  open: Record<string, number>;
  ratePerSecond: number | null;
  etaSeconds: number | null;
  /** Causes other than the queue that open items wait for; absent from an older server. */
  waitsFor?: Wait[];
  submittedAt: string;
  completedAt: string | null;
  traceId: string | null;
  reasons: { code: string; outcome: string; items: number }[];
  advisories: AdvisorySet[];
}

export interface AdvisorySet {
  ecosystem: string;
  result: string;
  detail: string | null;
  recordCount: number;
  importedAt: string | null;
  checkedAt: string;
}

/** The failed try that is waiting to be repeated. */
export interface LastError {
  code: string;
  detail: string;
  stageAttempt: number;
  nextTryAt: string;
  worker: string;
}

/** An item as the API shows it; see `GET /v1/requests/{id}/items`. */
export interface Item {
  purl: string | null;
  name: string;
  version: string | null;
  paths: string[];
  pathCount: number;
  dev: boolean;
  optional: boolean;
  /** `queued`, a stage, `verdict`, or `ended`. */
  state: string;
  outcome: ItemOutcome | null;
  /** Attempt of the assessment. */
  attempt: number | null;
  /** 1 is handed out next, 0 was handed out; an estimate. */
  queuePosition: number | null;
  lastError: LastError | null;
  reasons: { code: string; message: string; outcome?: string; severity?: string; remedy?: string }[];
  /** Of the reasons those that hold for this item alone; absent from an older server. */
  ownReasons?: Partial<Reason>[];
  notes: { code: string; message: string }[];
  unassessable: { code: string; message: string } | null;
  failure: { stage: string; code: string; detail: string } | null;
  decision: ShownDecision | null;
  traceId: string | null;
}

/** Longer than any answer takes; a server that is this slow is in trouble. */
const answerTimeoutMs = 30_000;

/** As many as the API gives at once. */
const pageMax = 500;

/** Pages of other sites cannot have a browser send it, so a request with it comes from a program. */
const clientHeader = { 'x-sluice-client': 'sluice' };

/** The gateway's REST API as the commands use it. */
export class ApiClient {
  readonly baseUrl: string;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl.replace(/\/$/, '');
  }

  /** @throws CommandError with exit code 2 when the server refuses the input, 4 when it cannot be reached or failed. */
  async call<Answer>(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    let response: Response;
    try {
      response = await fetch(this.baseUrl + path, {
        method,
        headers: { ...clientHeader, ...headers },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
    } catch (cause) {
      throw new CommandError(
        exitCodes.server,
        `${this.baseUrl} cannot be reached.`,
        'Check the address, and that Sluice runs there.',
        { cause, code: 'server.unreachable' },
      );
    }
    const text = await response.text();
    if (!response.ok) throw refused(response.status, text);
    try {
      return JSON.parse(text) as Answer;
    } catch (cause) {
      throw new CommandError(
        exitCodes.server,
        `${this.baseUrl} did not answer as Sluice does.`,
        'Check the address: something else may answer there.',
        { cause, code: 'server.not-sluice' },
      );
    }
  }

  async submit(
    lockfile: Buffer,
    parameters: { filename: string; requester: string; lane: string; labels: string[] },
  ): Promise<{ id: string }> {
    const query = new URLSearchParams({
      filename: parameters.filename,
      requester: parameters.requester,
      lane: parameters.lane,
    });
    for (const label of parameters.labels) query.append('label', label);
    return this.call('POST', `/v1/requests?${query.toString()}`, new Uint8Array(lockfile), {
      'content-type': 'application/json',
    });
  }

  post<Answer>(path: string, body: object): Promise<Answer> {
    return this.call('POST', path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  request(id: string): Promise<RequestDetail> {
    return this.call('GET', `/v1/requests/${encodeURIComponent(id)}`);
  }

  /** All items of a request. */
  items(id: string): Promise<Item[]> {
    return this.pages(`/v1/requests/${encodeURIComponent(id)}/items`);
  }

  /** A list of the API whole, page by page. */
  async pages<Listed>(path: string): Promise<Listed[]> {
    const items: Listed[] = [];
    const limited = `${path}${path.includes('?') ? '&' : '?'}limit=${pageMax}`;
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: Listed[]; nextCursor: string | null } = await this.call('GET', limited + after);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }
}

function refused(status: number, text: string): CommandError {
  let problem: { code?: string; detail?: string; remedy?: string } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // Something between us and Sluice answered; its status is all there is.
  }
  const message = problem.detail ?? `The server answered ${status}.`;
  const exitCode = status >= 500 ? exitCodes.server : exitCodes.usage;
  return new CommandError(exitCode, message, problem.remedy, { code: problem.code });
}
