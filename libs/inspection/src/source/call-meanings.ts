import type { SignalKind } from './signal.ts';

const clients =
  'axios|got|request|needle|superagent|undici|phin|bent|ky|node-fetch|cross-fetch|isomorphic-fetch|make-fetch-happen|request-promise(?:-native)?|centra|minipass-fetch|socket\\.io-client|mqtt|nodemailer|ftp|basic-ftp|ssh2(?:-sftp-client)?|node-telegram-bot-api|telegraf|discord\\.js|@slack/webhook|@octokit/(?:rest|core)|octokit|simple-git|web3|ethers|@solana/web3\\.js|pusher-js';
const network = new RegExp(
  `^(?:(?:https?|follow-redirects\\.https?)\\.(?:request|get)|http2\\.connect|fetch|navigator\\.sendBeacon|XMLHttpRequest|WebSocket|EventSource|ws(?:\\.WebSocket)?|net\\.(?:connect|createConnection|Socket)|tls\\.connect|dgram\\.createSocket|(?:${clients})(?:(?:\\(\\))?\\.[a-zA-Z]+)*)$`,
);
const sockets =
  /^(?:WebSocket|ws(?:\.WebSocket)?|net\.(?:connect|createConnection|Socket)|tls\.connect|dgram\.createSocket|socket\.io-client(?:\.\w+)*)(?=\(\)|$)/;
const sending =
  /^(.*)\(\)(?:\.\w+(?:\(\))?)*\.(?:end|write|send|sendMail|emit|publish|post|put|push|upload)$/;
const lookups = /^dns(?:\.promises|\/promises)?(?:\.Resolver\(\))?\.(?:lookup|resolve\w*)$/;
const dynamicCode =
  /^(?:eval|Function|(?:vm|node:vm)\.(?:runIn(?:This|New)?Context|Script|SourceTextModule|compileFunction)(?:\(\)\.runIn\w+)?|(?:.*\.)?_compile|.*\.constructor\.constructor|Object\.getPrototypeOf\(\)\.constructor|Function\.prototype\.constructor)$/;
const spawning =
  /^(?:child_process\.(?:exec|execSync|spawn|spawnSync|execFile|execFileSync|fork)|cross-spawn(?:\.\w+)*|execa(?:\.\w+)*|shelljs\.exec|sudo-prompt\.exec|zx\.\$|node-pty\.spawn|Bun\.spawn(?:Sync)?|Deno\.(?:run|Command))$/;
const files = '(?:fs|fs\\.promises|fs/promises|fs-extra|graceful-fs)';

/** Calls by the name that they resolve to, and their meaning. */
const meanings: [RegExp, SignalKind][] = [
  [network, 'network'],
  [spawning, 'spawn'],
  [
    new RegExp(
      `^${files}\\.(?:writeFile|writeFileSync|createWriteStream|appendFile|appendFileSync|outputFile|outputFileSync|writeSync)$|^Deno\\.writeTextFile$|^Bun\\.write$`,
    ),
    'write-file',
  ],
  [new RegExp(`^${files}\\.(?:chmod|chmodSync)$`), 'chmod'],
  [dynamicCode, 'dynamic-code'],
  [
    /^(?:os\.(?:hostname|userInfo|networkInterfaces)|dns\.getServers|systeminformation(?:\.\w+)*|node-machine-id(?:\.\w+)*)$/,
    'host-info',
  ],
  [/^os\.homedir$/, 'home-folder'],
];

/** Methods of an unknown object whose names only one of Node's modules has. */
const telling: [RegExp, SignalKind][] = [
  [/\.(?:execSync|spawnSync|execFileSync|execFile)$/, 'spawn'],
  [/\.(?:writeFileSync|appendFileSync|createWriteStream)$/, 'write-file'],
  [/\.chmodSync$/, 'chmod'],
  [/\.(?:userInfo|networkInterfaces)$/, 'host-info'],
  [/\.homedir$/, 'home-folder'],
];

/** The meaning of a call by its name, which resolved as far as possible. */
export function meaningOf(name: string): SignalKind | null {
  const known = meanings.find(([pattern]) => pattern.test(name)) ?? null;
  const found = known ?? (name.startsWith('?') ? telling.find(([pattern]) => pattern.test(name)) : null);
  return found?.[1] ?? null;
}

/** Whether a call of this name runs its argument as code. */
export function isDynamicCode(name: string): boolean {
  return dynamicCode.test(name);
}

export function isNetwork(name: string): boolean {
  return network.test(name);
}

export function isLookup(name: string): boolean {
  return lookups.test(name);
}

/** Whether a call sends its arguments: a request itself, or a method of one. */
export function isSending(name: string): boolean {
  const base = sending.exec(name)?.[1];
  return network.test(name) || (base !== undefined && network.test(base));
}

export function isSocket(name: string): boolean {
  return sockets.test(name);
}
