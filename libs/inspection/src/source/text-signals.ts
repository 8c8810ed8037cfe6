import { credentialFiles } from './credential-files.ts';
import { QuickPattern, QuickPatterns } from './quick-pattern.ts';
import { scriptWords } from './script-words.ts';
import type { Signal, SignalKind } from './signal.ts';
import type { SourceLanguage } from './source-file.ts';

/** Texts that mean something wherever code holds them. Each pattern is linear. */
const meanings: [QuickPattern, SignalKind][] = [
  ...quick([
    ...credentialFiles.map((pattern): [RegExp, SignalKind] => [pattern, 'credential-file']),
    [
      /\b169\.254\.169\.254\b|metadata\.google\.internal|\b100\.100\.100\.200\b|\b169\.254\.170\.2\b/,
      'metadata-address',
    ],
    [
      /discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d{10,}\/[\w-]{20,}|hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16,}|api\.telegram\.org\/bot\d{6,}:[\w-]{25,}/,
      'drop-webhook',
    ],
    [/\b\d{8,10}:AA[\w-]{32,}/, 'drop-webhook'],
    [
      /\bwebhook\.site\b|\.pipedream\.net\b|\brequestbin\.|\.burpcollaborator\.net\b|\.oastify\.com\b|\.oast\.(?:fun|live|me|online|pro|site)\b|\binteract\.sh\b|\bcanarytokens\.com\b|\.beeceptor\.com\b|\bhookbin\.com\b|\.ngrok(?:-free)?\.(?:io|app|dev)\b|\.serveo\.net\b|\.localhost\.run\b|\.loca\.lt\b|\.trycloudflare\.com\b|\bpastebin\.com\/(?:raw|api)|\btransfer\.sh\b|\bapi\.anonfiles\.com\b|\bgofile\.io\b|\b0x0\.st\b|\bcdn\.discordapp\.com\/attachments|\bdnslog\.cn\b|\.ceye\.io\b|\.requestcatcher\.com\b|\bapi\.mocky\.io\b|\bjsonkeeper\.com\b|\bnpoint\.io\b|\bpastebin\.com\/\w|\bpaste\.(?:ee|rs)\/|\bdpaste\.(?:com|org)\b|\bhastebin\.com\b|\brentry\.co\b|\btermbin\.com\b|\bbashupload\.com\b|\bfile\.io\b(?=\/|$)|\bwebhook\.cool\b|\bcatbox\.moe\b/,
      'drop-site',
    ],
    [
      /\bapi\.telegram\.org\/(?:bot|file)|\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/|\bhooks\.slack\.com\/services\/|\bapi\.github\.com\/(?:gists|user\/repos)\b|\bapi\.imgur\.com\b|\btelegra\.ph\b|\bntfy\.sh\b|\bhookdeck\.com\b|\bsmtp\.[\w-]+\.(?:com|net|ru)\b/,
      'public-inbox',
    ],
    [
      /\bhttps?:\/\/(?!127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|1\.1\.1\.1|8\.8\.[48]\.[48]|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])/,
      'raw-address',
    ],
    [
      /\b(?:curl|wget)\b[^|;&\n]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\b(?:curl|wget)\b[^|\n]{0,300}\|\s*(?:node|python3?|perl)\b|(?:ba|z)?sh\s+-c\s+["']?\$\((?:curl|wget)|(?:ba|z)?sh\s+<\(\s*(?:curl|wget)|\b(?:iex|invoke-expression)\b[^\n]{0,80}(?:downloadstring|invoke-webrequest|\biwr\b|\birm\b)|(?:downloadstring|invoke-webrequest|\biwr\b|\birm\b)[^\n]{0,200}\|\s*iex\b/i,
      'download-pipe',
    ],
    [
      /\b(?:curl|wget|iwr|invoke-webrequest|certutil|bitsadmin)\b[^\n]{0,160}\s(?:-o|-O|--output|-OutFile|-f)\s*["']?([^\s"';&|]{3,100})(?=[\s"';&|])[^\n]{0,120}?[;&|\s]["']?(?:\.\/)?\1(?=["'\s;&|]|$)/i,
      'download-pipe',
    ],
    [
      /\b(?:npm\s+(?:i|install|add|exec|x)|npx|pnpm\s+(?:add|dlx)|yarn\s+(?:add|dlx)|bunx)\b[^\n;&|]{0,80}?(?<!registry)\s["']?(?:git\+)?https?:\/\//,
      'download-pipe',
    ],
    [
      /\bexec\s*\([^\n]{0,120}(?:urlopen|requests\.get)|\beval\s*\(?[^\n]{0,60}(?:file_get_contents\s*\(\s*['"]https?:|URI\.open|Net::HTTP|LWP)/,
      'download-pipe',
    ],
    [/\b(?:npm|pnpm|yarn)\s+publish\b/, 'publish'],
  ]),
];
const anyMeaning = new QuickPatterns(meanings.map(([pattern]) => pattern));
/** In shell scripts the commands themselves are in the text. */
const commands = quick([
  [/(?:^|[\s;&|(`])(?:curl|wget|nc|ncat|Invoke-WebRequest|iwr)\s+[-"'$h\w]/m, 'network'],
  [/(?:^|[\s;&|(`])(?:hostname|whoami|ifconfig|ip addr)\b/m, 'host-info'],
  [/(?:^|[\s;&|(`])(?:env|printenv)\s*(?:\||>|$)/m, 'env-sweep'],
  [/(?:^|[\s;&|(`])chmod\s+(?:\+x|[0-7]*7)/m, 'chmod'],
]);
/** JavaScript that is too large to parse, or broken: signals that need no resolved names. */
const calls = quick([
  [/\bfetch\(|\bhttps?["'`]?\)?\.request\(|\baxios\.(?:post|get)\(|new WebSocket\(/, 'network'],
  [/\bexecSync\(|\bspawnSync\(|["'`](?:node:)?child_process["'`]/, 'spawn'],
  [/JSON\.stringify\((?:\{\s*\.\.\.)?process\.env\b(?!\.)/, 'env-sweep'],
  [/\.(?:hostname|userInfo|networkInterfaces)\(\)/, 'host-info'],
  [/\beval\(|\bnew Function\(/, 'dynamic-code'],
  [/\bwriteFileSync\(/, 'write-file'],
]);
const scripts = quick(scriptWords);
/** Occurrences of one pattern in one file; more say nothing new. */
const occurrencesMax = 20;

/**
 * Signals of one text.
 * @param start position in the file of the expression that holds the text.
 */
export function* textSignals(text: string, start: number): Generator<Signal> {
  if (!anyMeaning.mayMatch(text)) return;
  for (const [pattern, kind] of meanings) {
    const match = pattern.exec(text);
    if (match) yield { kind, start, detail: match[0].slice(0, 200) };
  }
}

/** Whether a text as a whole has anything that means something in the texts of code. */
export function hasTextSignal(text: string): boolean {
  return meanings.some(([pattern]) => pattern.test(text));
}

/** Signals of a whole file that cannot be read as a tree. */
export function* scriptSignals(text: string, language: SourceLanguage): Generator<Signal> {
  const ofLanguage = { shell: commands, javascript: calls, script: scripts, other: [] }[language];
  const patterns = [...meanings, ...ofLanguage];
  for (const [pattern, kind] of patterns) {
    let occurrences = 0;
    for (const match of pattern.matchAll(text)) {
      yield { kind, start: match.index, detail: match[0].slice(0, 200) };
      if ((occurrences += 1) >= occurrencesMax) break;
    }
  }
}

function quick(patterns: [RegExp, SignalKind][]): [QuickPattern, SignalKind][] {
  return patterns.map(([pattern, kind]) => [new QuickPattern(pattern), kind]);
}
