import { isSocket, meaningOf } from '../source/call-meanings.ts';
import { socketIn } from '../source/data-sources.ts';
import type { CallFact } from '../source/call-fact.ts';
import type { FileRule, Hit } from './rule.ts';

const shells = /^(?:.*[\\/])?(?:ba|z|da|c|k)?sh$|^(?:.*[\\/])?(?:cmd|powershell|pwsh)(?:\.exe)?$/i;
/** One-liners as they are in every cheat sheet. */
const oneLiner =
  /\/dev\/(?:tcp|udp)\/[\w.$…-]+\/[\d$…]|\b(?:nc|ncat|netcat)\b[^\n|;]{0,80}\s-[a-z]*[ec]\s*["']?(?:\/bin\/)?(?:ba|z)?(?:sh|cmd)|\bmkfifo\b[^\n]{0,200}\|\s*(?:nc|ncat|telnet)\b|socket\.socket\([^\n]{0,300}os\.dup2\(|\bsocat\b[^\n]{0,120}exec:|TCPClient\([^\n]{0,400}\biex\b/i;

export const reverseShell: FileRule = {
  id: 'malware.reverse-shell',
  title: 'Opens a shell to another machine',
  severity: 'critical',
  tier: 'block',
  why: 'A shell whose input and output are a network connection gives the other side control. Terminal software connects a terminal, not a bare shell process, and keeps it behind a server. Look at the address that the connection goes to.',
  needs: [['programs']],
  *check(file): Iterable<Hit> {
    for (const text of file.facts?.texts ?? []) {
      if (oneLiner.test(text.text) && file.has('spawn')) {
        yield { start: text.start };
        return;
      }
    }
    const calls = file.facts?.calls ?? [];
    const connects = calls.some(({ name }) => isSocket(name));
    if (!connects) return;
    const shell = calls.find((call) => isShell(call) && pipes(file.text));
    const remote = calls.find((call) => meaningOf(call.name) === 'spawn' && socketIn(call.madeOf()) !== null);
    const found = shell ?? remote;
    if (found) yield { start: found.start };
  },
};

function isShell(call: CallFact): boolean {
  return (
    /^(?:child_process\.(?:spawn|exec|execFile)|node-pty\.spawn)$/.test(call.name) &&
    shells.test(call.text(0)?.text ?? '')
  );
}

function pipes(text: string): boolean {
  return (
    /\.pipe\(\s*[\w$.]+\.stdin\s*\)|\.(?:stdout|stderr)\.pipe\(|\bstdin\.write\(|\.onData\(/.test(text) ||
    /\.stdout\.on\(\s*['"]data['"]/.test(text)
  );
}
