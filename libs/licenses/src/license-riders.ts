/** Stands for license terms that no known text explains. Unknown to every policy, so that a person reads them. */
export const unrecognisedTerms = 'LicenseRef-unrecognised-terms';

/** Name of a known license to which a file adds terms. */
export function withAdditionalTerms(expression: string): string {
  const id = expression.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/-$/, '');
  return `LicenseRef-${id}-with-additional-terms`;
}

/** Terms that take back a permission, at any place in a license file. */
const explicitRider = new RegExp(
  String.raw`\b(?:${[
    'commons clause',
    String.raw`non ?commercial\w*`,
    'not for commercial',
    // "For personal and commercial use" permits.
    '(?<!\\b(?:and|or|any|including|free for) )commercial(?:ly)? (?:use|purposes?|entit(?:y|ies)|product|license|licensing|redistribution|exploitation|distribution)',
    String.raw`(?:additional|further|added|own) (?:terms|conditions?|restrictions?|limitations?|clauses?)`,
    'with (?:the )?(?:following )?(?:restrictions?|exceptions?|limitations?)',
    'with (?:the )?(?:following |these )modifications?',
    'with modifications?$',
    'modified (?:mit|apache|isc|zlib|unlicense)',
    'evaluation (?:only|purposes?|use)',
    '(?:personal|academic|educational|internal|private|research) (?:use|purposes?) only',
    'only (?:for|in|by) (?:personal|academic|educational|internal|private|research|non)',
    String.raw`military|weapons?|surveillance|warfare|evil|ethical\w*|human rights|hippocratic`,
    String.raw`(?:compete|competes|competing|competitive|competitors?) (?:with|product|service|offering)\w*`,
    String.raw`managed service|hosted (?:service|offering)|as (?:a )?service`,
    String.raw`(?:may|must|shall|do|does|can|are|is) not (?:be )?(?:sell|sold|resell|resold|host|hosted)`,
    'resale|resell|field of use',
    'monthly active users|annual revenue|number of employees',
  ].join('|')})\b`,
);
/** Words of a condition. A file with a whole known license adds one by them. */
const condition =
  /\b(?:except|excluding|unless|must|shall|only|cannot|prohibit\w*|forbid\w*|(?<!\b(?:without|no|any) )restrict\w*|exclusively|royalt\w*|fees?|subscription|payments?|consent|agree\w*|following conditions?|may not|not (?:permitted|allowed|granted|include|for))\b/;
/** Words that, alone between two words of a license, turn its meaning around or narrow who may use it. */
const loneWord =
  /^(?:\w+ ){0,2}(?:not|no|never|cannot|only|except|unless|excluding|students?|individuals?|academics?|nonprofits?|charit\w+|customers?|employees|subscribers?|evaluation|testing|modified(?! bsd))(?: \w+){0,2}$/;
/** Start of the notices of other code that the package brings along. */
const notices =
  /\b(?:third part(?:y|ies)|bundled|dependencies|externally maintained|licenses of|licenses for|portions of|(?:contains?|includes?) (?:\w+ ){0,3}(?:code|software|libraries|components)|derived from|derivative work)\b/;
const normative =
  /\b(?:must|shall|may|terms|conditions|grants?|granted|permission|permitted|rights|provided)\b/;

/** Titles, holders and their addresses have up to 46 words in 231 license files of popular packages. */
const termsWordsMin = 50;
/** Lists of contributors and of bundled packages have up to 90. */
const leftoverWordsMax = 150;
/** Shorter texts name a license or point to one. */
const agreementWordsMin = 15;
/** Part of an agreement's words that no known license has: less is a piece of a known license. */
const ownPartMin = 0.2;

/**
 * Whether a license file says more than the licenses that were found in it: restrictions, or so many other words
 * that they cannot be a title, a holder or a notice.
 * @param leftover runs of words that no found license explains, in order of the file.
 * @param isWholeFile false for a part of a README: there only terms that are certain to restrict count.
 */
export function hasRider(leftover: readonly string[], isWholeFile: boolean): boolean {
  let isAboutOthers = !isWholeFile;
  return leftover.some((run) => {
    const [own = ''] = isAboutOthers ? [] : run.split(notices, 1);
    isAboutOthers ||= notices.test(run);
    const ownWords = own.split(' ').length;
    return (
      explicitRider.test(run) ||
      loneWord.test(run) ||
      condition.test(own) ||
      ownWords > leftoverWordsMax ||
      (ownWords >= termsWordsMin && normative.test(own))
    );
  });
}

/** Whether a short text that names a license restricts it. Headers of licenses have conditions, so these say nothing. */
export function restrictsName(words: string): boolean {
  return explicitRider.test(words);
}

/**
 * Whether a text without any known license sets conditions, as an agreement of its own does.
 * @param leftover runs of words that no license of the list has.
 */
export function isOwnAgreement(words: string, wordCount: number, leftover: readonly string[]): boolean {
  const ownCount = leftover.reduce((sum, run) => sum + run.split(' ').length, 0);
  const isOwn = wordCount >= agreementWordsMin && ownCount >= wordCount * ownPartMin;
  return isOwn && (explicitRider.test(words) || condition.test(words));
}

/**
 * The words of a text that none of the given licenses explains, as runs in order.
 * @param hashes of the text's runs of three words, as trigramHashes gives them.
 */
export function leftoverRuns(
  words: string,
  hashes: Uint32Array,
  isExplained: (hash: number) => boolean,
): string[] {
  const list = words.split(' ');
  const explained = new Uint8Array(list.length);
  hashes.forEach((hash, at) => {
    if (isExplained(hash)) explained.fill(1, at, at + 3);
  });
  const runs: string[] = [];
  for (let from = 0, to = 0; from < list.length; from = to) {
    while (to < list.length && explained[to] === explained[from]) to += 1;
    if (explained[from] === 0) runs.push(list.slice(from, to).join(' '));
  }
  return runs;
}
