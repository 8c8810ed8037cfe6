import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Env } from '@sluice/runtime';
import { z } from 'zod';

const run = promisify(execFile);
/** pip imports itself for a second, and asks its index once. */
const pipMs = 20_000;

const answerSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  hosts: z.array(z.string().min(1)),
  platforms: z.array(z.string().min(1)),
});

/**
 * The index of Python packages, as the document REGISTRIES has it: the address that pip is configured with, the hosts on which it
 * keeps its files, and the platform of this machine's Python. Only pip knows how its files and variables combine, so it is asked.
 * @returns null where REGISTRIES is set, where there is no Python with pip, and for an index that asks for a password.
 */
export async function pipRegistries(env: Env): Promise<string | null> {
  if (env['REGISTRIES'] || env['REGISTRIES_FILE']) return null;
  try {
    const { stdout } = await run('python3', ['-c', program], { env: { ...env }, timeout: pipMs });
    const answer = answerSchema.parse(JSON.parse(stdout));
    return new URL(answer.url).username === '' ? JSON.stringify({ pypi: answer }) : null;
  } catch {
    // Lockfiles of Python then end with the reason that there is no registry for them.
    return null;
  }
}

/** Files of an index are often on another host, which its page of pip names. An index that is away has the files for now. */
const program = `
import json, os, platform, sys, urllib.parse
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
from pip._internal.network.session import PipSession
config = Configuration(isolated=False)
config.load()
known = dict(config.items())
url = next((known[key] for key in (':env:.index-url', 'install.index-url', 'global.index-url') if key in known), PyPI.simple_url)
hosts = set()
try:
    session = PipSession(retries=0)
    cert = known.get(':env:.cert') or known.get('global.cert')
    if cert: session.verify = cert
    page = session.get(url.rstrip('/') + '/pip/', timeout=8, headers={'Accept': 'application/vnd.pypi.simple.v1+json'})
    for file in page.json()['files']:
        host = urllib.parse.urlsplit(urllib.parse.urljoin(page.url, file['url'])).netloc
        if host != urllib.parse.urlsplit(url).netloc: hosts.add(host)
except Exception: pass
systems = {'linux': 'linux', 'darwin': 'darwin', 'win32': 'win32'}
machines = {'x86_64': 'x64', 'amd64': 'x64', 'aarch64': 'arm64', 'arm64': 'arm64', 'i686': 'ia32', 'x86': 'ia32'}
system, machine = systems.get(sys.platform), machines.get(platform.machine().lower())
libc = ''
if system == 'linux': libc = '-glibc' if platform.libc_ver()[0] == 'glibc' else '-musl'
platforms = [f'cp{sys.version_info[0]}{sys.version_info[1]}-{system}-{machine}{libc}'] if system and machine else []
print(json.dumps({'url': url, 'hosts': sorted(hosts)[:20], 'platforms': platforms}))
`;
