import type { FileRule, Hit } from './rule.ts';

const powershell = /\b(?:powershell|pwsh)(?:\.exe)?\b/i;
/** A literal payload. Passing a command of one's own in base64 is also the only way to quote it safely. */
const encoded = /\s-e(?:nc?|ncodedcommand)?\s+["']?[a-z0-9+/]{60,}={0,2}/i;
const hiddenDownload =
  /^(?=[\s\S]{0,2000}(?:-w(?:indowstyle)?\s+(?:hidden|1)\b|-nop\b|bypass\b))(?=[\s\S]{0,2000}(?:downloadstring|downloadfile|invoke-webrequest|\biwr\b|start-bitstransfer))/i;

export const encodedPowershell: FileRule = {
  id: 'malware.encoded-powershell',
  title: 'Runs a hidden or encoded PowerShell command',
  severity: 'critical',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'An encoded literal, or a hidden window that downloads, serves only to not be read.',
  needs: [['powershell'], ['programs']],
  *check(file): Iterable<Hit> {
    const texts = file.facts?.texts ?? (file.language === 'shell' ? [{ text: file.text, start: 0 }] : []);
    for (const { text, start } of texts) {
      const match = powershell.exec(text);
      if (
        !match ||
        !(encoded.test(text) || hiddenDownload.test(text.slice(match.index, match.index + 4_000)))
      )
        continue;
      yield { start, tier: file.has('spawn') ? 'block' : 'review' };
      return;
    }
  },
};
