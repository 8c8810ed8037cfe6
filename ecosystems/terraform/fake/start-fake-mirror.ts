import { startFakeHost, type Answer, type FakeHost } from '@sluice/testkit/fakes';

export interface MirroredProvider {
  /** `registry.example/acme/thing`. */
  name: string;
  version: string;
  /** By platform. */
  archives: Record<string, { body: Uint8Array; hashes?: string[] }>;
}

export interface FakeTerraformMirror extends FakeHost {
  /** Address of the mirror, as Terraform's `network_mirror` has it. */
  mirrorUrl: string;
  publish(provider: MirroredProvider): Record<string, string>;
  serve(path: string, body: string | Uint8Array, type?: string): void;
}

/** A network mirror over local HTTP, laid out as `terraform providers mirror` does. */
export async function startFakeTerraformMirror(): Promise<FakeTerraformMirror> {
  const answers = new Map<string, Answer>();
  const versions = new Map<string, Record<string, object>>();
  const host = await startFakeHost(
    (path) =>
      answers.get(path) ?? { status: 404, type: 'text/plain', body: Buffer.from('404 page not found') },
  );
  const serve = (path: string, body: string | Uint8Array, type = 'application/octet-stream') =>
    void answers.set(path, { status: 200, type, body: Buffer.from(body as string) });
  return {
    ...host,
    mirrorUrl: `${host.url}/mirror/`,
    serve,
    publish({ name, version, archives }) {
      const folder = `/mirror/${name}`;
      const type = name.split('/').at(-1);
      const urls: Record<string, string> = {};
      const listed: Record<string, object> = {};
      for (const [platform, { body, hashes }] of Object.entries(archives)) {
        const file = `terraform-provider-${type}_${version}_${platform}.zip`;
        serve(`${folder}/${file}`, body, 'application/zip');
        urls[platform] = `${host.url}${folder}/${file}`;
        listed[platform] = { url: file, ...(hashes ? { hashes } : {}) };
      }
      versions.set(name, { ...versions.get(name), [version]: {} });
      const json = (path: string, value: unknown) => serve(path, JSON.stringify(value), 'application/json');
      json(`${folder}/index.json`, { versions: versions.get(name) });
      json(`${folder}/${version}.json`, { archives: listed });
      return urls;
    },
  };
}
