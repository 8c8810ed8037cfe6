import { createHash } from 'node:crypto';
import type { Report } from '@sluice/api';
import type { Severity } from '@sluice/contracts';
import { findingsOf, nameOf, unreadOf, type ReportFinding } from './findings.ts';

/** Code hosts refuse a run with more. */
const resultsMax = 25_000;

/** Scores by which code hosts show a severity of their own: above 9 critical, 7 high, 4 medium. */
const scores: Record<Severity, string> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
};

/**
 * SARIF 2.1.0: one result for each reason, at the line of the file where it is known. A code host shows it at the lines of a review.
 * Source: OASIS SARIF 2.1.0; code hosts need a relative address, a line and a stable fingerprint of each result.
 */
export function renderSarif(report: Report): string {
  const all = findingsOf(report);
  const shown = all.slice(0, resultsMax);
  const ids = [...new Set(shown.map(({ code }) => code))];
  const isWhole = report.requests.every(({ request }) => request.state === 'completed');
  const left = all.length - shown.length;
  const unread = unreadOf(report);
  const notifications = [
    ...(left > 0 ? [{ level: 'warning', message: { text: `${left} more results were left out.` } }] : []),
    ...unread.map(({ file, code, message }) => ({
      level: 'error',
      message: { text: `${file} could not be read: ${code}  ${message}` },
      locations: [{ physicalLocation: { artifactLocation: artifactOf(file) } }],
    })),
  ];
  return json({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Sluice',
            semanticVersion: report.generator.version,
            rules: ids.map((id) =>
              ruleOf(
                id,
                shown.filter(({ code }) => code === id),
              ),
            ),
          },
        },
        invocations: [
          {
            executionSuccessful: isWhole && unread.length === 0,
            ...(notifications.length > 0 ? { toolExecutionNotifications: notifications } : {}),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: shown.map((finding) => resultOf(finding, ids.indexOf(finding.code))),
      },
    ],
  });
}

function artifactOf(file: string) {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}

function ruleOf(id: string, findings: ReportFinding[]) {
  const [gravest] = findings;
  const remedy = findings.find((finding) => finding.remedy !== null)?.remedy;
  return {
    id,
    shortDescription: { text: id },
    help: { text: remedy ?? 'See docs/runbook.md and docs/policy.md of Sluice.' },
    defaultConfiguration: { level: levelOf(gravest!) },
    properties: { tags: ['security'], 'security-severity': scores[gravest!.severity] },
  };
}

function resultOf(finding: ReportFinding, ruleIndex: number) {
  const { item, file, code, message, remedy } = finding;
  const subject = nameOf(item);
  return {
    ruleId: code,
    ruleIndex,
    level: levelOf(finding),
    message: { text: [`${subject}: ${message}`, remedy].filter((text) => text !== null).join(' ') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(file),
          region: { startLine: item.line ?? 1 },
        },
      },
    ],
    partialFingerprints: { 'sluice/v1': fingerprint([file, code, item.purl ?? subject, message]) },
    properties: { purl: item.purl, standing: item.standing, severity: finding.severity },
  };
}

const levelOf = ({ isError, severity }: ReportFinding) =>
  isError ? 'error' : severity === 'info' || severity === 'low' ? 'note' : 'warning';

/** The same from one report to the next, wherever the lines of the file move. */
function fingerprint(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
