import type { CommandVerdict } from './command-verdict.ts';
import {
  interpreters,
  interpreterName,
  lookups,
  network,
  nodes,
  programName,
  shells,
} from './known-programs.ts';
import type { SimpleCommand } from './shell-words.ts';

/** Something that commands do to the machine on which they run. */
export interface CommandThreat {
  what: 'persistence' | 'destruction' | 'self-erasure' | 'network';
  tier: 'block' | 'review';
  title: string;
}

const reverseShell =
  /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat)(?:\.\w+)?\b[^\n|;]{0,120}\s-[a-z]*[ec]\b|\bmkfifo\b[^\n]{0,200}\b(?:nc|ncat|telnet|openssl)\b|\bsocat\b[^\n]{0,200}\bexec:|\b(?:socket|TCPSocket|fsockopen)\b[^\n]{0,400}(?:\bdup2\b|\bpty\.spawn\b|\/bin\/(?:ba|z)?sh\b)/i;
/** Programs of Windows that fetch and run what an address has; browsers and shells of code do the same. */
const remoteCode =
  /\b(?:mshta|regsvr32|rundll32|msiexec|wscript|cscript|installutil)(?:\.exe)?\b[^\n]{0,200}\bhttps?:|\b(?:deno|bun)\s+(?:run\s+)?(?:-\S+\s+)*https?:|--(?:import|loader|require)[= ]["']?(?:data|https?):/i;
const powershell =
  /\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]*(?:\s-e(?:nc?|ncodedcommand)?\s+["']?[A-Za-z0-9+/=]{40,}|hidden|downloadstring|downloadfile|invoke-webrequest|\biwr\b|\birm\b|invoke-expression|\biex\b|bitstransfer)/i;
const decoder = /^(?:base64|base32|xxd|openssl|certutil|uudecode|gpg|tr|rev)$/;
const decoding = /(?:^|\s)(?:-d|-D|--decode|-r|-decode|enc)(?:\s|$)/;
/** Files and services through which code is run again later, by the machine, a shell, git, an editor or a coding agent. */
const persistence =
  /\.(?:bashrc|bash_profile|bash_login|bash_logout|zshrc|zshenv|zprofile|zlogin|profile|kshrc|cshrc|xinitrc|xprofile|inputrc)\b|\.config\/(?:fish|autostart|systemd)\b|\/etc\/(?:profile|cron|rc\.|init\.d|systemd|ld\.so\.preload|environment|sudoers|passwd|bash\.)|\bcrontab\b|\/var\/spool\/cron|\bsystemctl\b[^\n;&|]{0,80}\benable\b|\blaunchctl\b|\bLaunch(?:Agents|Daemons)\b|\bschtasks\b|\bat\s+now\b|\breg(?:\.exe)?\s+add\b[^\n]{0,200}\\Run\b|CurrentVersion\\+Run\b|\\Startup\b|\bNew-Service\b|\bsc(?:\.exe)?\s+create\b|\.git\/hooks\b|\bcore\.hooksPath\b|\binit\.templateDir\b|\.(?:claude|cursor|codex|gemini|windsurf|continue|aider\w*|vscode)\/|\bauthorized_keys\b|\.ssh\/(?:config|rc)\b|\bupdate-rc\.d\b/i;
const destruction =
  /\brm\s+(?:-\S+\s+)*-[a-z]*r[a-z]*\s+(?:-\S+\s+)*["']?(?:~|\$HOME|\$\{HOME\}|\/)["']?\/?\*?["']?(?:\s|$|;|&)|\brm\s+(?:-\S+\s+)*--recursive[^\n;&|]{0,40}\s["']?(?:~|\$HOME|\/)|\b(?:rd|rmdir)\s+\/s\b[^\n]{0,40}(?:%userprofile%|c:\\?)|\bdel\s+(?:\/[fsq]\s+){1,3}["']?(?:%userprofile%|c:\\)|\bfind\s+(?:~|\$HOME|\/)\S*\s[^\n]{0,120}-delete\b|\bshred\b[^\n]{0,80}\s(?:~|\$HOME)|\bmkfs\.\w+\s|\bdd\s[^\n]{0,80}of=\/dev\/[shnvx]|\bformat\s+c:|:\(\)\s*\{\s*:\|:&\s*\}|\bRemove-Item\b[^\n]{0,80}-Recurse[^\n]{0,80}(?:\$HOME|~|C:\\|USERPROFILE)/i;
/** Commands that tell about the machine and its user. */
const telling = new Set(
  'whoami id hostname hostnamectl ifconfig ipconfig ip env printenv set cat type history ps netstat systeminfo who last find ls dir base64 git'.split(
    ' ',
  ),
);
const identity =
  /\$\{?(?:HOME|USER|USERNAME|LOGNAME|HOSTNAME|PWD|PATH|INIT_CWD|SSH_\w+|\w*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|CREDENTIAL)\w*)\b|%(?:USERNAME|COMPUTERNAME|USERPROFILE|USERDOMAIN|APPDATA)%|\$env:/i;
/** Options that send a file. */
const sending =
  /^(?:@|--upload-file|-T$|--post-file|--body-file|--post-data|--data-binary|--data-urlencode)|^-[dF].*@|=@|^--(?:data|form)\w*=.*@/;
const ownFile = /(?:^|[\s/"'])package\.json\b/;

/** What speaks against the commands of one hook, worst first; files and inline code are judged for themselves. */
export function commandThreats(
  { lines, commands, unclear }: CommandVerdict,
  hookFiles: string[],
): CommandThreat[] {
  const text = lines.join('\n');
  const threats: CommandThreat[] = [];
  const block = (what: CommandThreat['what'], title: string) =>
    void threats.push({ what, tier: 'block', title });
  if (reverseShell.test(text)) block('network', 'Opens a shell to another machine at install');
  if (persistence.test(text)) block('persistence', 'Writes at install where code is run again later');
  if (destruction.test(text)) block('destruction', 'Deletes the home folder or the whole disk at install');
  if (erasesItself(commands, hookFiles)) block('self-erasure', 'Removes its own traces at install');
  const uses = commands.filter(({ words }) => network.has(nameOf(words)) || lookups.has(nameOf(words)));
  if (
    remoteCode.test(text) ||
    powershell.test(text) ||
    runsInput(commands) ||
    (uses.length > 0 && runsDownload(commands, unclear))
  )
    block('network', 'Downloads and runs code at install');
  else if (decodes(commands)) block('network', 'Decodes text and runs it at install');
  else if (uses.length > 0 && sendsData(commands, uses))
    block('network', 'Sends data about the machine at install');
  else if (uses.length > 0)
    threats.push({
      what: 'network',
      tier: 'review',
      title: `Uses the network at install with ${nameOf(uses[0]!.words)}`,
    });
  return threats;
}

function nameOf(words: string[]): string {
  return programName(words[0] ?? '');
}

/** Whether a program runs text that it is given as code. */
function isInterpreter({ words }: SimpleCommand): boolean {
  const name = nameOf(words);
  if (/^(?:eval|source|\.|iex|invoke-expression|xargs|sudo|powershell|pwsh|cmd)$/.test(name)) return true;
  return shells.has(name) || nodes.has(name) || interpreters.has(interpreterName(words[0] ?? ''));
}

/** `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`. */
function runsInput(commands: SimpleCommand[]): boolean {
  return commands.some((command, at) => {
    if (!isInterpreter(command)) return false;
    const before = commands.slice(0, at);
    const isFed =
      command.isPiped || command.words.slice(1).some((word) => word.startsWith('$') || word.endsWith('$'));
    return (
      isFed &&
      before.some(({ words, isPiped, isSubstituted }) => {
        const isOfIt = command.isPiped || isSubstituted || isPiped;
        return isOfIt && network.has(nameOf(words)) && !/^(?:git|ssh|openssl)$/.test(nameOf(words));
      })
    );
  });
}

/** A file that is fetched first and started then, or one that the archive does not have. */
function runsDownload(commands: SimpleCommand[], unclear: string[]): boolean {
  const from = commands.findIndex(({ words }) => network.has(nameOf(words)));
  if (from < 0) return false;
  const later = commands.slice(from + 1);
  const makesProgram = later.some(
    ({ words }) => nameOf(words) === 'chmod' && /\+x|^[0-7]*[157]/.test(words[1] ?? ''),
  );
  const starts = later.some(({ words }) =>
    /^(?:\.{1,2}\/|\/tmp\/|\$|~\/|%temp%|\/var\/tmp\/)/i.test(words[0] ?? ''),
  );
  const isMissing = unclear.some((why) => why.includes('which the archive does not have'));
  const interprets = later.some(
    (command) => isInterpreter(command) && /^[/$~%]/.test(command.words[1] ?? ''),
  );
  return makesProgram || starts || interprets || (isMissing && later.length > 0);
}

/** `echo … | base64 -d | sh`. */
function decodes(commands: SimpleCommand[]): boolean {
  return commands.some((command, at) => {
    const isFed = command.isPiped || command.words.some((word) => word.includes('$'));
    return (
      isFed &&
      isInterpreter(command) &&
      commands
        .slice(0, at)
        .some(
          ({ words }) =>
            decoder.test(nameOf(words)) && (nameOf(words) === 'rev' || decoding.test(words.join(' '))),
        )
    );
  });
}

function sendsData(commands: SimpleCommand[], uses: SimpleCommand[]): boolean {
  const tells = commands.some(({ words, isSubstituted }) => isSubstituted && telling.has(nameOf(words)));
  return uses.some(({ words, isPiped, redirections }) => {
    const args = words.slice(1);
    if (args.some((word) => identity.test(word) || sending.test(word))) return true;
    if (redirections.some(({ operator }) => operator.startsWith('<')) || isPiped) return true;
    // A label of a name that is put together carries data out, whatever it is.
    const isBuilt = args.some((word) => word.includes('$'));
    return isBuilt && (tells || lookups.has(nameOf(words)));
  });
}

/** Removes a file that the hook runs, or puts another package.json in place. */
function erasesItself(commands: SimpleCommand[], hookFiles: string[]): boolean {
  const own = new Set(hookFiles.map((file) => file.replace(/^.*\//, '')));
  return commands.some(({ words, redirections }) => {
    const name = nameOf(words);
    const args = words.slice(1);
    if (redirections.some(({ operator, target }) => operator.startsWith('>') && ownFile.test(target)))
      return true;
    if (/^(?:mv|move|cp|copy|ren|rename|tee|install)$/.test(name) && ownFile.test(args.at(-1) ?? ''))
      return true;
    if (
      /^(?:sed|perl)$/.test(name) &&
      args.some((word) => /^-[a-z]*i/.test(word)) &&
      args.some((word) => ownFile.test(word))
    )
      return true;
    if (/^(?:npm|pnpm)$/.test(name) && args[0] === 'pkg' && /^(?:delete|set|fix)$/.test(args[1] ?? ''))
      return true;
    if (!/^(?:rm|del|erase|unlink|rimraf|shred|mv|move|remove-item)$/.test(name)) return false;
    return args.some(
      (word) =>
        word === '$0' || own.has(word.replaceAll('\\', '/').replace(/^.*\//, '')) || ownFile.test(word),
    );
  });
}
