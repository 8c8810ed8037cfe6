import { isLookup, isNetwork, isSocket } from './call-meanings.ts';
import type { Ingredients } from './ingredients.ts';
import { isCredentialVariable } from './credentials.ts';
import { credentialPath, settingsFile } from './credential-files.ts';

/** Reading four different tokens is a collection; one is what its service needs. */
export const differentVariablesMin = 4;
const reading =
  /(?:^|\.)(?:readFile|readFileSync|createReadStream|readJson|readJsonSync|readTextFile|openAsBlob)\(\)$/;
const vaults = /^(?:keytar\.(?:findCredentials|getPassword)|.*\.getReport)\(\)$/;
const capture =
  /^(?:node-global-key-listener|iohook|uiohook-napi|gkm|node-keylogger|keylogger(?:\.js)?|screenshot-desktop|desktop-screenshot|node-webcam|clipboardy\.read(?:Sync)?|(?:electron\.)?clipboard\.readText|navigator\.clipboard\.read(?:Text)?)(?:\.|\(|$)/;
const typing =
  /^(?:keydown|keypress|keyup)$|type=["']?password|\b(?:pbpaste|xclip|xsel|Get-Clipboard|screencapture)\b/;
/** A host name alone is what monitoring sends; three of these are what one sends to know whom one has caught. */
const factsMin = 3;
const machineFacts = [
  /^(?:os\.hostname\(\)|hostname)$/,
  /^(?:os\.userInfo\(\)|whoami|process\.env\.(?:USER|USERNAME|LOGNAME))$/,
  /^(?:os\.homedir\(\)|process\.env\.(?:HOME|USERPROFILE))$/,
  /^(?:os\.networkInterfaces\(\)|(?:ifconfig|ip a|ipconfig)\b.*)$/,
  /^dns\.getServers\(\)$/,
  /^(?:process\.cwd\(\)|__dirname|__filename|process\.env\.(?:PWD|INIT_CWD))$/,
];
const server =
  /^(?:https?|http2)\.create(?:Secure)?Server\(\)|^(?:express|fastify|polka|restify|koa|hono)(?:\.\w+)?\(\)\.(?:get|post|put|all|use|route|on)\(\)$/;
const listing = /^\s*(?:env|printenv|set|export -p)\s*(?:$|[|>])|\/proc\/self\/environ/;
const oddFile =
  /\.(?:png|jpe?g|gif|ico|bmp|webp|svg|woff2?|ttf|otf|eot|md|txt|css|dat|bin|map|lock|log|pdf|mp[34]|wav|zip|db|pem|crt|LICENSE)$/i;
const decoders =
  /(?:^|\.)(?:atob|fromCharCode|fromCodePoint|unescape|inflateSync|inflateRawSync|gunzipSync|unzipSync|brotliDecompressSync|createDecipher(?:iv)?|privateDecrypt|publicDecrypt)(?:\.\w+)?\(\)|(?:^|\.)codePointAt\(\)|^decoded\(|^crypto-js\.(?:AES|DES|RC4|Rabbit|TripleDES)\.decrypt|^\^$/;

/** The secrets that a value is made of, in words; null when there is none. */
export function secretIn({ names, texts: all }: Ingredients): string | null {
  const texts = [...all];
  if (names.has('process.env')) return 'the whole environment';
  const found = [...names];
  if (found.some((name) => vaults.test(name))) return 'stored passwords';
  if (found.some(capturesInput)) return 'what is typed, shown or copied';
  const isTyped = found.some((name) =>
    /^(?:(?:document\.|body\.)*addEventListener|document\.querySelector(?:All)?|child_process\.\w+)\(\)$/.test(
      name,
    ),
  );
  if (isTyped && texts.some((text) => typing.test(text))) return 'what is typed, shown or copied';
  const isRun = found.some((name) => name.startsWith('child_process.'));
  if (isRun && texts.some(listsEnvironment)) return 'the whole environment';
  if (isRun || found.some((name) => reading.test(name))) {
    const path = texts.find((text) => credentialPath(text) !== null || settingsFile.test(text));
    if (path !== undefined) return credentialPath(path) ?? path.slice(-40);
  }
  if (
    machineFacts.filter(
      (fact) => found.some((name) => fact.test(name)) || (isRun && texts.some((text) => fact.test(text))),
    ).length >= factsMin
  )
    return 'the names and addresses of the machine';
  const variables = found.filter(
    (name) => name.startsWith('process.env.') && isCredentialVariable(name.slice(12)),
  );
  return variables.length >= differentVariablesMin ? `${variables.length} different tokens` : null;
}

/** Whether a function of this name records keys, the screen or the clipboard. */
export function capturesInput(name: string): boolean {
  return capture.test(name);
}

/** Whether a command prints all variables of the environment. */
export function listsEnvironment(command: string): boolean {
  return listing.test(command);
}

/** A file that is no code, of which a value is made. */
export function oddFileIn({ names, texts }: Ingredients): string | null {
  const isRead = [...names].some((name) => reading.test(name));
  return (isRead && [...texts].find((text) => oddFile.test(text))) || null;
}

/** Where a value comes from over a network; null when it does not. */
export function downloadIn({ names }: Ingredients): string | null {
  const found = [...names].find(
    (name) => name.endsWith('()') && (isNetwork(name.slice(0, -2)) || isLookup(name.slice(0, -2))),
  );
  return found?.slice(0, -2) ?? null;
}

/** The server whose requests a value is made of. */
export function requestIn({ names }: Ingredients): string | null {
  return [...names].find((name) => server.test(name)) ?? null;
}

/** The socket whose data a value is made of. */
export function socketIn({ names }: Ingredients): string | null {
  return [...names].find((name) => name.endsWith('()') && isSocket(name)) ?? null;
}

/** The function that decodes a part of a value. */
export function decoderIn({ names }: Ingredients): string | null {
  return [...names].find((name) => decoders.test(name)) ?? null;
}
