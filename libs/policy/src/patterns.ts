type Letters = 'any-case' | 'exact';

/** One expression for each list of patterns; made once, because a policy judges every assessment. */
const matchers = {
  'any-case': new WeakMap<readonly string[], RegExp>(),
  exact: new WeakMap<readonly string[], RegExp>(),
};

/** Whether a text is one of the patterns, in which `*` stands for any run of characters. */
export function matchesAny(text: string, patterns: readonly string[], letters: Letters): boolean {
  let matcher = matchers[letters].get(patterns);
  if (!matcher) matchers[letters].set(patterns, (matcher = matcherOf(patterns, letters)));
  return matcher.test(text);
}

function matcherOf(patterns: readonly string[], letters: Letters): RegExp {
  const sources = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
  if (sources.length === 0) return /(?!)/;
  return new RegExp(`^(?:${sources.join('|')})$`, letters === 'exact' ? '' : 'i');
}
