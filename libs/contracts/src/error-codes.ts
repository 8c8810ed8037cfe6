/** Status, title and remedy of each stable code, for API, CLI and runbook. Codes are never renamed or reused. */
export interface ErrorCodeEntry {
  /** HTTP status when it reaches the API. */
  status: number;
  title: string;
  /** The reader's next step. */
  remedy: string;
}

const entry = (status: number, title: string, remedy: string): ErrorCodeEntry => ({ status, title, remedy });

export const errorCodes = {
  // The client's input.
  'input.invalid': entry(
    400,
    'The request is not valid.',
    'Correct the fields that the detail names; /openapi.json describes them.',
  ),
  'input.not-json': entry(
    400,
    'The body is not valid JSON.',
    'Send the file as it is, as UTF-8 without a byte-order mark.',
  ),
  'input.too-deep': entry(
    400,
    'The JSON is nested too deeply.',
    'No real lockfile nests deeper than 64 levels; check the file.',
  ),
  'input.unsafe-key': entry(
    400,
    'The JSON has a duplicate or forbidden key.',
    'Remove duplicate keys, and keys such as __proto__.',
  ),
  'input.too-large': entry(
    413,
    'The body is too large.',
    'Split the submission; the limit is in the detail.',
  ),
  'input.too-many-packages': entry(
    413,
    'The submission has too many packages.',
    'Split the submission; the limit is in the detail.',
  ),
  'input.unsupported-media-type': entry(
    415,
    'The content type or encoding is not supported.',
    'Send application/json, application/octet-stream or multipart/form-data, without Content-Encoding.',
  ),
  'input.not-acceptable': entry(
    406,
    'There is no answer of a media type that is accepted.',
    'Accept application/json or */*, or leave the Accept header out; the detail has the media type.',
  ),
  'input.client-header-missing': entry(
    400,
    'A form needs a header that web pages cannot send.',
    'Add the header X-Sluice-Client with any value, or send the lockfile as the body with content-type application/json.',
  ),
  'input.headers-too-large': entry(431, 'The headers are too large.', 'Send fewer or shorter headers.'),
  'input.slow-body': entry(
    408,
    'The body did not arrive in time.',
    'Send it again over a faster connection.',
  ),
  'lockfile.unknown-format': entry(
    422,
    'The file is not one that Sluice reads.',
    'Submit a lockfile, an SBOM (CycloneDX, SPDX) or a list of purls; docs/lockfiles.md lists the formats. `format` names one that is not recognised.',
  ),
  'lockfile.unknown-version': entry(
    422,
    'This version of the format is not supported.',
    'Rewrite the file with a version of its tool that docs/lockfiles.md lists.',
  ),
  'lockfile.invalid': entry(
    422,
    'The file is damaged.',
    'Recreate it with its own tool, for instance `npm install --package-lock-only`.',
  ),
  'purl.invalid': entry(
    400,
    'The package URL is not valid.',
    'Write it as pkg:npm/name@version; a scope is %40scope/name.',
  ),
  'scope.unknown': entry(
    400,
    'There is no such scope.',
    'Use a scope that the detail names, or none for `default`; SCOPES_FILE of aggregator and gateway lists the others.',
  ),
  'license.expression-too-complex': entry(
    422,
    'The SPDX expression is too complex.',
    'Shorten the expression.',
  ),
  'idempotency.mismatch': entry(
    409,
    'This Idempotency-Key was used with another body.',
    'Use a new key for a new submission.',
  ),
  // Where a request comes from.
  'host.not-allowed': entry(
    421,
    'The API does not answer to this host name.',
    'Use localhost or the address that the API listens on, or name the host in HTTP_ALLOWED_HOSTS.',
  ),
  'origin.not-allowed': entry(
    403,
    'Pages of other sites may not use the API.',
    'Send it from a page of the API itself, or from a program without Origin and Sec-Fetch-Site; a proxy has to pass the Host header on.',
  ),
  // Who asks.
  'access.unauthenticated': entry(
    401,
    'The request does not say who sends it.',
    'Send `Authorization: Bearer <key>`; an admin makes a key with `sluice keys create`, and `npm start` prints this machine’s own. People sign in at /sign-in, where that is set up.',
  ),
  'access.key-invalid': entry(
    401,
    'The key does not count.',
    'Check that the key is whole; ask an admin for a new one when it has ended.',
  ),
  'access.session-ended': entry(
    401,
    'The session has ended.',
    'Sign in again: at /sign-in with a browser, with `sluice login` at the command line.',
  ),
  'access.sign-in-lost': entry(
    400,
    'This browser has begun no such sign-in.',
    'Begin again at /sign-in: a sign-in ends in the browser where it began, once, within ten minutes.',
  ),
  'access.sign-in-refused': entry(
    401,
    'The sign-in does not count.',
    'Begin again at /sign-in; if it stays so, compare the settings of the provider with OIDC_ISSUER, OIDC_CLIENT_ID and PUBLIC_URL.',
  ),
  'access.no-sign-in': entry(
    404,
    'People cannot sign in here.',
    'Use a key, or have an operator set OIDC_ISSUER and what goes with it; docs/access.md has the settings.',
  ),
  'access.no-role': entry(
    403,
    'The person has no role here.',
    'Have the provider put the person into a group that OIDC_GROUPS names, or have an admin name one of the groups of the detail there.',
  ),
  'access.groups-overage': entry(
    403,
    'The groups of the person did not arrive whole.',
    'Have the provider send only the groups that are assigned to Sluice, as names in a list.',
  ),
  'access.name-taken': entry(
    403,
    'Another person, or a key of a service, has this name.',
    'Have the provider give each person a name of their own, or name another claim in OIDC_NAME_CLAIM.',
  ),
  'access.session-not-found': entry(
    404,
    'There is no such session of yours.',
    'List your sessions with GET /v1/sessions.',
  ),
  'access.invitation-invalid': entry(
    403,
    'The invitation does not count.',
    'Have another one made with `sluice admin invite` on the machine of the installation: one holds for an hour, once.',
  ),
  'access.browser-only': entry(
    403,
    'It needs a person with a browser.',
    'Sign in at /sign-in, and do it on a page there.',
  ),
  'device.pending': entry(
    400,
    'The command line was not approved yet.',
    'Ask again, no more often than the detail says.',
  ),
  'device.slow-down': entry(
    400,
    'The command line asks too often.',
    'Wait as long as the detail says between two polls.',
  ),
  'device.denied': entry(
    403,
    'The command line was refused.',
    'Begin again with `sluice login` if that was an error.',
  ),
  'device.expired': entry(
    400,
    'The code of the command line counts no more.',
    'Begin again with `sluice login`: a code holds for ten minutes, once.',
  ),
  'device.not-found': entry(
    404,
    'No command line waits with this code.',
    'Compare it with the one that `sluice login` shows, or begin again there.',
  ),
  'device.too-many-tries': entry(
    429,
    'Too many codes were tried.',
    'Wait ten minutes, then begin again with `sluice login`.',
  ),
  'access.forbidden': entry(
    403,
    'The right to do this is missing.',
    'Ask one of the roles that the detail names, or an admin for that role.',
  ),
  'access.not-yourself': entry(
    403,
    'The input names somebody else.',
    'Leave `by` and `requester` out: the key says who asks.',
  ),
  'access.token-refused': entry(
    401,
    'The token of the build does not count.',
    'Compare it with the rules in TRUST_RULES; the detail says what does not fit. docs/access.md has the settings of build systems.',
  ),
  'access.token-used': entry(
    401,
    'The token was exchanged before.',
    'Have the build ask for a new one: a token counts once.',
  ),
  'access.issuer-unavailable': entry(
    503,
    'The keys of the token’s issuer cannot be had.',
    'Try again; if it stays so, check that the gateway reaches the issuer.',
  ),
  'hook.signature-invalid': entry(
    403,
    'The webhook is not signed with the secret of the project.',
    'Give the git host the secret that `sluice project hook` shows, and JSON as the content type.',
  ),
  'signing.unavailable': entry(
    503,
    'Decisions are not signed here.',
    'Set SIGNING_KEYS_FILE of the gateway to a file with a private key as PEM.',
  ),
  'hook.unavailable': entry(
    503,
    'Webhooks of git hosts are not set up.',
    'Set HOOK_KEY_FILE of the gateway to a file with 32 random characters or more.',
  ),
  'access.key-not-found': entry(404, 'There is no such key.', 'Check the id; GET /v1/keys lists them.'),
  // Things that are not there.
  'route.not-found': entry(404, 'There is no such route.', 'See /openapi.json for the routes.'),
  'route.method-not-allowed': entry(
    405,
    'The route does not take this method.',
    'Use one of the methods in the Allow header; /openapi.json has the routes.',
  ),
  'request.not-found': entry(404, 'There is no such request.', 'Check the id; GET /v1/requests lists them.'),
  'request.not-taken-in': entry(
    503,
    'The request was accepted and is not taken in yet.',
    'Try again in a moment; /readyz of the aggregator says why it takes long.',
  ),
  'batch.not-found': entry(404, 'There is no such batch.', 'Check the id; GET /v1/batches lists them.'),
  'batch.not-taken-in': entry(
    503,
    'The batch was accepted and is not taken in yet.',
    'Try again in a moment; /readyz of aggregator and importer says why it takes long.',
  ),
  'job.not-found': entry(
    404,
    'There is no such job.',
    'Check the id: a job is a request, a batch, a refresh or a replay, and has its id.',
  ),
  'project.not-found': entry(404, 'There is no such project.', 'Check the id; GET /v1/projects lists them.'),
  'refresh.not-found': entry(
    404,
    'There is no such refresh.',
    'Check the id; GET /v1/projects/{id}/refreshes lists those of a project.',
  ),
  'replay.not-found': entry(404, 'There is no such replay.', 'Check the id; GET /v1/replays lists them.'),
  'package.not-found': entry(
    404,
    'This package version was never requested.',
    'Submit a lockfile that contains it first.',
  ),
  'dead-letter.not-found': entry(
    404,
    'There is no such dead letter.',
    'Somebody may have redriven or discarded it; GET /v1/dead-letters lists what is there.',
  ),
  'trace.not-found': entry(
    404,
    'There is no such trace.',
    'Traces are kept for a limited time; check the id.',
  ),
  'worker.not-found': entry(
    404,
    'There is no such instance.',
    'GET /v1/workers lists the instances that live.',
  ),
  'request.list-unreadable': entry(
    500,
    'The stored list of the request is gone or damaged.',
    'Bring the artifact back and redrive the dead letter, or submit the file again.',
  ),
  // Batches that fail as a whole.
  'batch.no-files': entry(
    422,
    'The batch has no file that Sluice reads.',
    'Send lockfiles, SBOMs or lists of purls; the files of the batch say why each of them was left out.',
  ),
  'batch.archive-refused': entry(
    422,
    'The archive of the batch is damaged, hostile or beyond the limits.',
    'Make it anew with an ordinary zip program, from the files alone and without installed packages; the detail has the reason.',
  ),
  'batch.too-many-files': entry(
    422,
    'The batch has too many files.',
    'Split the batch; the limit is in the detail.',
  ),
  'batch.upload-unreadable': entry(
    500,
    'The stored files of the batch are gone or damaged.',
    'Bring the artifacts back and redrive the dead letter, or submit the files again.',
  ),
  'report.too-large': entry(
    422,
    'The batch has more items than are reported at once.',
    'Ask for the reports of its requests, file by file.',
  ),
  // Git hosts and projects.
  'git.address-invalid': entry(
    400,
    'The source of the project is not one that is read.',
    'Give an address such as https://git.example/team/project.git, a branch, tag or commit, and paths within the repository.',
  ),
  'git.credentials-in-address': entry(
    400,
    'The address has credentials in it.',
    'Take them out, and change them: they may be in logs by now. Name a credential of GIT_CREDENTIALS instead.',
  ),
  'git.host-not-allowed': entry(
    422,
    'The git host is not one that Sluice may fetch from.',
    'Name the host in GIT_HOSTS if it is right: with its protocol, such as https://git.example, where it has a private address.',
  ),
  'git.credential-not-usable': entry(
    422,
    'The credential cannot be used for this repository.',
    'Check its name, and its host, scopes and files in GIT_CREDENTIALS.',
  ),
  'git.unreachable': entry(
    502,
    'The git host cannot be reached.',
    'Check the host, its certificate and the proxy, then refresh the project again.',
  ),
  'git.auth': entry(
    502,
    'The git host does not let Sluice read the repository.',
    'Name a credential that may read it, or renew its token or key.',
  ),
  'git.host-key': entry(
    502,
    'The git host shows a key that is not known.',
    'Compare the key with the host, and put it into the knownHostsFile of the credential.',
  ),
  'git.repository-not-found': entry(
    422,
    'The git host has no such repository, or does not show it.',
    'Check the address; a private repository needs a credential.',
  ),
  'git.ref-not-found': entry(
    422,
    'The repository has no such branch, tag or commit.',
    'Change the ref of the project.',
  ),
  'git.path-not-found': entry(
    422,
    'The commit has nothing at one of the paths of the project.',
    'Correct the paths of the project: PATCH /v1/projects/{id}, or add it anew with the right --path.',
  ),
  'git.redirected': entry(
    422,
    'The git host points to another address.',
    'Give the project the address that the repository has now.',
  ),
  'git.too-large': entry(
    422,
    'The commit is larger than the limit.',
    'Name the paths that are to be read, or raise GIT_MAX_BYTES.',
  ),
  'git.too-many-files': entry(
    422,
    'The commit has more files than are looked at.',
    'Name the paths that are to be read.',
  ),
  'git.timeout': entry(
    504,
    'The repository could not be read in time.',
    'Check the git host, or raise GIT_TIMEOUT_SECONDS; then refresh the project again.',
  ),
  'git.unavailable': entry(
    500,
    'The importer has no git that it can use.',
    'Install git 2.37 or newer where the importer runs, and ssh for addresses of that kind; then refresh the project again.',
  ),
  'git.failed': entry(
    502,
    'Git could not read the repository.',
    "The importer's log has git's own words; mend the repository or the git host, then refresh the project again.",
  ),
  // Webhooks that tell other programs.
  'webhook.not-found': entry(404, 'There is no such webhook.', 'Check the id; GET /v1/webhooks lists them.'),
  'delivery.not-found': entry(
    404,
    'The webhook has no such delivery.',
    'Check the id; GET /v1/webhooks/{id}/deliveries lists those that are kept.',
  ),
  'webhook.address-refused': entry(
    422,
    'Nothing is sent to this address.',
    'Give an https address that resolves to a public one; an operator names others in WEBHOOK_HOSTS.',
  ),
  'webhook.unavailable': entry(
    503,
    'Secrets of webhooks cannot be kept.',
    'Set SECRETS_KEY_FILE of the notifier to a file with a key; docs/webhooks.md says how it is made.',
  ),
  'webhook.sealed': entry(
    500,
    'The secret of the webhook cannot be read.',
    'Put the key that it was sealed with back into SECRETS_KEY_FILE of the notifier, below the present one.',
  ),
  'mail.unavailable': entry(503, 'Mails cannot be sent.', 'Set SMTP_URL and SMTP_FROM of the notifier.'),
  'mail.refused': entry(
    502,
    'The mail server does not take the mail.',
    'The detail has the words of the server: mend the address, the server or SMTP_URL.',
  ),
  'webhook.name-taken': entry(409, 'There is a webhook of this name.', 'Use another name.'),
  'webhook.too-many': entry(
    409,
    'There are as many webhooks as there may be.',
    'Remove some; one webhook can be for several types.',
  ),
  'webhook.disabled': entry(
    409,
    'The webhook is disabled.',
    'Mend the receiver, then enable it: POST /v1/webhooks/{id}/enable.',
  ),
  'webhook.unsigned': entry(
    409,
    'Messages of this format are not signed.',
    'Use the format `standard` for signed messages, or give the webhook another address.',
  ),
  'webhook.gone': entry(
    410,
    'The receiver says that it is gone.',
    'Remove the webhook, or give it another address and enable it.',
  ),
  'webhook.failing': entry(
    502,
    'The receiver failed for days.',
    'Mend the receiver, enable the webhook, and replay what it missed.',
  ),
  // Conflicts with the state of things.
  'project.name-taken': entry(
    409,
    'The scope has a project of this name.',
    'Use another name, or archive the other project.',
  ),
  'project.archived': entry(
    409,
    'The project is archived.',
    'Add it anew if it is needed; its history stays with the archived one.',
  ),
  'project.no-result': entry(
    409,
    'There is no completed refresh to compare with.',
    'Wait for a refresh that completes, or name two that have.',
  ),
  'quota.exceeded': entry(
    429,
    'This was done as often as it may be for now.',
    'Wait until the time in Retry-After. The headers RateLimit and RateLimit-Policy say how much is left; the quota of a project is in the answers about it.',
  ),
  'batch.ended': entry(
    409,
    'The batch has ended.',
    'There is nothing left to cancel; submit it again if it is needed.',
  ),
  'request.ended': entry(
    409,
    'The request has ended.',
    'There is nothing left to cancel or to move; submit it again if it is needed.',
  ),
  'policy.invalid': entry(
    400,
    'The policy cannot be read.',
    'Mend what the detail names; docs/policy.md has every key.',
  ),
  'waiver.not-found': entry(404, 'There is no such waiver.', 'Check the id; GET /v1/waivers lists them.'),
  'waiver.ended': entry(
    409,
    'The waiver has ended already.',
    'Nothing to do; waive the reason anew if it has to go on.',
  ),
  'waiver.not-possible': entry(
    409,
    'This cannot be waived.',
    'Name codes of reasons that the policy lets people override, and an end within a year.',
  ),
  'waiver.needs-second': entry(
    409,
    'The policy wants two people for this, and a waiver is the word of one.',
    'Have two people with the role approver approve each version that is needed.',
  ),
  'replay.ended': entry(
    409,
    'There is nothing left of the replay to cancel.',
    'Nothing to do: all its package versions have had their turn.',
  ),
  'package.not-assessed': entry(
    409,
    'The package version is still being assessed.',
    'Wait for its verdict, then decide.',
  ),
  'decision.count-differs': entry(
    409,
    'Another number of package versions would be decided than was expected.',
    'Preview it again, look at the list, and send the number that it has.',
  ),
  'decision.too-many': entry(
    409,
    'These are too many package versions to decide at once.',
    'Name at most 500 of them, and decide the others after these.',
  ),
  'decision.unchanged': entry(
    409,
    'This decision already holds.',
    'Nothing to do; another reason or end makes it a new decision.',
  ),
  'decision.ends-in-past': entry(
    400,
    'The decision would have ended already.',
    'Give a time to come as its end, or none.',
  ),
  'decision.self': entry(
    403,
    'The policy does not let requesters approve what they asked for.',
    'Ask somebody else with the role approver to look at it.',
  ),
  'decision.needs-second': entry(
    409,
    'Another person has to approve it as well.',
    'Ask a second person with the role approver to approve it; this approval is kept for that.',
  ),
  'decision.emergency-too-long': entry(
    400,
    'An approval in an emergency holds for a day at most.',
    'Give an end within 24 hours, and have it approved the usual way meanwhile.',
  ),
  'decision.blocked': entry(
    409,
    'The policy does not let anybody override this verdict.',
    'Change the policy if the verdict is wrong.',
  ),
  'decision.stale': entry(
    409,
    'There is a newer assessment than the one you decided on.',
    'Read the newer evidence, then decide again.',
  ),
  // Upstream and evidence.
  'registry.unavailable': entry(
    503,
    'The registry does not answer.',
    'Nothing: the stage waits and goes on by itself. Check the registry if it lasts.',
  ),
  'registry.unusable-answer': entry(
    502,
    'Something answers in place of the registry.',
    'Look for a portal, a login page or a proxy before the registry, a token that has run out, and NPM_REGISTRY_URL.',
  ),
  'upstream.paused': entry(
    503,
    'Somebody paused the host.',
    'Nothing: the work goes on when the host is resumed; GET /v1/controls says who paused it and why.',
  ),
  'registry.version-not-found': entry(
    404,
    'The registry has no such package version.',
    'It may be unpublished or private: check the name, the version and the configured registry.',
  ),
  'registry.invalid-metadata': entry(
    502,
    'The registry sent metadata that cannot be read.',
    'Look at the registry: a proxy may have answered instead of it.',
  ),
  'egress.forbidden': entry(
    422,
    'The address is not one that Sluice may fetch from.',
    'Allow the host in EGRESS_ALLOW_HOSTS if it is right.',
  ),
  'egress.certificate': entry(
    502,
    'The certificate of a host is not accepted.',
    'Set EGRESS_CA_FILE to a file with the authority that issued it, or mend the certificate; the stage waits meanwhile.',
  ),
  'egress.too-large': entry(
    502,
    'The answer is larger than the limit.',
    'Raise the limit if the package is legitimate.',
  ),
  'egress.broken-off': entry(
    502,
    'The answer broke off in the middle.',
    'Nothing at first: it is tried again. Look at the registry or the proxy if it lasts.',
  ),
  'artifact.unavailable': entry(
    503,
    'The artifact store is not available.',
    'Make room, mount or mend the folder of ARTIFACTS_DIR, or the bucket of ARTIFACTS_S3_URL; everything goes on by itself then.',
  ),
  'artifact.another-store': entry(
    500,
    'The place is not the artifact store of this installation.',
    "Set ARTIFACTS_DIR to the store's folder or ARTIFACTS_S3_URL to its bucket, or mount the folder.",
  ),
  'artifact.missing': entry(
    500,
    'Stored bytes are gone.',
    'Nothing at first: the package version goes through the stages again. Then look for what removes files, and retry it.',
  ),
  'artifact.corrupt': entry(
    500,
    'Stored bytes cannot be read, or do not match their digest.',
    'Nothing at first: the package version goes through the stages again. Then check the disk, and retry it.',
  ),
  'artifact.too-large': entry(
    500,
    'Stored bytes are larger than the reader takes in.',
    'Raise the limit if the package is legitimate.',
  ),
  'scanner.child-failed': entry(
    500,
    'The scanning process died or ran out of time.',
    'Look at the scanner log; the archive may be hostile.',
  ),
  'advisories.invalid': entry(
    422,
    'This is not an OSV export.',
    'Import a zip or folder of OSV records, one JSON file each.',
  ),
  // Read models.
  'projection.busy': entry(
    409,
    'Read models are being rebuilt or verified already.',
    'Wait until the other one has ended.',
  ),
  'projection.incomplete': entry(
    409,
    'The rebuilt read models would lack what the live ones have.',
    'Bring back what the detail names, from a backup of the artifact store; the live read models are as they were.',
  ),
  // Delivery.
  'message.undecodable': entry(
    500,
    'The message cannot be decoded.',
    'Inspect the dead letter; discard it if nobody knows what sent it.',
  ),
  'message.unknown-version': entry(
    500,
    'The message has a newer major version than this service knows.',
    'Upgrade the service, then redrive.',
  ),
  exhausted: entry(
    500,
    'Every attempt failed.',
    'Read the last error in the dead letter, mend the cause, then redrive.',
  ),
  stuck: entry(500, 'The package version made no progress.', 'Check the stage that it is in, then retry it.'),
  shutdown: entry(
    503,
    'The service is stopping.',
    'Nothing: the work goes on elsewhere or after the restart.',
  ),
  'backend.unavailable': entry(
    503,
    'A part that is needed for this is not available.',
    'Try again; /readyz names the part.',
  ),
  'backend.timeout': entry(
    504,
    'A part that is needed for this did not answer in time.',
    'Try again; /readyz names the part.',
  ),
  'backend.backlog': entry(
    503,
    'Too much waits to be passed on already.',
    'Send it again after the time in Retry-After; NATS has been away for a while.',
  ),
  // The gate.
  'gate.held': entry(
    403,
    'The package version may not be installed now.',
    'Ask a reviewer for it, or install the nearest approved version.',
  ),
  'gate.not-found': entry(
    404,
    'There is no such package.',
    'Check the name, and the address that the client is configured with.',
  ),
  'gate.read-only': entry(405, 'The gate serves packages and takes none.', 'Publish to the registry itself.'),
  'gate.no-login': entry(
    501,
    'The gate has no accounts of its own.',
    'Make a key with `sluice keys create`, and put it where the client keeps its token.',
  ),
  'gate.not-ready': entry(
    503,
    'The gate does not know yet what is approved.',
    'Try again in some seconds; /readyz of the gate says what it waits for.',
  ),
  // Setting up.
  'database.outdated': entry(
    500,
    'The database lacks tables of this version.',
    'Run `sluice migrate` with a role that may change tables, then start the service again.',
  ),
  'config.invalid': entry(500, 'The configuration is not valid.', 'Correct the variables that are named.'),
  internal: entry(
    500,
    'Something went wrong inside Sluice.',
    'Report it with the trace id; the log has the cause.',
  ),
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;

/** The code as this version knows it: a newer service may name one that it does not, which counts as `internal`. */
export function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal';
}
