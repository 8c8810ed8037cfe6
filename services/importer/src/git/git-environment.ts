import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Way } from '@sluice/egress';
import type { GitAddress } from './address.ts';
import { readToken, type GitCredential } from './credentials.ts';

export interface GitTarget {
  address: GitAddress;
  way: Way;
  credential: GitCredential | null;
  /** Certificate authorities as PEM, trusted beside those that Node trusts. */
  ca: string | undefined;
}

/** Where git and ssh are looked for. */
export const programPath = '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin';

/** Nothing of a repository or of this machine's configuration is executed or followed. */
const restrictions: readonly [string, string][] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['http.followRedirects', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['transfer.bundleURI', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // Objects stay in one pack, whose size is watched; beyond 8 MB they are hashed as a stream.
  ['transfer.unpackLimit', '1'],
  ['core.bigFileThreshold', '8m'],
  ['pack.threads', '1'],
  // A host that sends less than 500 bytes a second for 20 s is gone.
  ['http.lowSpeedLimit', '500'],
  ['http.lowSpeedTime', '20'],
];

/**
 * The whole environment of git for one repository. Secrets are in it and in files, never among the arguments, which every user of
 * the machine can read.
 * @param home an empty folder, in which files for git may be written.
 */
export async function gitEnvironment(target: GitTarget, home: string): Promise<Record<string, string>> {
  const { address, way } = target;
  const settings: [string, string][] = [
    ...restrictions,
    [`protocol.${address.protocol}.allow`, 'always'],
    ['remote.origin.url', address.url],
    ...(address.protocol === 'ssh' ? [] : await httpSettings(target, home)),
  ];
  return {
    PATH: programPath,
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: address.protocol,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    ...(address.protocol === 'ssh'
      ? { GIT_SSH_COMMAND: sshCommand(target, way), GIT_SSH_VARIANT: 'ssh' }
      : {}),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

async function httpSettings({ way, credential, ca }: GitTarget, home: string): Promise<[string, string][]> {
  const { url, proxy, addresses } = way;
  const settings: [string, string][] = [['http.proxy', proxy ?? '']];
  // libcurl connects to the addresses that were checked, and looks the name up no second time.
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (addresses.length > 0)
    settings.push(['http.curloptResolve', `${host}:${port}:${addresses.map(bracketed).join(',')}`]);
  if (credential?.tokenFile !== undefined) {
    const pair = `${credential.user ?? 'git'}:${await readToken(credential.tokenFile)}`;
    settings.push(['http.extraHeader', `Authorization: Basic ${Buffer.from(pair).toString('base64')}`]);
  }
  if (ca !== undefined) {
    const file = path.join(home, 'authorities.pem');
    await writeFile(file, [...rootCertificates, ca].join('\n'));
    settings.push(['http.sslCAInfo', file]);
  }
  return settings;
}

/** The address that was checked is connected to; the host's key is that of its name. */
function sshCommand({ credential, address }: GitTarget, { addresses }: Way): string {
  const { hostname } = new URL(address.url);
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'StrictHostKeyChecking=yes',
    'GlobalKnownHostsFile=/dev/null',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ProxyCommand=none',
    'ConnectTimeout=10',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=4',
    `HostName=${addresses[0]}`,
    `HostKeyAlias=${hostname}`,
    `UserKnownHostsFile=${credential?.knownHostsFile ?? '/dev/null'}`,
    `IdentityFile=${credential?.keyFile ?? '/dev/null'}`,
  ];
  return ['ssh', '-F', '/dev/null', ...options.map((option) => `-o${quoted(option)}`)].join(' ');
}

const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** For the shell that git hands the command to. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
