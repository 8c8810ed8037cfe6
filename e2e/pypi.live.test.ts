import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pipRegistries } from '@sluice/embedded';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
/** The stack starts for the command, and some packages are fetched and scanned. */
const vetMs = 300_000;

/** Small packages of many projects, with the hashes that they have had for years. */
const requirements = `
six==1.16.0 \\
    --hash=sha256:1e61c37477a1626458e36f7b1d82aa5c9b094fa4802892072e49de9c60c4c926 \\
    --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254
click==8.1.7 --hash=sha256:ae74fb96c20a0277a1d615f1e4d73c8414f5a98db8b799a7931d1582f3390c28
Zope.Event==5.0 ; python_version > "3.6" --hash=sha256:2832e95014f4db26c47a13fdaef84cef2f4df37e66b59d8f1f4a8f319a632c26
pytz==2016.7 --hash=sha256:6eab31709e3a4aea748457707da45e805b650cbb352583805d2417de2a1dd71e
iniconfig==2.0.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
flask>=2
`;

interface Vetted {
  items: { name: string; purl: string | null; outcome: string; reasons: { code: string }[] }[];
}

it(
  'a requirements.txt of real packages gets a verdict for each, and a wrong hash is seen',
  async ({ skip }) => {
    const found = await pipRegistries({ ...process.env, REGISTRIES: undefined, REGISTRIES_FILE: undefined });
    skip(found === null, 'there is no python3 with pip');
    // The operator of this test trusts the hosts that the index names, also where they have private addresses.
    const registries = JSON.parse(found!) as { pypi: { hosts: string[] } };
    registries.pypi.hosts = registries.pypi.hosts.map((host) => `https://${host}`);
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-live-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'requirements.txt');
    await writeFile(file, requirements);
    const { items } = await vet(file, JSON.stringify(registries));
    const outcomes = new Map(
      items.map(({ name, outcome, reasons }) => [name, { outcome, codes: reasons.map(({ code }) => code) }]),
    );
    expect([...outcomes.keys()].toSorted()).toEqual([
      'click',
      'flask',
      'iniconfig',
      'pytz',
      'six',
      'zope-event',
    ]);
    // The pinned file of pytz is a source distribution in bzip2.
    for (const name of ['click', 'pytz', 'six', 'zope-event']) {
      expect(['approve', 'approved', 'review']).toContain(outcomes.get(name)!.outcome);
      expect(outcomes.get(name)!.codes.filter((code) => /^(?:integrity|evidence)\./.test(code))).toEqual([]);
    }
    expect(JSON.stringify(items.find(({ name }) => name === 'iniconfig'))).toContain('integrity.');
    expect(items.find(({ name }) => name === 'flask')!.purl).toBeNull();
  },
  vetMs,
);

function vet(file: string, registries: string): Promise<Vetted> {
  const args = [path.join(root, 'deploy/embedded/start.mjs'), 'vet', file, '--json'];
  const env = { ...process.env, REGISTRIES: registries };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env, timeout: vetMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        try {
          const vetted = JSON.parse(stdout) as Vetted;
          if (!vetted.items) throw new Error(stdout);
          resolve(vetted);
        } catch (cause) {
          reject(
            new Error(`vet printed no list: ${stdout.slice(0, 1_000)} ${stderr.slice(-2_000)}`, {
              cause: error ?? cause,
            }),
          );
        }
      },
    );
  });
}
