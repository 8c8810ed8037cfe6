import type { Report, ReportItem } from '@sluice/api';
import { componentOf, documentOf, statementOf } from './cyclonedx.ts';
import { plain } from './findings.ts';
import { packagesOf } from './packages.ts';

/**
 * VEX in CycloneDX 1.6: a statement for each advisory and package version that it affects. Sluice knows which versions an advisory
 * affects, not whether their code is reached: a version is `exploitable` once it is decided about, and `in_triage` before. It is
 * never `not_affected`. (OpenVEX has no document without statements, so a request without advisories could not be told.)
 */
export function renderVex(report: Report): string {
  const packages = packagesOf(report).filter(({ advisories }) => advisories.length > 0);
  const document = {
    ...documentOf(report),
    components: packages.map((item, index) => componentOf(item, index)),
    vulnerabilities: packages.flatMap((item, index) =>
      item.advisories.map((advisory, number) => ({
        ...statementOf(advisory, [{ item, index }]),
        'bom-ref': `statement-${index + 1}-${number + 1}`,
        analysis: analysisOf(item, advisory),
      })),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function analysisOf({ standing, decision }: ReportItem, { fixedIn }: ReportItem['advisories'][number]) {
  const isDecided = decision !== null && decision.state !== 'recalled' && decision.state !== 'ended';
  const who = decision
    ? `${decision.state} by ${decision.by.name}: ${decision.reason}`
    : `It is ${standing}.`;
  return {
    state: isDecided ? 'exploitable' : 'in_triage',
    ...(fixedIn === null ? {} : { response: ['update'] }),
    detail: plain(who),
  };
}
