/** Whether a subject, or a pattern of subjects, is within a pattern. */
export function isWithin(pattern: string, subject: string): boolean {
  const [allowed, asked] = [pattern.split('.'), subject.split('.')];
  for (const [index, token] of allowed.entries()) {
    if (token === '>') return asked.length > index;
    if (token !== '*' && token !== asked[index]) return false;
  }
  return allowed.length === asked.length;
}
