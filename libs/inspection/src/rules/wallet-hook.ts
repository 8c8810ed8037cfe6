import type { FileRule, Hit } from './rule.ts';

const hooked =
  /^(?:ethereum(?:\.providers\.[\w?]+)?\.(?:request|send|sendAsync)|(?:window\.)?solana\.sign\w+|XMLHttpRequest\.prototype\.(?:open|send)|fetch|navigator\.clipboard\.writeText)$/;
/** Bitcoin, legacy and segwit; Ethereum; Tron; Litecoin; Solana is like any base58 text and is not counted. */
const addresses =
  /\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{38,58}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|ltc1[02-9ac-hj-np-z]{38,58})\b/g;
const addressesMin = 4;
const replaces = /levenshtein|\bbc1\b|0x\[a-f|0x\[a-fA-F|\[13\]\[a-km-z|eth_sendTransaction/i;

/** The shortest address has 26 characters. */
function mayHoldAddresses({ length }: string): boolean {
  return length >= 26 && length < 20_000;
}

export const walletHook: FileRule = {
  id: 'malware.wallet-hook',
  title: 'Intercepts wallet or network functions and has recipients of its own',
  severity: 'critical',
  tier: 'review',
  why: "Clippers replace the recipient of a payment: they wrap fetch, XMLHttpRequest or the wallet's own functions and carry a list of addresses. Wallet libraries have functions of their own and need no list.",
  needs: [['wallets']],
  *check(file): Iterable<Hit> {
    if (!file.facts) return;
    const own = new Set(
      file.facts.texts.flatMap(({ text }) => (mayHoldAddresses(text) ? (text.match(addresses) ?? []) : [])),
    );
    if (own.size < addressesMin) return;
    const hook = file.facts.assignments().find(({ name }) => hooked.test(name));
    if (hook) yield { start: hook.start, ...(replaces.test(file.text) ? { tier: 'block' } : {}) };
  },
};
