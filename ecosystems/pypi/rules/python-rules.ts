import type { Finding } from '@sluice/contracts';
import { toFinding } from '@sluice/inspection/inspect';
import type { PythonHit, PythonRuleId } from '../python/findings.ts';

interface PythonRule {
  id: PythonRuleId;
  title: string;
  severity: Finding['severity'];
  why: string;
}

/** The same techniques as in other languages have the same names there. */
const rules: Record<PythonRuleId, Omit<PythonRule, 'id'>> = {
  'malware.credential-theft': {
    title: 'Sends credentials off',
    severity: 'critical',
    why: 'The environment of a build and the files of other tools hold tokens. A package has no reason to send them.',
  },
  'malware.destructive': {
    title: 'Deletes the home folder or the whole disk',
    severity: 'critical',
    why: 'Nothing legitimate deletes a home folder as a whole.',
  },
  'malware.download-execute': {
    title: 'Downloads a file and runs it',
    severity: 'critical',
    why: 'What is run is on a server, can be another thing for each victim, and nobody has looked at it.',
  },
  'malware.encoded-powershell': {
    title: 'Runs an encoded command of PowerShell',
    severity: 'critical',
    why: 'Commands are encoded to hide what they do.',
  },
  'malware.eval-decoded': {
    title: 'Runs code that is hidden in an encoding',
    severity: 'critical',
    why: 'Code is encoded to hide what it does. Tools that pack programs do it as well, in packages that say so.',
  },
  'malware.eval-download': {
    title: 'Runs code that it downloads',
    severity: 'critical',
    why: 'The code that runs is not in the archive: nobody has looked at it, and it changes at any time.',
  },
  'malware.exfiltration': {
    title: 'Sends facts about the machine off',
    severity: 'high',
    why: 'Names of machines and users, sent off when a package is installed or imported, tell an attacker where it landed.',
  },
  'malware.persistence': {
    title: 'Has itself started again later',
    severity: 'high',
    why: 'Profiles, timetables, services and start-up folders start programs long after the package is gone. A tool that changes them asks first.',
  },
  'malware.reverse-shell': {
    title: 'Opens a shell to a remote machine',
    severity: 'critical',
    why: 'A connection in place of the input of a shell hands the machine to who is at its other end.',
  },
  'malware.install-script-network': {
    title: 'The build of the source distribution uses the network',
    severity: 'high',
    why: 'A build that fetches something installs what is not in the archive. Builds of a few large projects fetch data or compilers.',
  },
  'malware.shell-download': {
    title: 'Runs a command that downloads and runs',
    severity: 'critical',
    why: 'What is run is on a server, and nobody has looked at it.',
  },
};

/** Behaviour that weighs more where it happens without a call: in a build, or at import. */
export interface FileHit extends PythonHit {
  file: string;
  line: number;
  excerpt: string;
}

/** Tests, examples and documentation are neither installed into a path nor run by the package. */
const supporting =
  /(?:^|\/)(?:tests?|testing|examples?|docs?|benchmarks?|tools|scripts|ci|\.github)\/|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest|tasks|noxfile|fabfile)\.py$/;

/**
 * The findings over the code of Python files. `block`: what is certain, or happens by the installation or the import alone and has no
 * honest use; `review` otherwise. Files of a source distribution that are no part of what it installs are notes.
 */
export function pythonFindings(hits: readonly FileHit[], installFiles: ReadonlySet<string>): Finding[] {
  return hits.flatMap((hit) => {
    const rule = rules[hit.rule];
    const isInstalled = installFiles.has(hit.file);
    if (hit.rule === 'malware.install-script-network' && !(isInstalled && usesAtBuild(hit))) return [];
    const finding = toFinding({ id: hit.rule, ...rule, tier: tierOf(hit, isInstalled) }, hit);
    const isSupporting = supporting.test(hit.file) && !isInstalled;
    return [isSupporting ? { ...finding, tier: 'note' as const } : finding];
  });
}

/** A build takes its version from the package that it builds, whose functions it does not call. */
function usesAtBuild({ file, runsAtImport }: FileHit): boolean {
  return runsAtImport || !file.includes('/');
}

function tierOf({ rule, runsAtImport, isCertain }: FileHit, isInstalled: boolean): Finding['tier'] {
  if (rule === 'malware.install-script-network') return 'review';
  const runsByItself = isInstalled || runsAtImport;
  // Packers decode at import as well; only a build has no reason to.
  if (rule === 'malware.eval-decoded') return isInstalled ? 'block' : 'review';
  return runsByItself || isCertain ? 'block' : 'review';
}
