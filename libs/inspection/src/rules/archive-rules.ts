import { archiveNotes } from './archive-notes.ts';
import { bundledExecutable } from './bundled-executable.ts';
import { credentialTheft } from './credential-theft.ts';
import { cryptoMiner } from './crypto-miner.ts';
import { destructive } from './destructive.ts';
import { dnsExfiltration } from './dns-exfiltration.ts';
import { downloadExecute } from './download-execute.ts';
import { encodedPowershell } from './encoded-powershell.ts';
import { evalDecoded } from './eval-decoded.ts';
import { evalDownload } from './eval-download.ts';
import { executableStarted } from './executable-started.ts';
import { exfiltration } from './exfiltration.ts';
import { hiddenCode } from './hidden-code.ts';
import { hiddenName } from './hidden-name.ts';
import { invisibleUnicode } from './invisible-unicode.ts';
import { leftBehindFiles } from './left-behind-files.ts';
import { nestedArchive } from './nested-archive.ts';
import { obfuscation } from './obfuscation.ts';
import { packageTampering } from './package-tampering.ts';
import { persistence } from './persistence.ts';
import { reverseShell } from './reverse-shell.ts';
import type { FileRule, PackageRule } from './rule.ts';
import { secrets } from './secrets.ts';
import { selfErasure } from './self-erasure.ts';
import { selfPropagation } from './self-propagation.ts';
import { shellDownload } from './shell-download.ts';
import { theftAcrossFiles } from './theft-across-files.ts';
import { walletHook } from './wallet-hook.ts';

/** Over each source file of an archive. */
export const fileRules: FileRule[] = [
  credentialTheft,
  cryptoMiner,
  destructive,
  dnsExfiltration,
  downloadExecute,
  encodedPowershell,
  evalDecoded,
  evalDownload,
  exfiltration,
  hiddenCode,
  hiddenName,
  invisibleUnicode,
  obfuscation,
  packageTampering,
  persistence,
  reverseShell,
  secrets,
  selfErasure,
  selfPropagation,
  shellDownload,
  walletHook,
];

/** Over the text of a file in any language; they need no meaning of its code. */
export const textRules: FileRule[] = [hiddenCode, hiddenName, invisibleUnicode, secrets];

/** Over an archive as a whole, whatever its ecosystem. */
export const packageRules: PackageRule[] = [
  bundledExecutable,
  executableStarted,
  leftBehindFiles,
  nestedArchive,
  theftAcrossFiles,
  ...archiveNotes,
];
