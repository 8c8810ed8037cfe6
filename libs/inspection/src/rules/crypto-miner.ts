import type { FileRule, Hit } from './rule.ts';

const miner =
  /stratum\+(?:tcp|ssl|tls):\/\/|\bxmrig\b|\bcoinhive\b|\bcoin-hive\b|\bcryptonight\b|\bminerd\b|--donate-level|\bnanopool\.org\b|\bminexmr\.com\b|\bsupportxmr\.com\b|\bmoneroocean\.stream\b|\bhashvault\.pro\b|\bcryptoloot\b/i;

export const cryptoMiner: FileRule = {
  id: 'malware.crypto-miner',
  title: 'Mines crypto currency',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Pool addresses and miner names together with a way of starting one: the machine works for somebody else.',
  needs: [['miners'], ['network', 'decoders'], ['programs']],
  *check(file): Iterable<Hit> {
    const texts = file.facts?.texts ?? (file.language === 'shell' ? [{ text: file.text, start: 0 }] : []);
    const found = texts.find(({ text }) => miner.test(text));
    if (found && file.has('spawn', 'network', 'dynamic-code')) yield { start: found.start };
  },
};
