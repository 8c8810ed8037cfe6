import { packageSchema, type Accepted, type PackageDetail } from '@sluice/api';
import { facades } from '@sluice/ecosystems/facade';
import { Option, type Command } from 'commander';
import { packageVersion } from '../arguments.ts';
import { withApi, withStack } from '../connect.ts';
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
import { describeDecision } from '../render/result.ts';
import { printable } from '../render/printable.ts';

interface ConfigOptions extends OutputOptions {
  client: string;
  url?: string;
}

const clients = new Map(facades.flatMap((facade) => Object.entries(facade.clients)));
const clientsInWords = [...clients].map(([name, { readBy }]) => `${name} for ${readBy}`).join('; ');

/** `sluice gate config`, `why` and `ask`: for those who install through the gate. */
export function gateCommands(program: Command): void {
  const gate = program.command('gate').description('the gate that package managers install through');
  outputCommand(gate, 'config')
    .addOption(
      new Option('--client <name>', `whose file: ${clientsInWords}`)
        .choices([...clients.keys()])
        .default(clients.keys().next().value),
    )
    .option('--url <url>', 'a gate elsewhere, with the key in SLUICE_KEY; the one of this folder otherwise')
    .description('print what package managers are configured with, to install through the gate')
    .action((options: ConfigOptions) => showConfig(options));

  scoped(apiCommand(program, 'why'))
    .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
    .description('say why a package version may or may not be installed, and what to do')
    .action((purl: string, options: ApiOptions & ScopeOptions) =>
      withApi(options, async (api) => {
        const path = inScope(`/v1/packages/${encodeURIComponent(purl)}`, options);
        print(options, await api.get(packageSchema, path), renderWhy);
      }),
    );

  scoped(apiCommand(program, 'ask'))
    .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
    .option('--reason <text>', 'what it is needed for; reviewers see it')
    .description('ask for a package version, as the gate does for what nobody has asked for')
    .action((purl: string, options: ApiOptions & ScopeOptions & { reason?: string }) =>
      withApi(options, async (api) => {
        const { scope, reason } = options;
        const accepted = await api.submit(Buffer.from(`${purl}\n`), {
          filename: 'ask.txt',
          lane: 'interactive',
          labels: reason === undefined ? [] : [`reason=${reason}`],
          platforms: [],
          ...(scope === undefined ? {} : { scope }),
        });
        print(options, accepted, (answer: Accepted) => `Asked for ${purl}, in request ${answer.id}.\n`);
      }),
    );
}

async function showConfig({ client, url, ...options }: ConfigOptions): Promise<void> {
  const { file, text } = clients.get(client)!;
  const show = (at: { url: string; key: string | null }) =>
    print(options, { file, text: text(at) }, (made) => `# ${made.file}\n${made.text}`);
  if (url !== undefined) {
    if (!URL.canParse(url))
      throw new CommandError(exitCodes.usage, `"${url}" is no address.`, 'Write it as https://gate.example.');
    return show({ url: url.replace(/\/+$/, ''), key: process.env['SLUICE_KEY'] ?? null });
  }
  await withStack(async ({ gateUrl, apiKey }) => {
    if (gateUrl === undefined)
      throw new CommandError(
        exitCodes.server,
        'The Sluice of this folder has no gate.',
        'Start it anew with npm start.',
      );
    show({ url: gateUrl, key: apiKey });
  });
}

/** The answer first, then each reason with what to do about it. */
function renderWhy({ purl, state, verdict, decision, failure }: PackageDetail): string {
  const holds = decision && decision.state !== 'ended' ? decision : null;
  const lines = [`${purl}: ${answerOf(state, verdict?.outcome ?? null, holds?.state ?? null)}`];
  if (holds) lines.push(`  ${holds.state} at ${holds.at} ${describeDecision(holds)}`);
  if (failure) lines.push(`  It failed in ${failure.stage}: ${failure.code}  ${failure.detail}`);
  for (const { outcome, code, message, remedy } of verdict?.reasons ?? []) {
    if (outcome !== 'approve') lines.push(`  ${code}  ${message}`, `    → ${remedy}`);
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function answerOf(state: string, outcome: string | null, decision: string | null): string {
  if (decision === 'approved') return 'may be installed.';
  if (decision === 'rejected') return 'may not be installed: it is rejected.';
  if (decision === 'recalled')
    return 'may not be installed: its approval was taken back, and it waits for a person.';
  if (outcome !== null) return 'may not be installed yet: it waits for a person.';
  return `may not be installed yet: it is ${state}.`;
}
