import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { signedVerdictSchema, signingKeysSchema } from '@sluice/api';
import { defaultScope } from '@sluice/contracts';
import { readVerifyingKeys, verifyVerdict, type FileDigest, type Verified } from '@sluice/signing';
import type { Command } from 'commander';
import { packageVersion } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import {
  apiCommand,
  inScope,
  outputCommand,
  scoped,
  type ApiOptions,
  type ScopeOptions,
} from '../options.ts';
import { print, type OutputOptions } from '../output.ts';
import { printable } from '../render/printable.ts';

interface VerifyOptions extends OutputOptions {
  scope: string;
  package?: string;
  verdict: string;
  keys: string;
}

/** `sluice verdict`, `sluice signing-keys` and `sluice verify`: decisions as signed statements. */
export function verifyCommands(program: Command): void {
  scoped(apiCommand(program, 'verdict'))
    .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
    .option('--output <file>', 'write it there')
    .description('get the decision on a package version as a signed statement')
    .action((purl: string, options: ApiOptions & ScopeOptions & { output?: string }) =>
      withApi(options, async (api) => {
        const address = inScope(`/v1/packages/${encodeURIComponent(purl)}/verdict`, options);
        const text = `${JSON.stringify(await api.get(signedVerdictSchema, address))}\n`;
        if (options.output === undefined) process.stdout.write(text);
        else await writeFile(options.output, text);
      }),
    );
  apiCommand(program, 'signing-keys')
    .description('print the public keys of signed decisions as PEM; keep them where `verify` runs')
    .action((options: ApiOptions) =>
      withApi(options, async (api) =>
        print(options, await api.get(signingKeysSchema, '/v1/signing-keys'), ({ keys }) =>
          keys.map(({ pem }) => pem).join(''),
        ),
      ),
    );
  outputCommand(program, 'verify')
    .argument('<files...>', 'archives, as they were downloaded')
    .requiredOption('--verdict <file>', 'the signed statement, as `verdict` gets it')
    .requiredOption('--keys <file>', 'public keys as PEM, as `signing-keys` prints them')
    .option('--scope <name>', 'the scope whose decision counts', defaultScope)
    .option(
      '--package <package>',
      'the package version that it has to be of; any one otherwise',
      packageVersion,
    )
    .description('test without a server that a signed decision approves these very files')
    .action(async (files: string[], options: VerifyOptions) => {
      const trusted = readVerifyingKeys(await read(options.keys));
      const digests = await Promise.all(files.map(digestOf));
      const now = new Date();
      const { scope, package: purl } = options;
      const verified = verifyVerdict(await read(options.verdict), {
        trusted,
        files: digests,
        scope,
        purl,
        now,
      });
      print(options, verified, renderVerified);
      if (!verified.ok) process.exitCode = exitCodes.attention;
    });
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(cause as Error).message}`);
  });
}

async function digestOf(file: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash).catch((cause: unknown) => {
    throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(cause as Error).message}`);
  });
  return { name: path.basename(file), sha256: hash.digest('hex') };
}

/** Pure. */
export function renderVerified(verified: Verified): string {
  if (!verified.ok) return `Not verified (${verified.code}): ${printable(verified.detail)}\n`;
  const { resourceUri, policy, sluice } = verified.statement.predicate;
  const until = sluice.decision?.until ? ` until ${sluice.decision.until}` : '';
  return printable(`${resourceUri} is approved in ${sluice.scope}${until}, by ${policy.uri}.`) + '\n';
}
