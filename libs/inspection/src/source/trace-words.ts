import { credentialFiles } from './credential-files.ts';

/** A name where it is a value of something else, and no parameter of a function, an arrow or a method. */
function handedOn(name: string): RegExp {
  const parameters = String.raw`\bfunction\b[\w\s$*]{0,40}\([\w\s$,]{0,200}`;
  // Only a block on a line of its own can follow a call.
  const body = String.raw`(?:\s*=>|[ \t]*\{)`;
  const isParameter = String.raw`(?<=${parameters}${name})|(?=\s*(?:,[\w\s$,]{0,200})?\)${body})`;
  return new RegExp(
    String.raw`${name}(?:(?<=[=:]\s*${name})|(?<=[(,]\s*${name})(?!${isParameter}))\s*[,;)\]}]`,
  );
}

/** Words that mean nothing alone, and without which one of the rules has nothing to find. */
export const traceWords = {
  /** Facts about the machine and its user, in the many ways of asking for them. */
  machine: [
    /\bhostname\b|\bcwd\b|\b__dirname\b|\b__filename\b|\bwhoami\b|\bgetServers\b|\bifconfig\b/,
    /\.env\b(?!\s*\??\.\s*\w)|\[\s*['"`]env|\benv\b[^;\n]{0,40}[=:]\s*process\b/,
    /\benv\s*\??\.\s*(?:USER|USERNAME|LOGNAME|HOME|USERPROFILE|PWD|INIT_CWD)\b/,
    /\b[A-Z][A-Z0-9_]*_(?:TOKEN|KEY|KEY_ID|SECRET|PASSWORD|PAT|PHRASE|CREDENTIALS|AUTHTOKEN|AUTH_CONFIG|URI|URL)\b/,
  ],
  /** Files with credentials, by their usual paths. */
  credentials: [
    ...credentialFiles,
    /['"`/\\…]\.(?:env|aws|ssh|kube|docker|azure|gnupg|cargo|gem|m2|config|electrum)\b/,
  ],
  /** What is typed. */
  typing: [/addEventListener|\bkeydown\b|\bkeypress\b|\bkeyup\b/],
  /** Places where anybody can leave messages, which may be put together of pieces. */
  inbox: [/webhook|telegram|hooks\.slack|discord|ntfy|pastebin|ngrok|pipedream|\bsmtp\b/i],
  /** Text or bytes that code may have been kept in, and what takes them apart. */
  inputs: [
    /\bread(?:File|FileSync|Json|JsonSync|TextFile)\b|createReadStream|openAsBlob|require\s*\(\s*['"`]fs/,
    /inflate|gunzip|unzip|brotli|createDecipher|rivateDecrypt|ublicDecrypt|crypto-js|\bdecrypt\b/,
    /charCodeAt|codePointAt|\breverse\b|\bunescape\b|decodeURI|TextDecoder/,
    // Not where a pattern or a class of characters begins.
    /(?:(?<![[(|'"`\\/])|(?<=\*\/))\^/,
    /\breplace(?:All)?\s*\([^\n]{1,200}?,\s*(?:''|""|``)\s*\)/,
    /\bcreate(?:Secure)?Server\b|['"`](?:express|fastify|polka|restify|koa|hono)['"`]/,
    /\b(?:cookie|credits|payload|responseText)\b|base64,/,
  ],
  /** Code that is loaded from an address as it stands. */
  remote: [/\b(?:import|importScripts)\s*\(\s*['"`]https?:/],
  /** Names that are put together: what is only added up counts as hidden for programs alone, so its parts are short. */
  sums: [
    /['"`][a-zA-Z_:]{0,18}['"`]\s*\+\s*['"`][a-zA-Z_:]{0,18}['"`]|\$\{\s*['"`]/,
    /['"`]\s*\.\s*(?:concat|replace)\b/,
  ],
  /** Names in pieces, and what puts them together. */
  splits: [/['"`]\s*\.\s*split\b/, /['"`]\w{1,3}['"`]\s*,\s*['"`]\w{1,3}['"`]\s*,\s*['"`]\w{1,3}['"`]/],
  joins: [/\bjoin\s*\(\s*(?:''|""|``)\s*\)|\breverse\b/],
  /** Names of globals and modules as texts. */
  named: [
    /['"`](?:eval|fetch|Function|require|XMLHttpRequest|WebSocket|env|process|constructor|global|binding)['"`]/,
    /\b(?:require|import)\s*\(\s*[^'"`\s)][^)\n]{0,200}?(?:\+|\(|\$\{)/,
  ],
  /** Functions of Node that are handed on under another name, and the object that loads modules. */
  aliases: [/\bmodule\s*\.\s*constructor\b/, handedOn('require'), handedOn('process')],
  /** Objects through which such functions can be had, under another name; many programs have a `module` of their own. */
  objects: ['module', 'globalThis', 'global', 'window', 'self'].map(handedOn),
  removals: [
    /\b(?:rm|rmSync|rmdir|rmdirSync|remove|removeSync|rimraf|rimrafSync|sync|del|emptyDirSync|unlink|unlinkSync)\b/,
  ],
  home: [/\bhomedir\b|USERPROFILE|\bHOME\b/],
  ownFile: [/__filename|import\.meta/],
  manifests: [/package\.json/],
  /** Places from which something is started again later, by the words that are left when paths are put together. */
  places: [
    /bashrc|bash_(?:profile|login|aliases)|\.profile|zshrc|zprofile|zshenv|zlogin|kshrc|xprofile|xinitrc|PowerShell_profile/,
    /\bcron|crontab|systemd|autostart|init\.d|rc\.local|\.service\b|Launch(?:Agents|Daemons)|Startup|\bhooks\b|\.?gitconfig/,
    /['"`\\/~]\.(?:config|git|claude|codex|gemini|cursor|codeium|copilot|continue|windsurf|kiro|ssh|vscode|github|npmrc|yarnrc)\b/,
    /claude_desktop_config|authorized_keys|sudoers|\betc\b|ld\.so\.preload|vscode-server|['"`\\/]Code['"`\\/]/,
  ],
  otherPackages: [/node_modules|require\.resolve|['"`/\\]\.\.['"`/\\]/],
  powershell: [/powershell|pwsh/i],
  miners: [
    /stratum\+|\bxmrig\b|coin-?hive|cryptonight|\bminerd\b|--donate-level|nanopool|minexmr|supportxmr|moneroocean|hashvault|cryptoloot/i,
  ],
  wallets: [
    /\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{38,58}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|ltc1)/,
  ],
  publishes: [/libnpmpublish|\bpublish\b/],
  /** What one file gives is handed to another. */
  handsOn: [/\)\s*\(\s*require\s*\(\s*['"]\./],
};
