import {
  acceptedSchema,
  itemPageSchema,
  reportSchema,
  requestDetailSchema,
  z,
  type Accepted,
  type Item,
  type Page,
  type Problem,
  type Report,
  type RequestDetail,
} from '@sluice/api';
import type { BatchInput } from './batch-inputs.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

/** Longer than any answer takes; a server that is this slow is in trouble. */
const answerTimeoutMs = 30_000;

/** As many as the API gives at once. */
const pageMax = 500;

/** Pages of other sites cannot have a browser send it, so a request with it comes from a program. */
const clientHeader = { 'x-sluice-client': 'sluice' };

const jsonHeader = { 'content-type': 'application/json' };

type AskArguments = [
  method: string,
  path: string,
  sent?: { body: string | Uint8Array<ArrayBuffer> | FormData; headers?: Record<string, string> },
];

/** The gateway's REST API as the commands use it. */
export class ApiClient {
  readonly baseUrl: string;
  readonly #headers: Record<string, string>;

  /** @param key shown to the gateway; null for one that asks for none. */
  constructor(baseUrl: string, key: string | null) {
    this.baseUrl = baseUrl.replace(/\/$/, '');
    this.#headers = { ...clientHeader, ...(key === null ? {} : { authorization: `Bearer ${key}` }) };
  }

  /** Reads something. See `#send` for the errors. */
  get<Answer>(answer: z.ZodType<Answer>, path: string): Promise<Answer> {
    return this.#send(answer, 'GET', path);
  }

  /** Reads a file. See `#ask` for the errors. */
  text(path: string): Promise<string> {
    return this.#ask('GET', path);
  }

  /** Has something done. See `#send` for the errors. */
  post<Answer>(
    answer: z.ZodType<Answer>,
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.#send(answer, 'POST', path, { body: JSON.stringify(body), headers });
  }

  /** Has something changed. See `#send` for the errors. */
  patch<Answer>(answer: z.ZodType<Answer>, path: string, body: object): Promise<Answer> {
    return this.#send(answer, 'PATCH', path, { body: JSON.stringify(body) });
  }

  /** Has something put away. See `#send` for the errors. */
  remove<Answer>(answer: z.ZodType<Answer>, path: string, body: object): Promise<Answer> {
    return this.#send(answer, 'DELETE', path, { body: JSON.stringify(body) });
  }

  submit(
    lockfile: Buffer,
    parameters: {
      filename?: string;
      format?: string;
      requester?: string | undefined;
      lane: string;
      labels: string[];
      platforms: string[];
      scope?: string;
    },
  ): Promise<Accepted> {
    const { filename, format, requester, lane, scope } = parameters;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ filename, requester, lane, scope, format }))
      if (value !== undefined) query.set(name, value);
    for (const label of parameters.labels) query.append('label', label);
    for (const platform of parameters.platforms) query.append('platform', platform);
    return this.#send(acceptedSchema, 'POST', `/v1/requests?${query.toString()}`, {
      body: new Uint8Array(lockfile),
    });
  }

  /** Submits a zip or several files as one batch. See `#ask` for the errors. */
  submitBatch<Answer>(
    answer: z.ZodType<Answer>,
    input: BatchInput,
    parameters: readonly [name: string, value: string][],
  ): Promise<Answer> {
    if (input.kind === 'archive') {
      const query = new URLSearchParams([...parameters, ['filename', input.filename]]);
      const headers = { 'content-type': 'application/zip' };
      return this.#send(answer, 'POST', `/v1/batches?${query.toString()}`, {
        body: new Uint8Array(input.content),
        headers,
      });
    }
    const body = new FormData();
    for (const [name, value] of parameters) body.append(name, value);
    for (const { path, content } of input.files)
      body.append('file', new Blob([new Uint8Array(content)]), path);
    return this.#send(answer, 'POST', '/v1/batches', { body });
  }

  request(id: string): Promise<RequestDetail> {
    return this.get(requestDetailSchema, `/v1/requests/${encodeURIComponent(id)}`);
  }

  /** The report of a request, as data. */
  report(id: string): Promise<Report> {
    return this.get(reportSchema, `/v1/requests/${encodeURIComponent(id)}/report?format=json`);
  }

  /** All items of a request. */
  items(id: string): Promise<Item[]> {
    return this.pages(itemPageSchema, `/v1/requests/${encodeURIComponent(id)}/items`);
  }

  /** A list of the API whole, page by page. */
  async pages<Listed>(page: z.ZodType<Page<Listed>>, path: string, limit = pageMax): Promise<Listed[]> {
    const items: Listed[] = [];
    const limited = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const found: Page<Listed> = await this.get(page, limited + after);
      items.push(...found.items);
      cursor = found.nextCursor;
    } while (cursor !== null);
    return items;
  }

  /**
   * Sends a request and reads its answer in JSON. See `#ask` for the errors.
   * @throws CommandError with exit code 4 for another answer than the schema says.
   */
  async #send<Answer>(answer: z.ZodType<Answer>, ...request: AskArguments): Promise<Answer> {
    return read(answer, await this.#ask(...request), this.baseUrl);
  }

  /**
   * Sends a request.
   * @returns the text of its answer.
   * @throws CommandError with exit code 2 when the server refuses the input, 4 when it cannot be reached, or failed.
   */
  async #ask(...[method, path, sent]: AskArguments): Promise<string> {
    let response: Response;
    try {
      response = await fetch(this.baseUrl + path, {
        method,
        // A form states its type with its boundary.
        headers: {
          ...this.#headers,
          ...(sent && !(sent.body instanceof FormData) ? jsonHeader : {}),
          ...sent?.headers,
        },
        ...(sent ? { body: sent.body } : {}),
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
    return text;
  }
}

function read<Answer>(answer: z.ZodType<Answer>, text: string, baseUrl: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CommandError(
      exitCodes.server,
      `${baseUrl} did not answer as Sluice does.`,
      'Check the address: something else may answer there.',
      { cause, code: 'server.not-sluice' },
    );
  }
  const found = answer.safeParse(json);
  if (found.success) return found.data;
  throw new CommandError(
    exitCodes.server,
    `${baseUrl} did not answer as Sluice does: ${z.prettifyError(found.error)}`,
    'Check the address, and that Sluice has the version of this command there.',
    { cause: found.error, code: 'server.not-sluice' },
  );
}

function refused(status: number, text: string): CommandError {
  let problem: Partial<Problem> = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // Something between us and Sluice answered; its status is all there is.
  }
  const message = problem.detail ?? `The server answered ${status}.`;
  const exitCode = status >= 500 ? exitCodes.server : exitCodes.usage;
  return new CommandError(exitCode, message, problem.remedy, { code: problem.code });
}
