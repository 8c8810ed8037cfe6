import type { Facade } from '@sluice/facades';

const addressOf = (url: string) => `${url}/npm/`;

export const npmClients: Facade['clients'] = {
  npm: {
    readBy: 'npm, pnpm, Yarn 1 and Bun',
    file: '.npmrc',
    text: ({ url, key }) => {
      const address = addressOf(url);
      const lines = [
        `registry=${address}`,
        ...(key === null ? [] : [`${address.replace(/^https?:/, '')}:_authToken=${key}`]),
        // Lockfiles that were made elsewhere name another host for each archive.
        'replace-registry-host=always',
      ];
      return `${lines.join('\n')}\n`;
    },
  },
  yarn: {
    readBy: 'Yarn 2 and newer',
    file: '.yarnrc.yml',
    text: ({ url, key }) => {
      const { protocol, hostname } = new URL(url);
      const lines = [
        `npmRegistryServer: ${JSON.stringify(addressOf(url))}`,
        ...(key === null ? [] : [`npmAuthToken: ${JSON.stringify(key)}`, 'npmAlwaysAuth: true']),
        ...(protocol === 'http:' ? [`unsafeHttpWhitelist: [${JSON.stringify(hostname)}]`] : []),
      ];
      return `${lines.join('\n')}\n`;
    },
  },
};
