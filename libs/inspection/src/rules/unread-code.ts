import type { RuleHead } from '../inspect/finding-list.ts';

/** Of a file that is read in pieces, because it is longer than any that can be parsed. */
export const unreadCode: RuleHead & { why: string } = {
  id: 'malware.unread-code',
  title: 'Code too long to be read whole, with words that findings start from',
  severity: 'medium',
  tier: 'review',
  why: 'Padding must not hide anything: of a file of this size only words are seen, and no flow. Look at where the words stand.',
};
