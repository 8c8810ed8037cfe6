import type { FileRule, Hit } from './rule.ts';

const shells = /^(?:.*[\\/])?(?:ba|z|da|c|k)?sh$|^(?:.*[\\/])?(?:cmd|powershell|pwsh)(?:\.exe)?$/i;
/** One-liners as they are in every cheat sheet. */
const oneLiner =
  /\/dev\/(?:tcp|udp)\/[\w.$-]+\/[\d$]|\b(?:nc|ncat|netcat)\b[^\n|;]{0,80}\s-[a-z]*[ec]\s*["']?(?:\/bin\/)?(?:ba|z)?(?:sh|cmd)|\bmkfifo\b[^\n]{0,200}\|\s*(?:nc|ncat|telnet)\b|socket\.socket\([^\n]{0,300}os\.dup2\(/;

export const reverseShell: FileRule = {
  id: 'malware.reverse-shell',
  title: 'Opens a shell to another machine',
  severity: 'critical',
  tier: 'block',
  why: 'A shell whose input and output are a network connection gives the other side control. Terminal software connects a terminal, not a bare shell process, and keeps it behind a server.',
  *check(file): Iterable<Hit> {
    for (const text of file.facts?.texts ?? []) {
      if (oneLiner.test(text.text) && file.has('spawn')) {
        yield { start: text.start };
        return;
      }
    }
    const calls = file.facts?.calls ?? [];
    const connects = calls.some(({ name }) =>
      /^(?:net\.(?:connect|createConnection|Socket)|tls\.connect)$/.test(name),
    );
    const shell = calls.find(
      (call) =>
        /^child_process\.(?:spawn|exec|execFile)$/.test(call.name) && shells.test(call.text(0)?.text ?? ''),
    );
    if (shell && connects && pipes(file.text)) yield { start: shell.start };
  },
};

function pipes(text: string): boolean {
  return (
    /\.pipe\(\s*[\w$.]+\.stdin\s*\)|\.(?:stdout|stderr)\.pipe\(/.test(text) || /stdin\.write\(/.test(text)
  );
}
