import { isObject, parseSafeJson } from '@sluice/intake';

/** A push that concerns a project, or why it does not. */
export type Push = { isFor: true } | { isFor: false; reason: string };

/** Headers in which hosts name the event, and their names for a push. */
const events: readonly [header: string, push: RegExp][] = [
  ['x-github-event', /^push$/],
  ['x-gitea-event', /^push$/],
  ['x-forgejo-event', /^push$/],
  ['x-gitlab-event', /^(?:Push|Tag Push) Hook$/],
];

/**
 * Whether a webhook tells of a push to the ref of a project. GitHub, GitLab, Gitea and Forgejo name the ref alike. Pure.
 * @param body JSON, as it came.
 * @param ref of the project: a branch, a tag, a full name, or `HEAD`, which is the host's default branch.
 * @throws PermanentError with an `input.*` code for a body that is no JSON.
 */
export function readPush(given: (header: string) => string | undefined, body: Uint8Array, ref: string): Push {
  const told = events.find(([header]) => given(header) !== undefined);
  if (told && !told[1].test(given(told[0])!)) return { isFor: false, reason: 'It is no push.' };
  const json = parseSafeJson(body);
  const pushed = isObject(json) ? json['ref'] : undefined;
  if (typeof pushed !== 'string') return { isFor: false, reason: 'It names no ref.' };
  return namesOf(ref, json).includes(pushed)
    ? { isFor: true }
    : { isFor: false, reason: 'It is a push to another ref.' };
}

/** A host that does not say which branch is its default one may mean any. */
function namesOf(ref: string, json: unknown): string[] {
  if (ref !== 'HEAD') return [ref, `refs/heads/${ref}`, `refs/tags/${ref}`];
  const of = isObject(json) ? (json['repository'] ?? json['project']) : undefined;
  const name = [of, isObject(json) ? json['project'] : undefined]
    .filter(isObject)
    .map((about) => about['default_branch'])
    .find((branch) => typeof branch === 'string');
  if (typeof name === 'string') return [`refs/heads/${name}`];
  return isObject(json) && typeof json['ref'] === 'string' ? [json['ref']] : [];
}
