import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSubmission } from '@sluice/intake';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pypiIntake } from '../intake.ts';
import { askPython } from '../test/python.ts';

/** The tools import themselves for seconds on a busy machine. */
const toolMs = 60_000;
const fixtures = fileURLToPath(new URL('../fixtures/lockfiles/', import.meta.url));
const parse = (text: string) => parseSubmission(Buffer.from(text), { intakes: [pypiIntake] });

/** `name version` and hashes, as the items of a text have them. */
function pinned(text: string): string[] {
  return parse(text)
    .items.map(
      ({ purl, pins }) =>
        `${purl} ${pins
          .map(({ hex }) => hex)
          .toSorted()
          .join(' ')}`,
    )
    .toSorted();
}

/** Runs a tool in a copy of its project; null where the tool is missing. */
async function runTool(folder: string, tool: string, ...args: string[]): Promise<string | null> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'sluice-python-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  await cp(path.join(fixtures, folder), cwd, { recursive: true });
  const env = {
    ...process.env,
    UV_OFFLINE: '1',
    PIPENV_YES: '1',
    PDM_CHECK_UPDATE: '0',
    VIRTUAL_ENV: '',
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
  };
  const { error, status, stdout, stderr } = spawnSync(tool, args, {
    cwd,
    encoding: 'utf8',
    timeout: toolMs,
    env,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return null;
  expect([status, stderr.slice(-500)]).toEqual([0, expect.any(String)]);
  return stdout;
}

describe('the items of a lockfile are those that its own tool would install', () => {
  it.each([
    ['uv', 'uv/uv.lock', ['export', '--frozen', '--no-emit-project', '--all-extras', '--all-groups', '-q']],
    ['pdm', 'pdm/pdm.lock', ['export', '-G', ':all', '-f', 'requirements']],
    ['pipenv', 'pipenv/Pipfile.lock', ['requirements', '--hash', '--dev']],
  ])(
    '%s',
    async (tool, file, args) => {
      const exported = await runTool(path.dirname(file), tool, ...args);
      if (exported === null) {
        console.warn(`Skipped: there is no ${tool} on this machine.`);
        return;
      }
      expect(pinned(await readFile(path.join(fixtures, file), 'utf8'))).toEqual(pinned(exported));
    },
    toolMs,
  );

  it(
    'poetry',
    async () => {
      const listed = await runTool('poetry', 'poetry', 'show', '--no-interaction', '--no-ansi', '--all');
      if (listed === null) {
        console.warn('Skipped: there is no poetry on this machine.');
        return;
      }
      const known = listed
        .split('\n')
        .flatMap((line) => /^(\S+)\s+(?:\(!\)\s+)?(\d\S*)/.exec(line)?.slice(1, 3).join(' ') ?? []);
      const { items } = parse(await readFile(path.join(fixtures, 'poetry/poetry.lock'), 'utf8'));
      expect(items.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual(known.toSorted());
    },
    toolMs,
  );
});

it('requirements are split into those that pip reads', ({ skip }) => {
  const line = fc.array(
    fc.constantFrom(
      'a==1',
      'b[x]==2',
      ' ',
      ' # c',
      '#d',
      '\\\n',
      '\\\\\n',
      '\n',
      '\r\n',
      '\r',
      '\u2028',
      '\f',
      '\u0085',
      ' --hash=sha256:aa',
      ' --hash',
      ' sha256:bb',
      ' ; python_version>"3"',
      '-e .',
      '--pre',
      '-i https://registry.example/x',
    ),
    { minLength: 1, maxLength: 10 },
  );
  const texts = fc.sample(line, { numRuns: 2_000, seed: 9 }).map((parts) => `start==0\n${parts.join('')}`);
  const known = askPython(pipProgram, texts) as (string[] | null)[] | null;
  skip(known === null, 'python3 has no pip');
  const different = texts.flatMap((text, at) => {
    const [pip, own] = [known![at]!, requirementsOf(text)];
    // A text that one of them refuses is installed by nobody.
    return pip === null || own === null || JSON.stringify(pip) === JSON.stringify(own)
      ? []
      : [{ text, pip, own }];
  });
  expect(different.slice(0, 3)).toEqual([]);
  const both = texts.filter((text, at) => known![at] !== null && requirementsOf(text) !== null);
  expect(both.length).toBeGreaterThan(300);
});

function requirementsOf(text: string): string[] | null {
  try {
    return parse(text)
      .items.flatMap(({ purl, paths }) => (purl ? paths.map((place) => `${place} ${purl}`) : []))
      .toSorted();
  } catch {
    return null;
  }
}

const pipProgram = `
import json, sys, tempfile, os
from optparse import Values
from pip._internal.req.req_file import parse_requirements
from pip._internal.network.session import PipSession
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.version import Version, InvalidVersion
def read(text):
    with tempfile.NamedTemporaryFile('w', newline='', suffix='.txt', delete=False, encoding='utf-8') as file: file.write(text)
    try:
        found = []
        for one in parse_requirements(file.name, session=session):
            if one.is_editable: continue
            parsed = Requirement(one.requirement)
            line = one.comes_from.rsplit('(line ', 1)[1][:-1]
            version = str(parsed.specifier)[2:]
            try: Version(version)
            except InvalidVersion: continue
            found.append(f'line {line} pkg:pypi/{parsed.name}@{version}')
        return sorted(found)
    except (Exception, SystemExit): return None
    finally: os.unlink(file.name)
session = PipSession()
sys.stderr = open(os.devnull, 'w')
print(json.dumps([read(text) for text in json.load(sys.stdin)]))`;
