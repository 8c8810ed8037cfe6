import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file of a repository: its text, or a link, or a submodule. */
export type RepositoryFile = string | Buffer | { link: string } | { submodule: string };

/** Git and its server are looked for here. */
const programPath = '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin';
const plainEnv = { PATH: programPath, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };

export interface FakeGitServer {
  /** `http://127.0.0.1:4321`. */
  origin: string;
  /** Adds a commit with exactly these files to a branch of a repository, which is made when there is none. @returns its id. */
  commit(name: string, files: Record<string, RepositoryFile>, branch?: string): string;
  /** Paths that were asked for so far, with their queries. */
  asked: string[];
  /** Answers in place of git for a while; null lets git answer. */
  behave(instead: ((request: IncomingMessage, response: ServerResponse) => void) | null): void;
  stop(): Promise<void>;
}

/**
 * Repositories over smart HTTP on loopback, served by git itself.
 * @param token asked for as the password of Basic authentication; null for none.
 * @param hasFilters whether the server leaves contents out that the client does not want.
 */
export async function startFakeGitServer({
  token = null as string | null,
  hasFilters = true,
} = {}): Promise<FakeGitServer> {
  const root = await mkdtemp(path.join(tmpdir(), 'sluice-git-server-'));
  const asked: string[] = [];
  let instead: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;
  const server = createServer((request, response) => {
    asked.push(request.url!);
    if (instead) return instead(request, response);
    const { authorization = '' } = request.headers;
    const shown = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':')[1];
    if (token !== null && shown !== token) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    serve(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    behave: (next) => void (instead = next),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(root, { recursive: true, force: true });
    },
    commit(name, files, branch = 'main') {
      const folder = path.join(root, name);
      git(root, ['init', '--quiet', '--bare', '--initial-branch=main', folder]);
      for (const [key, value] of [
        ['uploadpack.allowFilter', String(hasFilters)],
        ['uploadpack.allowAnySHA1InWant', 'true'],
      ])
        git(folder, ['config', key!, value!]);
      git(folder, ['fast-import', '--quiet', '--force'], importOf(files, branch));
      return git(folder, ['rev-parse', branch]).trim();
    },
  };
}

function git(folder: string, args: string[], input: Buffer | string = ''): string {
  const done = spawnSync('git', args, { cwd: folder, env: plainEnv, input, maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`git ${args[0]}: ${done.stderr.toString()}`);
  return done.stdout.toString();
}

let commits = 0;

/** A stream for `git fast-import`, which takes any name. */
function importOf(files: Record<string, RepositoryFile>, branch: string): Buffer {
  commits += 1;
  const message = `commit ${commits}`;
  const parts: (string | Buffer)[] = [
    `commit refs/heads/${branch}\ncommitter A <a@example.org> ${1_700_000_000 + commits} +0000\n`,
    `data ${message.length}\n${message}\ndeleteall\n`,
  ];
  for (const [name, file] of Object.entries(files)) {
    if (typeof file === 'object' && 'submodule' in file) {
      parts.push(`M 160000 ${file.submodule} ${quoted(name)}\n`);
      continue;
    }
    const isLink = typeof file === 'object' && 'link' in file;
    const content = Buffer.from(isLink ? file.link : file);
    parts.push(
      `M ${isLink ? '120000' : '100644'} inline ${quoted(name)}\ndata ${content.length}\n`,
      content,
      '\n',
    );
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

const quoted = (name: string) =>
  `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url!, 'http://host.example');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...plainEnv,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method!,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  let head: Buffer | null = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === null) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    const lines = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(/:\s*/, 2) as [string, string]);
    const status = lines.find(([key]) => key === 'Status')?.[1];
    response.writeHead(
      Number.parseInt(status ?? '200', 10),
      lines.filter(([key]) => key !== 'Status').flat(),
    );
    response.write(head.subarray(end + 4));
    head = null;
  });
  child.stdout.on('end', () => response.end());
}
