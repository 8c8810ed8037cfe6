import { SourceFile, type Signal, type SignalKind, type Hit } from '@sluice/inspection/inspect';

const inlineCode = /\bnode\s+(?:-e|-p|-pe|--eval|--print)\s+(["'])([\s\S]*)\1/;
const powershell =
  /\bpowershell(?:\.exe)?\b[^\n]*(?:-e(?:nc\w*)?\s+[A-Za-z0-9+/=]{40,}|hidden|downloadstring|invoke-webrequest|\biwr\b)/i;
const substitution = /\$\(|`|\$(?:HOME|USER|HOSTNAME|PWD)\b|%(?:USERNAME|COMPUTERNAME)%/;
const collecting: SignalKind[] = [
  'host-info',
  'env-sweep',
  'credential-file',
  'credential-env',
  'metadata-address',
];

/** Judges a command line that is run at install; null when nothing speaks against it. */
export function checkCommand(command: string): Hit | null {
  const script = new SourceFile('package.json', 'shell', command);
  if (script.has('download-pipe') || powershell.test(command)) {
    return block('Downloads and runs code at install');
  }
  if (script.has('network')) {
    const sends = substitution.test(command) || script.has('host-info', 'env-sweep', 'credential-file');
    return sends ? block('Sends data about the machine at install') : { title: 'Downloads at install' };
  }
  const inline = inlineCode.exec(command)?.[2];
  if (!inline) return null;
  const code = new SourceFile('package.json', 'javascript', inline.replaceAll('\\"', '"'));
  return (
    checkFile(code.signals) ??
    (code.has('dynamic-code', 'spawn') ? { title: 'Runs inline code at install' } : null)
  );
}

/** Judges the behaviour of a file that is run at install. */
export function checkFile(signals: Signal[]): Hit | null {
  const has = (...kinds: SignalKind[]) => signals.some(({ kind }) => kinds.includes(kind));
  if (has('download-pipe')) return block('Downloads and runs code at install');
  if (!has('network', 'dns-built')) return null;
  if (has('dynamic-code')) return block('Downloads at install, and runs text as code');
  if (isCollection(signals)) return block('Collects data about the machine and uses the network at install');
  if (has('drop-webhook', 'drop-site', 'raw-address')) return block('Uses a drop address at install');
  return {
    title: has('spawn') ? 'Downloads at install, and starts programs' : 'Uses the network at install',
  };
}

/** The environment or credentials, or two different facts about machine and user; one alone is a platform check. */
function isCollection(signals: Signal[]): boolean {
  const collected = signals.filter(({ kind }) => collecting.includes(kind));
  if (collected.some(({ kind }) => kind === 'env-sweep' || kind === 'credential-file')) return true;
  return new Set(collected.map(({ detail }) => detail)).size >= 2;
}

function block(title: string): Hit {
  return { tier: 'block', severity: 'critical', title };
}
