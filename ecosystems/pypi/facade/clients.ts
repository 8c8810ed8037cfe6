import type { Facade } from '@sluice/facades';

/** The address of the index. Programs that know user and password only send the key as the password. */
function indexOf({ url, key }: { url: string; key: string | null }): string {
  const index = new URL(`${url}/pypi/simple/`);
  if (key !== null) [index.username, index.password] = ['sluice', key];
  return index.href;
}

export const pypiClients: Facade['clients'] = {
  pip: {
    readBy: 'pip',
    file: 'pip.conf',
    text: (at) => `[global]\nindex-url = ${indexOf(at)}\n`,
  },
  uv: {
    readBy: 'uv',
    file: 'uv.toml',
    text: (at) => `[[index]]\nurl = ${JSON.stringify(indexOf(at))}\ndefault = true\n`,
  },
};
