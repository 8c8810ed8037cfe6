import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectProcessMetrics } from '@sluice/runtime';
import { findRepositoryRoot, testPromtool } from '@sluice/testkit';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Counter, Gauge, Histogram, register } from 'prom-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stackServices } from './services.ts';

const run = promisify(execFile);
const root = findRepositoryRoot();
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const folder = 'deploy/prometheus';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}
const { groups } = parse(read(`${folder}/alerts.yml`)) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Everything that the code registers: the services are imported, which is when metrics come to be. */
let registered: { name: string; type: string; labels: string[] }[];
beforeAll(() => {
  expect(stackServices.length).toBeGreaterThan(0);
  collectProcessMetrics();
  registered = register.getMetricsAsArray().map((metric) => {
    const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
    const type = [Counter, Gauge, Histogram].find((kind) => metric instanceof kind)?.name ?? 'unknown';
    return { name, type: type.toLowerCase(), labels: labelNames };
  });
});

it('docs/metrics.md lists every metric with its type and labels, and no other', () => {
  const documented = read('docs/metrics.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name, type, labels]) => ({
      name: name!.replaceAll('`', ''),
      type,
      labels: [...labels!.matchAll(/`(\w+)`/g)].map((match) => match[1]),
    }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(documented.toSorted(byName)).toEqual(registered.toSorted(byName));
});

describe('alerts.yml', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s asks for metrics and labels that the code has',
    (_, { expr }) => {
      const names = [...expr.matchAll(/\b(?:sluice|process|nodejs)_\w+/g)].map((match) => match[0]);
      // `up` is Prometheus' own.
      expect(names.length > 0 || /\bup\{/.test(expr)).toBe(true);
      for (const name of names) {
        const known = registered.find(
          (metric) => name.replace(/_(bucket|sum|count)$/, '') === metric.name || name === metric.name,
        );
        expect([name, known?.name]).toEqual([name, expect.any(String)]);
      }
      const labels = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap((match) => match[1]!.split(/,\s*/));
      const selected = [...expr.matchAll(/(sluice_\w+)\{(\w+)/g)].map(
        (match) => [match[1]!, match[2]!] as const,
      );
      const labelsOf = (name: string) => registered.find((metric) => metric.name === name)?.labels ?? [];
      for (const label of labels) for (const name of names) expect(labelsOf(name)).toContain(label);
      for (const [name, label] of selected) expect(labelsOf(name)).toContain(label);
    },
  );

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s says how bad it is and where to read on',
    (name, { labels, annotations }) => {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/./);
      const [file, anchor] = annotations.runbook.split('#');
      const section = read(file!)
        .split(/^### /m)
        .find((text) => text.split('\n')[0]!.toLowerCase() === anchor);
      expect([name, section?.split('\n')[0]]).toEqual([name, name]);
      expect(section).toMatch(/Cause\.[\s\S]+Check[\s\S]+[Rr]emedy/);
    },
  );

  it('names each alert once, and the runbook knows no other', () => {
    const sections = read('docs/runbook.md').split('\n## Alerts\n')[1]!.split('\n## ')[0]!;
    const headings = [...sections.matchAll(/^### (.+)$/gm)].map((match) => match[1]);
    expect(headings.toSorted()).toEqual(rules.map((rule) => rule.alert).toSorted());
  });

  it('has a case in alerts.test.yml where it fires and one where it is quiet', () => {
    const { tests } = parse(read(`${folder}/alerts.test.yml`)) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const cases = tests.flatMap((test) => test.alert_rule_test);
    const named = (fires: boolean) =>
      new Set(cases.filter((one) => one.exp_alerts.length > 0 === fires).map((one) => one.alertname));
    const names = new Set(rules.map((rule) => rule.alert));
    expect(named(true)).toEqual(names);
    expect(named(false)).toEqual(names);
  });

  it('fires when it must and is quiet when it may, as promtool reckons', async (context) => {
    const promtool = await testPromtool();
    if (promtool === null) return context.skip('skipped: promtool not found');
    await run(promtool, ['check', 'rules', 'alerts.yml'], { cwd: join(root, folder) });
    const { stdout } = await run(promtool, ['test', 'rules', 'alerts.test.yml'], { cwd: join(root, folder) });
    expect(stdout).toContain('SUCCESS');
    return undefined;
  });

  it('is loaded by the Prometheus of docker-compose.yml', () => {
    const { rule_files: files } = parse(read(`${folder}/prometheus.yml`)) as { rule_files: string[] };
    expect(files).toEqual(['alerts.yml']);
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
      services: { prometheus: { volumes: string[] } };
    };
    const mounted = services.prometheus.volumes.map((volume) => volume.split(':').slice(0, 2));
    expect(mounted).toContainEqual([`./${folder}/alerts.yml`, '/etc/prometheus/alerts.yml']);
  });
});
